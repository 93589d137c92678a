"""What was sold under campaigns, and what they cost (Business Central R151).

Opportunities and interactions are reached by their names only: this room
stands below theirs.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.http import urlencode

from contacts.models import Campaign, Segment
from salespeople.models import User
from salespeople.visibility import visible_ids

# All newest entries of a status other than not started, won and lost ones included (R151, D2).
STARTED = ("in_progress", "won", "lost")
MOST_SHOWN = 50
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Figures:
    """How many opportunities, their values, and the address of exactly these rows."""

    number: int
    estimated_value: Decimal
    calculated_value: Decimal
    url: str


@dataclass(frozen=True)
class Talk:
    """How many interactions, what they cost, how long they took; `rows` are the newest."""

    number: int
    cost: Decimal
    duration: timedelta
    rows: list[Any]


@dataclass(frozen=True)
class CampaignPage:
    """The page; shares are in % of the target, None where there is none."""

    started: Figures
    won: Figures
    talk: Talk
    segments: list[Segment]
    reached: Decimal | None
    in_sight: Decimal | None
    spent: Decimal | None


def campaign_page(campaign: Campaign, user: User) -> CampaignPage:
    """Read the page of a campaign, of what `user` may see.

    The target is reached by what was won; in sight is the calculated value of
    all of it (won counts in full, open by its probability).
    """
    started = _figures(campaign, user, "started", STARTED)
    won = _figures(campaign, user, "won", ("won",))
    talk = _talk(campaign, user)
    return CampaignPage(
        started=started,
        won=won,
        talk=talk,
        segments=list(campaign.segments.annotate(members_number=Count("rows"))[:MOST_SHOWN]),
        reached=_share(won.calculated_value, campaign.target),
        in_sight=_share(started.calculated_value, campaign.target),
        spent=_share(talk.cost, campaign.cost),
    )


def with_figures(campaigns: QuerySet[Campaign], user: User) -> QuerySet[Campaign]:
    """Return the campaigns with `number`, `estimated` and `calculated` of what `user` may see."""
    there = _seen(user)
    return campaigns.annotate(
        number_started=Count("opportunities", filter=there),
        estimated=Coalesce(Sum("opportunities__estimated_value", filter=there), Decimal(0)),
        calculated=Coalesce(Sum("opportunities__calculated_value", filter=there), Decimal(0)),
    )


def started_url(campaign: Campaign) -> str:
    """Return the address of the list of the opportunities that the figures count."""
    return _url(campaign, "started")


def _seen(user: User) -> Q:
    there = Q(opportunities__status__in=STARTED, opportunities__is_deleted=False)
    ids = visible_ids(user)
    return there if ids is None else there & Q(opportunities__salesperson__in=ids)


def _figures(campaign: Campaign, user: User, word: str, statuses: tuple[str, ...]) -> Figures:
    rows: Any = campaign.opportunities
    found = (
        rows.visible_to(user)
        .kept()
        .filter(status__in=statuses)
        .aggregate(
            number=Count("pk"), estimated=Sum("estimated_value"), calculated=Sum("calculated_value")
        )
    )
    zero = Decimal(0)
    return Figures(
        found["number"],
        found["estimated"] or zero,
        found["calculated"] or zero,
        _url(campaign, word),
    )


def _url(campaign: Campaign, word: str) -> str:
    query = urlencode([("campaign", str(campaign.pk)), ("status", word)])
    return f"{reverse('opportunities:list')}?{query}"


def _talk(campaign: Campaign, user: User) -> Talk:
    """Count the interactions that are not cancelled (R229)."""
    interactions: Any = campaign.interactions
    counted = interactions.visible_to(user).counted()
    sums = counted.aggregate(number=Count("pk"), cost=Sum("cost"), duration=Sum("duration"))
    rows = counted.select_related("contact", "salesperson").order_by("-happened_at", "-pk")
    return Talk(
        sums["number"],
        sums["cost"] or Decimal(0),
        sums["duration"] or timedelta(0),
        list(rows[:MOST_SHOWN]),
    )


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole * HUNDRED if whole else None
