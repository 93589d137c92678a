"""How many contacts a segment has, and what was sold by it (Business Central R234)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from contacts.models import Segment
from salespeople.models import User
from salespeople.visibility import visible_ids


@dataclass(frozen=True)
class SegmentPage:
    """The figures of one segment, with the address of its opportunities."""

    members: int
    blocked: int
    opportunities: int
    url: str


def segment_page(segment: Segment, user: User) -> SegmentPage:
    """Read the figures of a segment, of what `user` may see."""
    blocked = Q(contact__is_blocked=True) | Q(contact__company__is_blocked=True)
    found = segment.rows.aggregate(all=Count("pk"), blocked=Count("pk", filter=blocked))
    opportunities: Any = segment.opportunities
    return SegmentPage(
        members=found["all"],
        blocked=found["blocked"],
        opportunities=opportunities.visible_to(user).kept().count(),
        url=opportunities_url(segment),
    )


def with_members(segments: QuerySet[Segment], user: User) -> QuerySet[Segment]:
    """Return the segments with the number of contacts, and of opportunities `user` may see."""
    seen = Q(opportunities__is_deleted=False)
    ids = visible_ids(user)
    if ids is not None:
        seen &= Q(opportunities__salesperson__in=ids)
    return segments.annotate(
        members_number=Count("rows", distinct=True),
        opportunities_number=Count("opportunities", filter=seen, distinct=True),
    )


def opportunities_url(segment: Segment) -> str:
    """Return the address of the list of the segment's opportunities."""
    return f"{reverse('opportunities:list')}?{urlencode({'segment': segment.pk})}"
