"""Every field of every form of tasks gets nonsense: refused with a sentence, never a failure."""

import pytest

from salespeople.models import User
from tests.factories import CompanyFactory, make_opportunity, make_task
from tests.tasks.pages import address, signed_in
from tests.test_house import HOSTILE

ANSWERS = {302, 400, 403, 409, 422}


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v[:8]))
@pytest.mark.parametrize("verb", ["create", "edit", "complete", "reschedule", "assign", "cancel"])
def test_hostile_forms_are_refused(bob: User, verb: str, value: str) -> None:
    task = make_task(bob, opportunity=make_opportunity(bob), contact=CompanyFactory())
    client = signed_in(bob)
    page = "/tasks/create/" if verb == "create" else address(task, verb)
    form = client.get(page).context["form"]

    for field in form.fields:
        answer = client.post(page, {"seen": "0", field: value})
        assert answer.status_code in ANSWERS, field


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v[:8]))
def test_a_hostile_bulk_changes_nothing(bob: User, value: str) -> None:
    task = make_task(bob)
    client = signed_in(bob)

    choose = "/lists/tasks/choose/"
    assert client.post(choose, {"action": value, "row": task.pk}).status_code == 400
    assert client.post(choose, {"action": "complete", "row": value}).status_code == 302
    assert client.post("/tasks/cancel_many/", {"task": value}).status_code == 302
    for action, field in (("reschedule", "due_on"), ("assign", "salesperson")):
        page = str(client.post(choose, {"action": action, "row": task.pk})["Location"])
        assert client.post(page, {field: value}).status_code == 422
    task.refresh_from_db()
    assert task.edits == 0


@pytest.mark.parametrize("value", HOSTILE[1:], ids=lambda v: repr(v[:8]))
@pytest.mark.parametrize("name", ["q", "whose", "due", "salesperson", "opportunity", "due_from"])
def test_hostile_filters_are_refused_or_find_nothing(bob: User, name: str, value: str) -> None:
    make_task(bob)

    answer = signed_in(bob).get("/tasks/", {name: value})

    assert answer.status_code in (200, 400)
    assert answer.context["page"].rows == []
