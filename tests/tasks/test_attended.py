"""Who attends a meeting sees it, and not what it is about (product.md 2)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from changes.models import Change
from crm.dates import today
from opportunities import lifecycle as door
from opportunities.models import Opportunity
from salespeople.models import Salesperson, User
from tasks import lifecycle
from tasks.list_kind import TASKS
from tasks.models import Task
from tests.factories import CompanyFactory, PersonFactory, make_opportunity, make_task
from tests.opportunities.pages import at_stage
from tests.search.pages import found, numbers
from tests.tasks.pages import address, as_sent, signed_in

SECRET = "A takeover of Nordvik"


@pytest.fixture
def meeting(bob: User, charlie: User) -> Task:
    """Charlie's, about an opportunity that bob may not see; bob attends it."""
    Salesperson.objects.update(email="x@example.com")
    charlie.salesperson.refresh_from_db()
    company = CompanyFactory(name="Fjord AS", email="post@fjord.example")
    PersonFactory(name="Kari Berg", company=company, email="kari@fjord.example")
    opportunity = at_stage(charlie, 2, contact=company, description=SECRET)
    return make_task(
        charlie,
        opportunity=opportunity,
        kind="meeting",
        description="Kick-off",
        salesperson=charlie.salesperson,
        attendees=(bob.salesperson,),
    )


def test_the_search_tells_the_meeting_and_not_the_opportunity(meeting: Task, bob: User) -> None:
    hits = [hit for group in found("kick-off", bob).groups for hit in group.hits]

    assert [(hit.number, hit.about) for hit in hits] == [(meeting.number, ("Fjord AS",))]


@pytest.mark.parametrize("text", ["takeover", "takeover kick-off", "kick-off takeover", "takeovre"])
def test_the_search_does_not_find_it_by_the_opportunity(
    meeting: Task, bob: User, charlie: User, text: str
) -> None:
    assert numbers(text, bob) == []
    assert meeting.number in numbers("takeover", charlie)


@pytest.mark.parametrize("verb", ["create", "write"])
def test_what_is_logged_or_written_from_it_names_no_opportunity(
    meeting: Task, bob: User, verb: str
) -> None:
    answer = signed_in(bob).get(f"/interactions/{verb}/?task={meeting.pk}")

    assert answer.status_code == 200
    assert SECRET not in answer.content.decode()
    assert f"/opportunities/{meeting.opportunity_id}/" not in answer.content.decode()


def test_no_mail_is_kept_with_an_opportunity_that_is_hidden(meeting: Task, bob: User) -> None:
    mail = SimpleUploadedFile("a.eml", b"From: a@b.example\nTo: c@d.example\nSubject: Hi\n\nHi")
    link = f"/interactions/keep/?task={meeting.pk}"

    answer = signed_in(bob).post(link, {"mail": mail})

    assert answer.status_code == 302
    assert "opportunities" not in answer["Location"]


def test_the_contacts_timeline_tells_the_meeting_only(
    meeting: Task, bob: User, charlie: User
) -> None:
    assert meeting.contact is not None
    page = meeting.contact.get_absolute_url()

    his = signed_in(bob).get(page).content.decode()
    hers = signed_in(charlie).get(page).content.decode()

    assert "Kick-off" in his
    assert SECRET not in his
    assert SECRET in hers


def test_saving_it_leaves_the_hidden_opportunity_where_it_is(meeting: Task, bob: User) -> None:
    client = signed_in(bob)
    form = client.get(address(meeting)).context["form"]
    tomorrow = today() + timedelta(days=1)

    answer = client.post(address(meeting, "edit"), as_sent(form, due_on=tomorrow.isoformat()))

    fresh = Task.objects.get()
    assert answer.status_code == 302
    assert form["opportunity"].value() is None
    assert (fresh.due_on, fresh.opportunity_id) == (tomorrow, meeting.opportunity_id)


def test_saving_it_leaves_a_deleted_opportunity_where_it_is(bob: User) -> None:
    opportunity = make_opportunity(bob)
    task = make_task(bob, opportunity=opportunity)
    door.delete(opportunity, by=bob)
    client = signed_in(bob)
    form = client.get(address(task)).context["form"]

    client.post(address(task, "edit"), as_sent(form, note="Still"))

    fresh = Task.objects.get()
    assert (fresh.note, fresh.opportunity_id) == ("Still", opportunity.pk)


def test_the_list_is_not_sorted_by_the_opportunity(meeting: Task, bob: User) -> None:
    """Neither its place nor the cursor of a page tells a name that the row hides."""
    of_bob = at_stage(bob, 1, description="A roof")
    of_charlie = Opportunity.objects.exclude(pk=of_bob.pk)
    mine = make_task(bob, opportunity=of_bob, salesperson=bob.salesperson)
    client = signed_in(bob)
    query = "/tasks/?whose=all&status=any&sort=-opportunity"

    rows = client.get(query).context["page"].rows
    order = [row.pk for row in rows]

    assert (order.index(mine.pk), of_charlie.get().description) == (0, SECRET)
    assert [row.told_sort for row in rows if row.pk == meeting.pk] == [None]
    assert TASKS.columns.sorts["opportunity"].path == "told_sort"


def test_what_was_changed_of_it_names_no_opportunity(
    meeting: Task, bob: User, charlie: User
) -> None:
    """Nor does it when the meeting has been about another one before."""
    other = at_stage(charlie, 1, description="Another secret")
    lifecycle.edit(meeting, by=charlie, opportunity=other)
    change = Change.objects.filter(task=meeting, verb="edit").get()
    address = f"/changes/{change.pk}/undo/"

    for user, is_told in ((bob, False), (charlie, True)):
        answer = signed_in(user).get(address)
        text = answer.content.decode()
        assert (answer.status_code, SECRET in text, other.description in text) == (
            200, is_told, is_told,
        )  # fmt: skip
