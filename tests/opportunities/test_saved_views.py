"""Saved views of the list: kept, shared, counted, opened first, and honest when they are stale."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from contacts.models import Tag
from lists import saving
from lists.models import ListPreference, SavedView
from opportunities import tagging
from opportunities.list_kind import OPPORTUNITIES
from salespeople.models import User
from tests.factories import SalesCycleFactory
from tests.opportunities.pages import at_stage, signed_in, won

LIST = "/opportunities/"
SAVE = "/lists/opportunities/views/save/"


def asked_by(user: User) -> Any:
    """Return a request of that person."""
    request = RequestFactory().get(LIST)
    request.user = user
    return request


def kept(user: User, parameters: str, name: str = "Mine", **options: Any) -> SavedView:
    """Save a view through the door."""
    return saving.save(
        OPPORTUNITIES, request=asked_by(user), name=name, parameters=parameters, **options
    )


def tabs(client: Client, query: str = "?view=all") -> dict[str, int | None]:
    """Return the name and count of each tab that is shown."""
    shown = client.get(f"{LIST}{query}").context["views"].shown
    return {tab.view.name: tab.shown_count for tab in shown}


def test_what_is_seen_is_saved_opened_and_counted(bob: User) -> None:
    mine = at_stage(bob, 1)
    won(bob)
    client = signed_in(bob)

    answer = client.post(SAVE, {"name": " Open  ones ", "parameters": "status=open&sort=-value"})

    view = SavedView.objects.get()
    assert (view.name, view.parameters) == ("Open ones", "status=open&sort=-value")
    assert answer["Location"] == f"{LIST}?view={view.pk}&status=open&sort=-value"
    page = client.get(answer["Location"])
    assert [row.pk for row in page.context["page"].rows] == [mine.pk]
    assert [tab.is_active for tab in page.context["views"].shown] == [True]
    assert page.context["views"].is_changed is False
    assert tabs(client) == {"Open ones": 1}


def test_what_belongs_to_a_moment_is_not_saved(bob: User) -> None:
    view = kept(bob, "status=open&cursor=abc&view=3&more=1&edit=4&q=")

    assert view.parameters == "status=open"


@pytest.mark.parametrize(
    "parameters",
    [
        "unheard=1", "q=roof&q=wall", "status=maybe", "sort=password", "columns=secret",
        "group=colour", "stage=999999", "value_from=x", "columns=stage,,value", "q=" + "x" * 201,
        "q=%00",
    ],
)  # fmt: skip
def test_what_the_list_cannot_read_is_refused_at_saving(bob: User, parameters: str) -> None:
    answer = signed_in(bob).post(SAVE, {"name": "Odd", "parameters": parameters})

    assert answer.status_code == 422
    assert answer.context["form"].errors["parameters"]
    assert not SavedView.objects.exists()


def test_a_view_keeps_several_tags(bob: User) -> None:
    rows = [at_stage(bob, 1) for _n in range(3)]
    for row, names in zip(rows, ("A B", "A", ""), strict=True):
        for name in names.split():
            tagging.add(row, name, by=bob)
    a, b = Tag.objects.get(name="A"), Tag.objects.get(name="B")

    kept(bob, f"tag={a.pk}&tag={b.pk}", name="Both")
    view = kept(bob, f"tag={a.pk}&tag=", name="One")

    assert view.parameters == f"tag={a.pk}"
    assert tabs(signed_in(bob)) == {"Both": 1, "One": 2}


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\x00b", "Taken"])
def test_a_name_is_asked_for_and_used_once(bob: User, name: str) -> None:
    kept(bob, "", name="Taken")

    answer = signed_in(bob).post(SAVE, {"name": name, "parameters": "status=open"})

    assert answer.status_code == 422
    assert answer.context["form"].errors["name"]


def test_there_are_at_most_so_many(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "MOST_VIEWS", 1)
    kept(bob, "")

    with pytest.raises(ValidationError):
        kept(bob, "", name="Another")


def test_changing_the_filter_offers_to_save_it(bob: User) -> None:
    view = kept(bob, "status=open")
    client = signed_in(bob)

    page = client.get(f"{LIST}?view={view.pk}&status=won").context["views"]
    answer = client.post(
        f"/lists/opportunities/views/{view.pk}/keep/", {"parameters": page.parameters}
    )

    view.refresh_from_db()
    assert (page.is_changed, view.parameters) == (True, "status=won")
    assert answer["Location"] == f"{LIST}?view={view.pk}&status=won"


def test_a_manager_shares_with_everybody_and_each_sees_ones_own_rows(
    alice: User, bob: User, charlie: User
) -> None:
    at_stage(bob, 1)
    at_stage(charlie, 1)
    at_stage(charlie, 1)
    kept(alice, "status=open", name="Open", is_shared=True)

    counts = {u.username: tabs(signed_in(u))["Open"] for u in (alice, bob, charlie)}

    assert counts == {"alice": 3, "bob": 1, "charlie": 2}


def test_a_salesperson_keeps_but_does_not_share(bob: User, charlie: User) -> None:
    with pytest.raises(PermissionDenied):
        kept(bob, "", is_shared=True)
    view = kept(bob, "", name="Bob's")

    assert tabs(signed_in(charlie)) == {}
    assert signed_in(charlie).get(f"{LIST}?view={view.pk}").status_code == 400
    assert "is_shared" not in signed_in(bob).get(SAVE).context["form"].fields


@pytest.mark.parametrize("verb", ["edit", "keep", "move", "delete"])
def test_a_shared_view_is_changed_by_its_owner_or_a_manager(
    alice: User, bob: User, dora: User, verb: str
) -> None:
    view = kept(alice, "status=open", is_shared=True)
    address = f"/lists/opportunities/views/{view.pk}/{verb}/"
    data = {"name": "New", "is_shared": "on", "to": "up", "parameters": "status=won"}

    found = [signed_in(user).post(address, data).status_code for user in (bob, dora)]

    assert found == [403, 302]


def test_an_edited_view_is_renamed_and_no_longer_shared(alice: User) -> None:
    view = kept(alice, "status=open", is_shared=True)

    signed_in(alice).post(f"/lists/opportunities/views/{view.pk}/edit/", {"name": "New"})

    view.refresh_from_db()
    assert (view.name, view.is_shared, view.parameters) == ("New", False, "status=open")


def test_ones_own_come_first_in_ones_own_order(alice: User, bob: User) -> None:
    kept(alice, "", name="Shared", is_shared=True)
    views = {name: kept(bob, "", name=name) for name in "ABC"}
    client = signed_in(bob)
    client.post(f"/lists/opportunities/views/{views['C'].pk}/move/", {"to": "up"})
    client.post(f"/lists/opportunities/views/{views['A'].pk}/move/", {"to": "down"})

    assert list(tabs(client)) == ["C", "A", "B", "Shared"]


def test_six_are_shown_and_the_open_one_is_among_them(bob: User) -> None:
    views = [kept(bob, "", name=f"View {n}") for n in range(8)]
    page = signed_in(bob).get(f"{LIST}?view={views[7].pk}").context["views"]

    assert [tab.view for tab in page.shown] == [*views[:5], views[7]]
    assert [tab.view for tab in page.more] == views[5:7]


def test_the_list_opens_with_the_first_view_until_it_is_asked_for_all(bob: User) -> None:
    view = kept(bob, "status=won")
    client = signed_in(bob)
    client.post("/lists/opportunities/views/open-first/", {"view": view.pk})

    assert client.get(LIST)["Location"] == f"{LIST}?view={view.pk}&status=won"
    assert client.get(f"{LIST}?view=all").status_code == 200
    client.post("/lists/opportunities/views/open-first/", {"view": ""})
    assert client.get(LIST).status_code == 200


def test_a_first_view_that_is_gone_or_no_longer_shared_opens_all(alice: User, bob: User) -> None:
    view = kept(alice, "status=open", is_shared=True)
    saving.open_first(OPPORTUNITIES, view, by=bob)
    saving.change(view, OPPORTUNITIES, request=asked_by(alice), is_shared=False)
    unshared = signed_in(bob).get(LIST).status_code
    saving.delete(view, OPPORTUNITIES, by=alice)

    assert (unshared, signed_in(bob).get(LIST).status_code) == (200, 200)
    assert ListPreference.objects.get(user=bob).default_view is None


def test_a_stale_view_says_what_is_gone(bob: User) -> None:
    """A stage that has been deleted, and a column that a release has taken away."""
    cycle = SalesCycleFactory()
    stage = cycle.stages.get(position=3)
    view = kept(bob, f"stage={stage.pk}")
    stage.delete()
    old = kept(bob, "status=open", name="Old")
    SavedView.objects.filter(pk=old.pk).update(parameters="status=open&columns=stage,gone&x=1")
    client = signed_in(bob)

    assert tabs(client) == {"Mine": None, "Old": 0}
    page = client.get(f"{LIST}?view={view.pk}&stage={stage.pk}")
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["stage"])
    opened = client.get(f"{LIST}?view=all").context["views"].shown[1].url
    assert opened == f"{LIST}?view={old.pk}&status=open&columns=stage"
    assert client.get(opened).context["views"].unknown == ["columns", "x"]


def test_a_shared_view_of_what_is_not_for_the_person_is_not_counted(alice: User, bob: User) -> None:
    kept(alice, "deleted=1", name="Deleted", is_shared=True)

    assert tabs(signed_in(alice)) == {"Deleted": 0}
    assert tabs(signed_in(bob)) == {"Deleted": None}


def test_the_tabs_cost_the_same_whatever_they_hold(bob: User) -> None:
    """Two queries for views and preferences, one for the counts, one for each kind of choice."""
    cycle = SalesCycleFactory()
    client = signed_in(bob)
    client.get(LIST)
    counts = []
    for n in range(4):
        if n:
            kept(bob, f"cycle={cycle.pk}&stage={cycle.stages.first().pk}", name=f"View {n}")
            at_stage(bob, 1, sales_cycle=cycle)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{LIST}?view=all")
        counts.append(len(queries))

    assert counts[2] == counts[3]
    assert counts[1] - counts[0] <= 6


def test_the_page_of_views_lists_them_and_their_ways(alice: User, bob: User) -> None:
    view = kept(bob, "status=open")
    kept(alice, "", name="Shared", is_shared=True)

    page = signed_in(bob).get("/lists/opportunities/views/").content.decode()

    assert f'href="{LIST}?view={view.pk}&amp;status=open"' in page
    assert page.count("/delete/") == 1


@pytest.mark.parametrize("kind", ["nothing", "contact"])
def test_there_are_no_views_of_a_list_that_there_is_not(bob: User, kind: str) -> None:
    assert signed_in(bob).get(f"/lists/{kind}/views/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_four_who_press_save_at_once_one_is_kept_and_the_others_are_told(bob: User) -> None:
    """The very first view too: there is no row yet that could be locked."""
    barrier = Barrier(4)

    def save(_number: int) -> str:
        try:
            barrier.wait()
            kept(User.objects.get(pk=bob.pk), "status=open")
        except ValidationError as error:
            return error.messages[0]
        finally:
            connection.close()
        return "kept"

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(save, range(4)))

    assert said == [*["You have a view of this name already."] * 3, "kept"]
    assert SavedView.objects.count() == 1
