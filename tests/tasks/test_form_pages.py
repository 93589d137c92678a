"""The pages on which a task is planned and changed."""

from datetime import date, time, timedelta

import pytest
from django.test import Client

from crm.dates import today
from salescycles.models import TaskKind
from salespeople.models import Salesperson, User
from tasks import lifecycle
from tasks.models import Task
from tests.conftest import seller
from tests.factories import CompanyFactory, PersonFactory, TeamFactory, make_opportunity, make_task
from tests.tasks.pages import address, as_sent, receipts, signed_in, text_of

CREATE = "/tasks/create/"
DAY = timedelta(days=1)


# Planning.


def test_planning_asks_for_what_and_when_and_takes_the_rest_from_the_opportunity(
    bob: User,
) -> None:
    opportunity = make_opportunity(bob)
    client = signed_in(bob)
    form = client.get(f"{CREATE}?opportunity={opportunity.pk}").context["form"]

    answer = client.post(CREATE, as_sent(form, description="Call Kari"))

    task = Task.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/tasks/{task.pk}/")
    assert task.due_on == today()
    assert (task.opportunity, task.contact) == (opportunity, opportunity.contact)
    assert (task.salesperson, task.kind) == (bob.salesperson, TaskKind.TO_DO)


def test_what_the_address_names_stands_in_the_form(bob: User) -> None:
    contact = CompanyFactory()
    query = f"contact={contact.pk}&kind=phone_call&due_on=2027-05-04&description=Hello"

    form = signed_in(bob).get(f"{CREATE}?{query}").context["form"]

    assert form.initial["contact"] == contact.pk
    assert form.initial["kind"] == "phone_call"
    assert form.initial["due_on"] == date(2027, 5, 4)
    assert form.initial["description"] == "Hello"
    assert form.initial["salesperson"] == bob.salesperson.pk


@pytest.mark.parametrize("query", ["kind=party", "due_on=tomorrow", "opportunity=x", "unheard=1"])
def test_nonsense_in_the_address_is_refused(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"{CREATE}?{query}").status_code == 400


def test_an_opportunity_that_one_may_not_see_is_not_there(bob: User, charlie: User) -> None:
    opportunity = make_opportunity(charlie)

    assert signed_in(bob).get(f"{CREATE}?opportunity={opportunity.pk}").status_code == 404


def test_every_field_of_the_form_reaches_the_door(bob: User) -> None:
    Salesperson.objects.filter(pk=bob.salesperson.pk).update(email="bob@example.com")
    guest = PersonFactory(name="Åse Li")
    client = signed_in(bob)
    form = client.get(CREATE).context["form"]

    client.post(
        CREATE,
        as_sent(
            form,
            kind="meeting",
            description="Kick-off",
            due_on="2027-05-04",
            start_time="09:30",
            duration="1:30",
            priority="3",
            location="Storgata 5",
            note="Bring the plans",
            attendees=[f"Åse Li ({guest.number})", ""],
            is_recurring="on",
            recurring_interval="1W",
            recurs_from="due",
        ),
    )

    task = Task.objects.get()
    assert (task.due_on, task.start_time) == (date(2027, 5, 4), time(9, 30))
    assert task.duration == timedelta(minutes=90)
    assert (task.kind, task.priority, task.location) == ("meeting", 3, "Storgata 5")
    assert (task.note, task.recurring_interval, task.recurs_from) == (
        "Bring the plans",
        "1W",
        "due",
    )
    assert [str(row) for row in task.attendees.all()] == ["Bob", "Åse Li"]


