"""Which rows of a source match, and how well: bounded reads over the trigram indexes.

Rows are found in arms, each over one text and its index, each cut at its
newest rows; only what the arms brought is ranked.
"""

import re
from enum import IntEnum
from functools import reduce
from operator import add, or_
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import (
    Case,
    Count,
    FloatField,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, Greatest

from salespeople.visibility import Person, salesperson_of
from search.sources import Source
from search.typed import Typed

MOST_FOUND = 200  # rows that an arm brings
MOST_NAMED = 2000  # rows that lead to others
MOST_ALIKE = 500
MOST_TRIED = 3  # words by which rows are looked for; the others are compared
FEWEST_MISTYPED = 4  # letters of a word that may be mistyped
THREE = re.compile(r"[^\W_]{3}")


class Rank(IntEnum):
    """How well a row fits, the best first."""

    NUMBER = 0
    NAME = 1  # its text begins with all that was typed, in whole words
    BEGINS = 2  # its text begins with what was typed
    WORDS = 3  # each word begins one of its words
    CONTAINS = 4
    ELSEWHERE = 5  # some words stand in the names that lead to it
    ALIKE = 6
    ALIKE_ELSEWHERE = 7


def matching(source: Source, typed: Typed, user: Person) -> QuerySet[Any]:
    """Return the rows that contain every word, or have the number, the best first.

    They carry `rank`, and `found`: how many there are, as far as they were read.
    """
    visible = source.rows(user)
    arms = [*_numbered(source, typed, visible), *_containing(source, typed, visible, user)]
    return _ordered(source, _chosen(visible, arms).annotate(rank=_rank(source, typed)), user)


def alike(source: Source, typed: Typed, user: Person) -> QuerySet[Any]:
    """Return the rows that contain every word but one, and for that one a similar one."""
    visible = source.rows(user)
    mistyped = [word for word in typed.words if _may_be_mistyped(word)][:MOST_TRIED]
    if not source.alike or not mistyped:
        return visible.none()
    arms = []
    for word in mistyped:
        rows = visible
        for other in typed.words:
            if other != word:
                rows = rows.filter(_anywhere(source, other) | _similar(source, other))
        found = [rows.filter(_led_to_alike(rows, path, word)) for path in source.alike]
        arms += [arm.order_by("-pk").values("pk")[:MOST_FOUND] for arm in found]
    nearness = reduce(add, [_nearness(source, word) for word in mistyped])
    own = [Q((f"{source.own}__trigram_word_similar", word)) for word in mistyped]
    rank = Case(When(reduce(or_, own), then=int(Rank.ALIKE)), default=int(Rank.ALIKE_ELSEWHERE))
    chosen = _chosen(visible, arms).annotate(rank=rank, nearness=nearness)
    return _ordered(source, chosen, user, "-nearness")


def _numbered(source: Source, typed: Typed, visible: QuerySet[Any]) -> list[QuerySet[Any]]:
    """Return the arm of the row with the number that was typed."""
    number = typed.number_for(source.prefix)
    return [] if number is None else [visible.filter(pk=number).order_by().values("pk")]


def _containing(
    source: Source, typed: Typed, visible: QuerySet[Any], user: Person
) -> list[QuerySet[Any]]:
    """Return the arms: by the row's own text, by what leads to it, and the person's own rows.

    Of several words the longest is looked for first in the row's own text; what
    leads to rows is limited, so there each word is tried.
    """
    if not typed.words:
        return []

    def where(word: str, condition: Q) -> QuerySet[Any]:
        rows = visible.filter(condition)
        for other in typed.words:
            rows = rows.filter(_anywhere(source, other)) if other != word else rows
        return rows

    main, *others = sorted(typed.words, key=len, reverse=True)[:MOST_TRIED]
    arms = [where(main, _contains(source.own, main))] if source.own else []
    for word in (main, *others):
        arms += [where(word, _led_to(visible, path, word)) for path in source.others]
    own = salesperson_of(user)
    if own is not None:
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
        own, text = source.own, typed.phrase
        starts, contains = Q(), Q()
        for word in typed.words:
            starts &= _starts(own, word)
            contains &= Q((f"{own}__contains", word))
        cases += [
            When(Q((own, text)) | Q((f"{own}__startswith", f"{text} ")), then=int(Rank.NAME)),
            When(Q((f"{own}__startswith", text)), then=int(Rank.BEGINS)),
            When(starts, then=int(Rank.WORDS)),
            When(contains, then=int(Rank.CONTAINS)),
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
    nearest = named.filter(Q((f"{text}__trigram_word_similar", word)))
    nearest = nearest.order_by(TrigramWordSimilarity(word, text).desc(), "-pk").values("pk")
    return Q((f"{relation}__in", nearest[:MOST_ALIKE]))


def _leading(rows: QuerySet[Any], path: str) -> tuple[str, str, QuerySet[Any]]:
    """Return the relation, the text, and the rows that hold it; of an own text, the rows' model."""
    relation, _separator, text = path.rpartition("__")
    model: Any = rows.model._meta.get_field(relation).related_model if relation else rows.model
    return relation or "pk", text, model.objects.all()


def _may_be_mistyped(word: str) -> bool:
    return len(word) >= FEWEST_MISTYPED and not word.isdigit()


def _anywhere(source: Source, word: str) -> Q:
    """Return the condition that `word` stands in one of the texts."""
    return reduce(or_, (_contains(path, word) for path in source.paths))


def _similar(source: Source, word: str) -> Q:
    """Return the condition that one of the texts has a word like `word`."""
    if not _may_be_mistyped(word):
        return Q(pk__in=[])
    return reduce(or_, (Q((f"{path}__trigram_word_similar", word)) for path in source.alike))


def _nearness(source: Source, word: str) -> Any:
    """Return how alike the nearest word is, 0–1."""
    found = [
        Coalesce(TrigramWordSimilarity(word, path), Value(0.0), output_field=FloatField())
        for path in source.alike
    ]
    return Greatest(*found) if len(found) > 1 else found[0]
