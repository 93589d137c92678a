"""Purging: an administrator's command that deletes closed opportunities for good (R123, D11)."""

from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity, OpportunityEntry, Purge
from quotes.models import Quote, QuoteDocument, QuoteLine
from salescycles.models import CloseReason, SalesCycle
from salespeople.models import User
from tests.factories import (
    CampaignFactory,
    CloseReasonFactory,
    CompanyFactory,
    PersonFactory,
    QuoteFactory,
    SalesCycleFactory,
    make_opportunity,
)

type Maker = Callable[..., Opportunity]


@pytest.fixture
def won(alice: User) -> Maker:
    """Return a maker of opportunities of three entries: created, activated, won."""
    reason = CloseReasonFactory(kind=CloseReason.Kind.WON)

    def make(*, quoted: str = "", **options: Any) -> Opportunity:
        opportunity = make_opportunity(alice, stage=1, **options)
        if quoted:
            QuoteFactory(opportunity=opportunity, status=quoted)
        return lifecycle.win(opportunity, by=alice, reason=reason, on=options.get("on"))

    return make


@pytest.fixture
def lost(alice: User) -> Maker:
    """Return a maker of opportunities of two entries: created, lost."""
    reason = CloseReasonFactory(kind=CloseReason.Kind.LOST)

    def make(**options: Any) -> Opportunity:
        opportunity = make_opportunity(alice, **options)
        return lifecycle.lose(opportunity, by=alice, reason=reason, on=options.get("on"))

    return make


def purge(*words: str, by: str = "dora") -> str:
    out = StringIO()
    call_command("purge_opportunities", "--by", by, *words, stdout=out)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return out.getvalue().strip()


def left() -> set[int]:
    return set(Opportunity.objects.values_list("pk", flat=True))


def test_purge_deletes_closed_ones_with_entries_and_quotes(
    dora: User, won: Maker, lost: Maker
) -> None:
    first, second = won(quoted="sent"), lost()
    assert QuoteDocument.objects.count() == 1
    assert purge("--status", "won", "--yes") == ("Deleted for good: 1 opportunity with 3 entries.")
    assert left() == {second.pk}
    assert not OpportunityEntry.objects.filter(opportunity=first.pk).exists()
    assert [model.objects.exists() for model in (Quote, QuoteLine, QuoteDocument)] == [False] * 3


def test_purge_writes_down_who_and_how_many(dora: User, won: Maker, lost: Maker) -> None:
    first, second = won(), lost()
    purge("--closed-before", str(today() + timedelta(days=1)), "--yes")
    rows = Purge.objects.order_by("entries").values_list(
        "opportunity_number", "entries", "purged_by"
    )
    assert list(rows) == [(f"O{second.pk}", 2, dora.pk), (f"O{first.pk}", 3, dora.pk)]


def test_purge_passes_over_what_is_open(dora: User, alice: User, won: Maker) -> None:
    contact = CompanyFactory()
    started = make_opportunity(alice, stage=1, contact=contact)
    waiting = make_opportunity(alice, contact=contact)
    won(contact=contact)
    purge("--contact", contact.number, "--yes")
    assert left() == {started.pk, waiting.pk}


def test_purge_takes_hidden_ones_too(dora: User, alice: User, lost: Maker) -> None:
    hidden, kept = lost(), lost()
    lifecycle.delete(hidden, by=alice)
    waiting = make_opportunity(alice)
    lifecycle.delete(waiting, by=alice)
    assert purge("--deleted", "--yes") == "Deleted for good: 1 opportunity with 3 entries."
    assert left() == {kept.pk, waiting.pk}


def test_purge_before_a_day_leaves_that_day(dora: User, lost: Maker) -> None:
    old, new = lost(on=date(2024, 3, 31)), lost(on=date(2024, 4, 1))
    assert old.closed_on == date(2024, 3, 31)
    purge("--closed-before", "2024-04-01", "--yes")
    assert left() == {new.pk}


def test_purge_by_salesperson_cycle_campaign_and_number(
    dora: User, alice: User, bob: User, won: Maker
) -> None:
    campaign = CampaignFactory(description="Autumn")
    won(salesperson=bob.salesperson)
    of_cycle = won(sales_cycle=SalesCycleFactory(code="SHORT"))
    of_campaign, by_number, other = won(campaign=campaign), won(), won()
    purge("--salesperson", "BOB", "--yes")
    assert left() == {o.pk for o in (of_cycle, of_campaign, by_number, other)}
    purge("--cycle", "SHORT", "--yes")
    assert left() == {o.pk for o in (of_campaign, by_number, other)}
    purge("--campaign", "Autumn", "--yes")
    assert left() == {by_number.pk, other.pk}
    purge("--number", by_number.number, "--yes")
    assert left() == {other.pk}


def test_purge_of_a_company_takes_its_people(dora: User, won: Maker) -> None:
    company = CompanyFactory()
    person = PersonFactory(company=company)
    won(contact=person)
    won(contact=company)
    other = won()
    assert purge("--contact", company.number, "--yes") == (
        "Deleted for good: 2 opportunities with 6 entries."
    )
    assert left() == {other.pk}


def test_purge_combines_filters(dora: User, alice: User, won: Maker, lost: Maker) -> None:
    cycle: SalesCycle = SalesCycleFactory(code="SHORT")
    won(sales_cycle=cycle)
    rest = {lost(sales_cycle=cycle).pk, won().pk}
    purge("--cycle", "SHORT", "--status", "won", "--yes")
    assert left() == rest


def test_purge_without_yes_only_says_what_it_would_do(dora: User, won: Maker) -> None:
    opportunity = won()
    told = r"^Would be deleted for good: 1 opportunity with 3 entries\. Add --yes to do it\.$"
    with pytest.raises(CommandError, match=told):
        purge("--status", "won")
    assert left() == {opportunity.pk}


def test_purge_dry_run_deletes_nothing(dora: User, won: Maker) -> None:
    opportunity = won()
    told = "Would be deleted for good: 1 opportunity with 3 entries."
    assert purge("--status", "won", "--dry-run") == told
    assert left() == {opportunity.pk}


def test_purge_is_for_administrators(dora: User, alice: User, won: Maker) -> None:
    opportunity = won()
    for name in ("alice", "nobody"):
        with pytest.raises(CommandError, match=f"^“{name}” is no administrator.$"):
            purge("--status", "won", "--yes", by=name)
    dora.is_active = False
    dora.save()
    with pytest.raises(CommandError, match=r"^“dora” is no administrator\.$"):
        purge("--status", "won", "--yes")
    assert left() == {opportunity.pk}


def test_purge_asks_for_a_filter(dora: User, won: Maker) -> None:
    opportunity = won()
    with pytest.raises(CommandError, match=r"^Say which ones: give at least one filter\.$"):
        purge("--yes")
    assert left() == {opportunity.pk}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--salesperson", "NOBODY"), "There is no salesperson “NOBODY”."),
        (("--cycle", "NONE"), "There is no sales cycle “NONE”."),
        (("--contact", "C0"), "There is no contact “0”."),
        (("--contact", "Hansen"), "“Hansen” is no number like C17."),
        (("--number", "²"), "“²” is no number like O17."),
        (("--campaign", "Never"), "There is no campaign “Never”."),
        (
            ("--closed-before", "31.12.2024"),
            "Error: argument --closed-before: “31.12.2024” is no date like 2024-12-31.",
        ),
    ],
)
def test_purge_says_what_it_does_not_know(
    dora: User, words: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError) as refusal:
        purge(*words, "--yes")
    assert str(refusal.value) == sentence
