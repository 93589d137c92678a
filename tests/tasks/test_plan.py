"""Planning tasks: what is asked for, what is taken over, and what is refused (R186–R188)."""

from crm.dates import today
from salespeople.models import User
from tests.factories import ActivityFactory, make_opportunity, make_task


def test_r188_of_an_opportunity_comes_what_is_not_given(bob: User) -> None:
    opportunity = make_opportunity(bob, stage=1)

    task = make_task(bob, opportunity=opportunity)

    assert task.salesperson == opportunity.salesperson
    assert task.contact == opportunity.contact
    assert task.company == opportunity.company
    assert task.entry == opportunity.entries.get(sequence=opportunity.sequence)
    assert task.due_on == today()


def test_an_activity_has_its_steps_in_order(bob: User) -> None:
    activity = ActivityFactory(steps=[("to_do", ""), ("meeting", "2D")])

    steps = activity.steps.order_by("position").values_list("position", "kind", "date_formula")
    assert list(steps) == [(1, "to_do", ""), (2, "meeting", "2D")]
