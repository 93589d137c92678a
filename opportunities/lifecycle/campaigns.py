"""Which campaign and which segment an opportunity may name (Business Central R142–R144).

The same wherever it is written, at its creation too (ADR 0014).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts.models import Campaign, Segment


@dataclass(frozen=True)
class Campaigns:
    """Campaigns as they are now, and the segments of each, at most two of them."""

    rows: dict[int, Campaign]
    segments: dict[int, list[Segment]]

    @classmethod
    def of(cls, campaigns: Iterable[Campaign | None]) -> "Campaigns":
        """Read them in two queries, none for none."""
        wanted = {campaign.pk for campaign in campaigns if campaign is not None}
        if not wanted:
            return cls({}, {})
        rows = Campaign.objects.in_bulk(wanted)
        segments: dict[int, list[Segment]] = {}
        for segment in Segment.objects.filter(campaign__in=wanted).order_by("pk"):
            assert segment.campaign_id is not None  # noqa: S101
            segments.setdefault(segment.campaign_id, []).append(segment)
        return cls(rows, segments)

    def checked(self, campaign: Campaign | None, *, created_on: date) -> Campaign | None:
        """Refuse one that is not activated, or did not run on the day of creation (R142)."""
        if campaign is None:
            return None
        fresh = self.rows.get(campaign.pk)
        if fresh is None or not fresh.is_activated:
            raise ValidationError(
                {"campaign": _("“%(name)s” is not activated.") % {"name": campaign}},
                code="not_activated",
            )
        if not fresh.was_running_on(created_on):
            raise ValidationError(
                {"campaign": _("“%(name)s” did not run when the opportunity was created.")
                 % {"name": fresh}},
                code="not_running",
            )  # fmt: skip
        return fresh

    def only_segment(self, campaign: Campaign | None) -> Segment | None:
        """Return the campaign's segment if it has exactly one (R142)."""
        found = self.segments.get(campaign.pk, []) if campaign is not None else []
        return found[0] if len(found) == 1 else None


def check_segment(segment: Segment | None, campaign: Campaign | None) -> Segment | None:
    """Refuse a segment of another campaign than the opportunity's (R144)."""
    if segment is None or campaign is None or segment.campaign_id in (None, campaign.pk):
        return segment
    raise ValidationError(
        {"segment": _("“%(name)s” belongs to another campaign.") % {"name": segment}},
        code="other_campaign",
    )