def test_an_interval_is_typed_in_the_persons_language(bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(language="nb")
    client = signed_in(bob)
    form = client.get(CREATE).context["form"]

    wish = {"description": "Rapport", "is_recurring": "on", "recurs_from": "due"}
    client.post(CREATE, as_sent(form, recurring_interval="2U", **wish))

    assert Task.objects.get().recurring_interval == "2W"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"description": ""}, "description"),
        ({"description": "x" * 101}, "description"),
        ({"due_on": ""}, "due_on"),
        ({"due_on": "1850-01-01"}, "due_on"),
        ({"duration": "soon"}, "duration"),
        ({"duration": "4000d"}, "duration"),
        ({"kind": "party"}, "kind"),
        ({"salesperson": ""}, "salesperson"),
        ({"salesperson": "nobody"}, "salesperson"),
        ({"is_recurring": "on"}, "recurring_interval"),
        ({"is_recurring": "on", "recurring_interval": "1W"}, "recurs_from"),
        ({"attendees": ["Nobody at all"]}, "attendees"),
        ({"kind": "meeting"}, "salesperson"),
        ({"note": "\x00"}, "note"),
    ],
    ids=str,
)
def test_what_cannot_stand_is_refused_beside_its_field(
    bob: User, typed: dict[str, object], field: str
) -> None:
    """A meeting is refused as well: bob has no e-mail address (R189)."""
    client = signed_in(bob)
    form = client.get(CREATE).context["form"]

    answer = client.post(CREATE, as_sent(form, **({"description": "Call"} | typed)))

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Task.objects.exists()


def test_after_planning_one_goes_back_to_where_one_came_from(bob: User) -> None:
    client = signed_in(bob)
    form = client.get(f"{CREATE}?next=/pipeline/").context["form"]

    ours = client.post(CREATE, as_sent(form, description="Call"))
    theirs = client.post(CREATE, as_sent(form, description="Call", next="https://evil.example/"))

    assert ours["Location"] == "/pipeline/"
    assert theirs["Location"].startswith("/tasks/")


def test_the_way_back_never_leads_elsewhere(bob: User) -> None:
    page = text_of(signed_in(bob).get(f"{CREATE}?next=https://evil.example/"))

    assert 'href="https://evil' not in page
    assert signed_in(bob).get(f"{CREATE}?next=https://evil.example/").context["back"] == ""


def test_a_task_for_another_team_is_for_managers(bob: User, charlie: User) -> None:
    client = signed_in(bob)
    form = client.get(CREATE).context["form"]

    answer = client.post(
        CREATE, as_sent(form, description="Call", salesperson=str(charlie.salesperson.pk))
    )

    assert answer.status_code == 422
    assert not Task.objects.exists()


# Changing.


def test_the_page_of_an_open_task_is_its_form(bob: User) -> None:
    task = make_task(bob, note="Ring twice")

    page = signed_in(bob).get(address(task))

    assert page.status_code == 200
    assert page.context["form"].initial["note"] == "Ring twice"


def test_the_page_of_a_closed_task_tells_who_closed_it(bob: User) -> None:
    task = lifecycle.complete(make_task(bob, note="It went well"), by=bob)

    page = signed_in(bob).get(address(task))

    assert page.context["form"] is None
    assert "Done by Bob" in text_of(page)
    assert "It went well" in text_of(page)


def test_a_change_is_saved(bob: User) -> None:
    task = make_task(bob)
    client = signed_in(bob)
    form = client.get(address(task)).context["form"]

    answer = client.post(
        address(task, "edit"), as_sent(form, description="Call again", duration="2d"), follow=True
    )

    task.refresh_from_db()
    assert (task.description, task.duration) == ("Call again", 2 * DAY)
    assert receipts(answer) == ["“Call again” has been saved."]


def test_saving_without_a_change_writes_nothing(bob: User) -> None:
    task = make_task(bob, note="One\nTwo", start_time=time(9), contact=CompanyFactory())
    client = signed_in(bob)
    form = client.get(address(task)).context["form"]

    answer = client.post(address(task, "edit"), as_sent(form, note="One\r\nTwo"), follow=True)

    task.refresh_from_db()
    assert task.edits == 0
    assert receipts(answer) == ["Nothing has changed."]


def test_a_contact_that_was_blocked_since_may_stay(bob: User) -> None:
    contact = CompanyFactory()
    task = make_task(bob, contact=contact)
    type(contact).objects.filter(pk=contact.pk).update(is_blocked=True)
    client = signed_in(bob)
    form = client.get(address(task)).context["form"]

    answer = client.post(address(task, "edit"), as_sent(form, description="Call again"))

    assert answer.status_code == 302


def test_a_refused_change_answers_422_and_keeps_what_was_typed(bob: User) -> None:
    task = make_task(bob)
    client = signed_in(bob)
    form = client.get(address(task)).context["form"]

    answer = client.post(address(task, "edit"), as_sent(form, description="", location="Oslo"))

    assert answer.status_code == 422
    assert answer.context["form"]["location"].value() == "Oslo"
    task.refresh_from_db()
    assert task.edits == 0


