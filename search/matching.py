"""Which rows of a source match, and how well: bounded reads over the trigram indexes.

Rows are found in arms, each over one text and its index, each cut at its
newest rows; only what the arms brought is ranked.
"""

import re
from collections.abc import Sequence
from enum import IntEnum
from functools import reduce
from operator import add, and_, or_
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import (
    Case,
    Count,
    Exists,
    FloatField,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, Greatest

from crm.fields import Fold
from salespeople.models import User
from salespeople.visibility import Person, salesperson_of
from search.sources import SOURCES, Source
from search.typed import Typed

MOST_FOUND = 250  # rows that an arm brings: more than a page shows
MOST_NAMED = 2000  # rows that lead to others
MOST_ALIKE = 500
MOST_TRIED = 3  # words by which rows are looked for; the others are compared
FEWEST_MISTYPED = 4  # letters of a word that may be mistyped
MOST_TURNED = 12  # letters among which two may be turned round
BESIDE = 0.8  # what likeness counts beside the name
NEAR = 0.9  # how alike a word with two letters turned round is
THREE = re.compile(r"[^\W_]{3}")


class Rank(IntEnum):
    """How well a row fits, the best first."""

    NUMBER = 0
    EQUALS = 1  # its name is what was typed
    NAME = 2  # its name begins with all that was typed, in whole words
    BEGINS = 3  # its name begins with what was typed
    WORDS = 4  # each word begins a word of its name
    CONTAINS = 5
    REACHED = 6  # each word stands in its own text, a part of an e-mail address or phone number
    ELSEWHERE = 7  # some words stand in the names that lead to it
    ALIKE = 8
    ALIKE_ELSEWHERE = 9


def matching(source: Source, typed: Typed, user: Person) -> QuerySet[Any]:
    """Return the rows that contain every word, or have the number, the best first.

    They carry `rank`, and `found`: how many there are, as far as they were read.
    """
    visible = source.rows(user)
    arms = [*_numbered(source, typed, visible), *_containing(source, typed, visible, user)]
    chosen = _chosen(visible, arms)
    if source.own:
        chosen = chosen.alias(name_folded=Fold(source.name))
    return _ordered(source, chosen.annotate(rank=_rank(source, typed)), user)


def mistyped(typed: Typed, user: User) -> tuple[str, ...]:
    """Return the words that may be mistyped: long enough, and written nowhere, if any is."""
    long = [word for word in typed.words if len(word) >= FEWEST_MISTYPED and not word.isdigit()]
    if len(typed.words) == 1 or not long:
        return tuple(long)
    rows = {
        f"word{n}": reduce(
            or_, (Exists(s.rows(user).filter(_contains(s.own, word))) for s in SOURCES if s.own)
        )
        for n, word in enumerate(long)
    }
    is_known = User.objects.order_by().values_list(*rows.values()).get(pk=user.pk)
    unknown = [word for word, known in zip(long, is_known, strict=True) if not known]
    return tuple(unknown or long)[:MOST_TRIED]


def alike(source: Source, typed: Typed, user: Person, words: Sequence[str]) -> QuerySet[Any]:
    """Return the rows that contain all words but one of `words`, and for that one a like one."""
    visible = source.rows(user)
    if not source.alike or not words:
        return visible.none()
    arms = []
    for word in words:
        rows = visible
        for other in typed.words:
            if other != word:
                rows = rows.filter(_anywhere(source, other) | _similar(source, other))
        found = [rows.filter(_led_to_alike(rows, path, word)) for path in source.alike]
        arms += [arm.order_by("-pk").values("pk")[:MOST_FOUND] for arm in found]
    near = [_nearest(source, word) for word in typed.words if len(word) >= FEWEST_MISTYPED]
    nearness = reduce(add, near)
    own = [_is_like(source.own or "", word) for word in words]
    rank = Case(When(reduce(or_, own), then=int(Rank.ALIKE)), default=int(Rank.ALIKE_ELSEWHERE))
    chosen = _chosen(visible, arms).alias(name_folded=Fold(source.name))
    chosen = chosen.annotate(rank=rank, nearness=nearness)
    return _ordered(source, chosen, user, "-nearness")


def _numbered(source: Source, typed: Typed, visible: QuerySet[Any]) -> list[QuerySet[Any]]:
    """Return the arm of the row with the number that was typed."""
    number = typed.number_for(source.prefix)
    return [] if number is None else [visible.filter(pk=number).order_by().values("pk")]


def _containing(
    source: Source, typed: Typed, visible: QuerySet[Any], user: Person
) -> list[QuerySet[Any]]:
    """Return the arms: by the row's own text, by what leads to it, and the person's own rows.

    What begins with the phrase has an arm of its own, for it comes first. Of
    several words the longest is looked for in the row's own text; what leads to
    rows is limited, so there each word is tried.
    """
    if not typed.words:
        return []

    def where(word: str, condition: Q) -> QuerySet[Any]:
        rows = visible.filter(condition)
        for other in typed.words:
            rows = rows.filter(_anywhere(source, other)) if other != word else rows
        return rows

    main, *others = sorted(typed.words, key=len, reverse=True)[:MOST_TRIED]
    arms = []
    if source.own:
        arms = [
            visible.filter(Q((f"{source.own}__startswith", typed.phrase))),
            where(main, _contains(source.own, main)),
        ]
    for word in (main, *others):
        arms += [
            where(word, _led_to(visible, path, word) & _guard(source, path))
            for path in source.others
        ]
    own = salesperson_of(user)
    if own is not None and source.has_mine:
        mine = source.open_rows & Q((source.salesperson, own))
        arms.append(where("", mine))
    return [arm.order_by("-pk").values("pk")[:MOST_FOUND] for arm in arms]


def _chosen(visible: QuerySet[Any], arms: list[QuerySet[Any]]) -> QuerySet[Any]:
    if not arms:
        return visible.none()
    first, *rest = arms
    return visible.filter(pk__in=first.union(*rest) if rest else first)


def _ordered(source: Source, found: QuerySet[Any], user: Person, *before: str) -> QuerySet[Any]:
    """Order by `before`, rank, open before closed, mine before others, the newest first."""
    own = salesperson_of(user)
    is_mine = Q((source.salesperson, own)) if own is not None else Q(pk__in=[])
    ordered: QuerySet[Any] = (
        found.annotate(
            closed=Case(When(source.open_rows, then=0), default=1, output_field=IntegerField()),
            others=Case(When(is_mine, then=0), default=1, output_field=IntegerField()),
            found=Window(Count("pk")),
        )
        .select_related(*source.related)
        .order_by(*before, "rank", "closed", "others", "-pk")
    )
    return ordered


def _rank(source: Source, typed: Typed) -> Case:
    """Return how well the row's own text fits."""
    cases = []
    number = typed.number_for(source.prefix)
    if number is not None:
        cases.append(When(pk=number, then=Value(int(Rank.NUMBER))))
    if source.own and typed.words:
        text = typed.phrase
        contains = reduce(and_, [Q(("name_folded__contains", word)) for word in typed.words])
        reached = reduce(and_, [Q((f"{source.own}__contains", word)) for word in typed.words])
        cases += [
            When(Q(("name_folded", text)), then=int(Rank.EQUALS)),
            When(Q(("name_folded__startswith", f"{text} ")), then=int(Rank.NAME)),
            When(Q(("name_folded__startswith", text)), then=int(Rank.BEGINS)),
            When(
                reduce(and_, [_starts("name_folded", word) for word in typed.words]),
                then=int(Rank.WORDS),
            ),
            When(contains, then=int(Rank.CONTAINS)),
            When(reached, then=int(Rank.REACHED)),
        ]
    return Case(*cases, default=Value(int(Rank.ELSEWHERE)), output_field=IntegerField())


def _starts(path: str, word: str) -> Q:
    """Return the condition that `word` begins a word of the text."""
    return Q((f"{path}__startswith", word)) | Q((f"{path}__contains", f" {word}"))


def _contains(path: str, word: str) -> Q:
    """Return the condition that `word` stands in the text, in a form that the index answers.

    The index knows three letters in a row, or the beginning of a word.
    """
    return Q((f"{path}__contains", word)) if THREE.search(word) else _starts(path, word)


def _led_to(rows: QuerySet[Any], path: str, word: str) -> Q:
    """Return the condition that `word` stands in the text, the rows that hold it read first.

    They are limited, for otherwise the database may read all of `rows`, the
    newest first, in the hope of soon meeting one that is led to.
    """
    relation, text, named = _leading(rows, path)
    found = named.filter(_contains(text, word)).order_by("-pk").values("pk")
    return Q((f"{relation}__in", found[:MOST_NAMED]))


def _led_to_alike(rows: QuerySet[Any], path: str, word: str) -> Q:
    """Return the condition that a word like `word` stands in the text, the nearest first."""
    relation, text, named = _leading(rows, path)
    nearest = named.filter(_is_like(text, word)).order_by(_nearness(text, word).desc(), "-pk")
    return Q((f"{relation}__in", nearest.values("pk")[:MOST_ALIKE]))


def _leading(rows: QuerySet[Any], path: str) -> tuple[str, str, QuerySet[Any]]:
    """Return the relation, the text, and the rows that hold it; of an own text, the rows' model."""
    relation, _separator, text = path.rpartition("__")
    model: Any = rows.model._meta.get_field(relation).related_model if relation else rows.model
    return relation or "pk", text, model.objects.all()


def _anywhere(source: Source, word: str) -> Q:
    """Return the condition that `word` stands in one of the texts."""
    return reduce(or_, (_contains(path, word) & _guard(source, path) for path in source.paths))


def _guard(source: Source, path: str) -> Q:
    """Return the condition that the person may see what leads to the row by this text."""
    return Q(tells=True) if path == source.guarded else Q()


def _similar(source: Source, word: str) -> Q:
    """Return the condition that one of the texts has a word like `word`."""
    if len(word) < FEWEST_MISTYPED:
        return Q(pk__in=[])
    return reduce(or_, (_has_similar(path, word) for path in source.alike))


def _is_like(path: str, word: str) -> Q:
    """Return the condition that the text has a word like `word`.

    One with half of its trigrams or, for those are few then, with two of its
    letters turned round.
    """
    return reduce(or_, _turned(path, word), _has_similar(path, word))


def _has_similar(path: str, word: str) -> Q:
    return Q((f"{path}__trigram_word_similar", word))


def _turned(path: str, word: str) -> list[Q]:
    """Return the conditions that `word` stands in the text with two neighbours turned round."""
    pairs = range(min(len(word), MOST_TURNED) - 1)
    turned = {word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in pairs} - {word}
    return [_contains(path, each) for each in sorted(turned)]


def _nearest(source: Source, word: str) -> Any:
    """Return how alike the nearest word is, 0–1; in the name it counts most."""
    others = [_nearness(path, word) * Value(BESIDE) for path in source.alike]
    return Greatest(_nearness("name_folded", word), *others)


def _nearness(path: str, word: str) -> Any:
    """Return how alike the text's nearest word is, 0–1."""
    turned = reduce(or_, _turned(path, word), Q(pk__in=[]))
    letters = Coalesce(TrigramWordSimilarity(word, path), 0.0, output_field=FloatField())
    return Case(When(turned, then=NEAR), default=letters, output_field=FloatField())
