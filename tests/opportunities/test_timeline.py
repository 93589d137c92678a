"""The one timeline: everything in one list, the newest first, by kind, a part at a time."""

import base64
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.dates import today
from opportunities import lifecycle as door
from opportunities.history import events_of
from opportunities.models import Opportunity
from opportunities.timeline import PAGE_SIZE, Asked, timeline_of, timeline_of_contact
from salespeople.models import User
from tasks import interactions
from tasks import lifecycle as tasks
from tests.factories import CompanyFactory, PersonFactory, QuoteFactory
from tests.opportunities.pages import address, at_stage, signed_in


def lived(by: User) -> Opportunity:
    """Return one that was called about, that has a task done, one to do, and a quote."""
    opportunity = at_stage(by, 2)
    interactions.log(by=by, kind="call", subject="First call", opportunity=opportunity)
    for description in ("Send a sample", "Ask again"):
        task = tasks.plan(by=by, description=description, due_on=today(), opportunity=opportunity)
    tasks.complete(task, by=by)
    QuoteFactory(opportunity=opportunity)
    return opportunity


def kinds(opportunity: Opportunity, **asked: object) -> list[str]:
    """Return the kinds on the timeline, the newest first."""
    page = timeline_of(opportunity, events_of(opportunity), Asked(**asked))  # type: ignore[arg-type]
    return [item.kind for item in page.items]


def test_everything_stands_in_one_list_the_newest_first(bob: User) -> None:
    """Created, started, moved, called, two planned, one of them done, quoted."""
    opportunity = lived(bob)

    assert kinds(opportunity) == ["quote", "task", "task", "talk", "change", "change", "change"]


@pytest.mark.parametrize(
    ("show", "found"),
    [
        ("changes", ["change"] * 3),
        ("tasks", ["task"] * 2),
        ("talk", ["talk"]),
        ("quotes", ["quote"]),
        ("files", []),
    ],
)
def test_each_kind_alone(bob: User, show: str, found: list[str]) -> None:
    opportunity = lived(bob)
    page = signed_in(bob).get(address(opportunity), {"show": show})

    assert kinds(opportunity, show=show) == found
    assert [item.kind for item in page.context["timeline"].items] == found


def test_what_happened_earlier_stands_lower(bob: User) -> None:
    opportunity = at_stage(bob, 1)
    interactions.log(
        by=bob,
        kind="call",
        subject="Last week",
        opportunity=opportunity,
        happened_at=timezone.now() - timedelta(days=7),
    )

    assert kinds(opportunity) == ["change", "change", "talk"]


def test_parts_follow_without_a_gap_or_a_double_also_at_one_moment(bob: User) -> None:
    """250 calls at the same minute, 2 changes: 100, 100 and 52 rows."""
    opportunity = at_stage(bob, 1)
    moment = timezone.now() - timedelta(days=1)
    for number in range(250):
        interactions.log(
            by=bob, kind="call", subject=f"Call {number}", opportunity=opportunity,
            happened_at=moment,
        )  # fmt: skip
    client, cursor, seen, sizes = signed_in(bob), "", [], []
    for _part in range(3):
        page = client.get(address(opportunity), {"older": cursor} if cursor else {})
        timeline = page.context["timeline"]
        seen += [item.key for item in timeline.items]
        sizes.append(len(timeline.items))
        cursor = timeline.older

    assert sizes == [PAGE_SIZE, PAGE_SIZE, 52]
    assert cursor == ""
    assert len(set(seen)) == 252
    assert seen == sorted(seen, key=lambda key: key.order())


@pytest.mark.parametrize(
    "query",
    [
        "show=nonsense",
        "show=",
        "older=%00",
        "older=x",
        "older=" + base64.urlsafe_b64encode(b'["2026-01-01T00:00:00", 0, "1"]').decode(),
        "older=" + base64.urlsafe_b64encode(b'["0001-01-01T00:00:00+14:00", 0, 1]').decode(),
        "older=" + base64.urlsafe_b64encode(b'["9999-12-31T00:00:00Z", 0, 1]').decode(),
        "older=" + base64.urlsafe_b64encode(b'["2026-01-01T00:00:00Z", 0, 99999999999999999999]'
                                            ).decode(),
        "older=" + base64.urlsafe_b64encode(b"[[[[[[[[").decode(),
    ],
)  # fmt: skip
def test_what_the_address_cannot_say_is_refused(bob: User, query: str) -> None:
    opportunity = at_stage(bob, 1)
    client = signed_in(bob)

    assert client.get(f"{address(opportunity)}?{query}").status_code == 400
    assert client.get(f"{opportunity.contact.get_absolute_url()}?{query}").status_code == 400


def test_a_company_shows_what_happened_with_all_its_people(bob: User) -> None:
    company = CompanyFactory()
    person, other = PersonFactory(company=company), PersonFactory(company=company)
    opportunity = at_stage(bob, 1, contact=person)
    interactions.log(by=bob, kind="call", subject="Hello", opportunity=opportunity)
    interactions.log(by=bob, kind="call", subject="Alone", contact=other)

    def found(contact: object) -> list[str]:
        return [item.kind for item in timeline_of_contact(contact, bob, Asked()).items]

    assert found(company) == ["talk", "talk", "change", "change"]
    assert found(person) == ["talk", "change", "change"]
    assert found(other) == ["talk"]


def test_a_contact_shows_nothing_of_what_one_does_not_see(
    alice: User, bob: User, charlie: User
) -> None:
    company = CompanyFactory()
    opportunity = at_stage(bob, 1, contact=company, description="Secret roof")
    interactions.log(by=bob, kind="call", subject="Secret call", opportunity=opportunity)
    tasks.plan(by=bob, description="Secret task", due_on=today(), opportunity=opportunity)
    QuoteFactory(opportunity=opportunity)
    gone = at_stage(bob, 0, contact=company, description="Deleted roof")
    door.delete(gone, by=bob)

    hers = signed_in(alice).get(company.get_absolute_url())
    his = signed_in(charlie).get(company.get_absolute_url()).content.decode()

    assert "Secret call" in hers.content.decode()
    assert "Deleted roof" not in hers.content.decode()
    assert "Secret" not in his


def test_the_words_of_a_contacts_changes_are_those_of_the_opportunity(bob: User) -> None:
    company = CompanyFactory()
    opportunity = at_stage(bob, 2, contact=company)
    opportunity = door.undo(door.newest_standing(opportunity), by=bob)

    told = timeline_of_contact(company, bob, Asked()).items

    assert [(i.row.headline, i.row.changes, i.row.is_undone) for i in told] == [
        (e.headline, e.changes, e.is_undone) for e in events_of(opportunity)
    ]


def test_queries_do_not_grow_with_the_timeline(bob: User) -> None:
    company = CompanyFactory()
    counts = []
    client = signed_in(bob)
    for number in (1, 20):
        for _time in range(number):
            opportunity = at_stage(bob, 2, contact=company)
            interactions.log(by=bob, kind="call", subject="Hello", opportunity=opportunity)
            tasks.plan(by=bob, description="Call", due_on=today(), opportunity=opportunity)
        client.get(company.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            client.get(company.get_absolute_url())
        counts.append(len(queries))

    assert counts[0] == counts[1]