def test_who_was_slower_sees_both_and_takes_nothing_back_unseen(bob: User) -> None:
    """Bob typed a description; a mate has changed the location and the description meanwhile."""
    mate = seller("mate", bob.salesperson.memberships.get().team)
    task = make_task(bob, description="Call")
    client = signed_in(bob)
    page = client.get(address(task))
    mine = as_sent(page.context["form"], description="Call Kari") | {"shown": page.context["shown"]}
    lifecycle.edit(task, by=mate, description="Call Ola", location="Bergen")

    conflict = client.post(address(task, "edit"), mine)

    dispute = conflict.context["dispute"]
    described, located = dispute.fields
    assert conflict.status_code == 409
    assert (described.was, described.mine, described.theirs) == ("Call", "Call Kari", "Call Ola")
    assert (described.who, located.is_mine, located.theirs) == (mate, False, "Bergen")

    again = dict(dispute.kept) | {"seen": dispute.seen, "shown": dispute.shown}
    saved = client.post(address(task, "edit"), again | dict(described.mine_sent))
    task.refresh_from_db()
    assert saved.status_code == 302
    assert (task.description, task.location) == ("Call Kari", "Bergen")


def test_different_fields_of_a_task_merge(bob: User) -> None:
    mate = seller("mate", bob.salesperson.memberships.get().team)
    task = make_task(bob, description="Call")
    client = signed_in(bob)
    page = client.get(address(task))
    mine = as_sent(page.context["form"], description="Call Kari") | {"shown": page.context["shown"]}
    lifecycle.edit(task, by=mate, location="Bergen")

    saved = client.post(address(task, "edit"), mine)
    text = client.get(saved["Location"]).content.decode()

    task.refresh_from_db()
    assert "Kept what mate changed: Location, Bergen." in text
    assert (task.description, task.location) == ("Call Kari", "Bergen")


def test_an_attendee_is_added_and_taken_away(bob: User) -> None:
    Salesperson.objects.filter(pk=bob.salesperson.pk).update(email="bob@example.com")
    bob.salesperson.refresh_from_db()
    first, second = PersonFactory(name="Anne"), PersonFactory(name="Bjørn")
    task = make_task(bob, kind="meeting", start_time=time(9), attendees=(first,))
    client = signed_in(bob)
    form = client.get(address(task)).context["form"]
    assert form["attendees"].value() == [f"Anne ({first.number})"]

    client.post(address(task, "edit"), as_sent(form, attendees=[f"Bjørn ({second.number})"]))

    assert [str(row) for row in task.attendees.all()] == ["Bob", "Bjørn"]


# Rights.


@pytest.mark.parametrize("verb", ["", "edit"])
def test_a_stranger_and_who_is_signed_out_see_nothing(bob: User, charlie: User, verb: str) -> None:
    task = make_task(bob)

    assert signed_in(charlie).get(address(task, verb)).status_code == 404
    assert Client().get(address(task, verb)).status_code == 302


def test_a_strangers_change_is_a_404(bob: User, charlie: User) -> None:
    task = make_task(bob)

    assert signed_in(charlie).post(address(task, "edit"), {}).status_code == 404


def test_the_page_itself_is_only_read(bob: User) -> None:
    assert signed_in(bob).post(address(make_task(bob))).status_code == 405


def test_names_of_attendees_are_suggested(bob: User, charlie: User) -> None:
    PersonFactory(name="Bobine")
    mate = seller("bobby", bob.salesperson.memberships.get().team)

    names = signed_in(bob).get("/tasks/suggest/?q=bob").json()["names"]

    assert names[:2] == ["Bob", str(mate.salesperson)]
    assert names[2].startswith("Bobine (C")
    assert signed_in(bob).get("/tasks/suggest/").json() == {"names": []}


def test_a_team_task_waits_for_a_member(bob: User) -> None:
    team = bob.salesperson.memberships.get().team
    TeamFactory()
    client = signed_in(bob)
    form = client.get(CREATE).context["form"]

    wish = {"description": "Call", "salesperson": "", "team": str(team.pk)}
    client.post(CREATE, as_sent(form, **wish))

    task = Task.objects.get()
    assert (task.salesperson, task.team) == (None, team)
    assert signed_in(bob).get(address(task)).context["facts"].can_take
