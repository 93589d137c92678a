"""Tags on opportunities: beside the ledger, like the description (ADR 0014)."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count

from contacts import tags
from contacts.models import Tag
from opportunities.lifecycle import at_end, once, together_with
from opportunities.lifecycle.checks import check_kept
from opportunities.lifecycle.ledger import locked
from opportunities.models import Opportunity
from salespeople.models import User


def add(opportunity: Opportunity, name: str, *, by: User) -> Tag:
    """Give it the tag of that name, which is made if there is none; a closed one too."""
    with locked(opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        return tags.put_noted(fresh, name, by=by)


def remove(opportunity: Opportunity, tag: Tag, *, by: User) -> None:
    """Take a tag off; one that is not on it is off already."""
    with locked(opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        tags.take_noted(fresh, tag, by=by)


def add_in_part(opportunity: Opportunity, name: str, *, by: User) -> Any:
    """Do as `add` where many get the same tag: read and written for all of a part at once.

    Returns what gives the id of the tag at the end; None where it has it already.
    """
    with locked(opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        name = tags.check_name(name)
        counts, tagged = once(("tags", name), lambda: _tags_of(together_with(fresh.pk), name))
        if fresh.pk in tagged:
            return None
        tags.check_room(counts.get(fresh.pk, 0))
        return at_end(("tag", name), fresh.pk, lambda ids: _tag_all(ids, tags.named(name)))


def remove_in_part(opportunity: Opportunity, tag: int, *, by: User) -> None:
    """Do as `remove` for many that have the same tag."""
    with locked(opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        at_end(("untag", tag), fresh.pk, lambda ids: _untag_all(ids, tag))


def _tags_of(ids: Collection[int], name: str) -> tuple[dict[int, int], set[int]]:
    """Return how many tags each has, and which have that one."""
    rows = Opportunity.tags.through.objects.filter(opportunity__in=ids).order_by()
    counts = rows.values("opportunity").annotate(number=Count("pk"))
    tagged = rows.filter(tag__in=tags.called([name])).values_list("opportunity", flat=True)
    return {row["opportunity"]: row["number"] for row in counts}, set(tagged)


def _tag_all(ids: list[int], tag: Tag) -> list[int]:
    through: Any = Opportunity.tags.through
    rows = [through(opportunity_id=pk, tag=tag) for pk in ids]
    through.objects.bulk_create(rows, ignore_conflicts=True)
    return [tag.pk for _pk in ids]


def _untag_all(ids: list[int], tag: int) -> list[None]:
    Opportunity.tags.through.objects.filter(opportunity__in=ids, tag=tag).delete()
    return [None for _pk in ids]
