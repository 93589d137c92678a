"""The activities of the demo data: what there is to do once a stage has been entered."""

from typing import NamedTuple

from demo.cycles import CYCLES
from salescycles.models import Activity, ActivityStep, SalesCycleStage, TaskKind, TaskPriority


class Step(NamedTuple):
    """What is to be done, and when, from the day on which the stage is entered."""

    kind: TaskKind
    description: str
    date_formula: str
    priority: TaskPriority = TaskPriority.NORMAL


INTRODUCTION = (
    Step(TaskKind.PHONE_CALL, "Call and introduce us", "1D"),
    Step(TaskKind.TO_DO, "Send references", "3D", TaskPriority.LOW),
    Step(TaskKind.MEETING, "First meeting on site", "2W", TaskPriority.HIGH),
)
FOLLOW_UP = (
    Step(TaskKind.TO_DO, "Check that the offer has arrived", "2D"),
    Step(TaskKind.PHONE_CALL, "Call about the offer", "1W", TaskPriority.HIGH),
    Step(TaskKind.TO_DO, "Remind them before the offer runs out", "3W"),
)
CODES = [cycle.code for cycle in CYCLES]
# Code, description, steps, and the names of the stages that it is given to.
ACTIVITIES = (
    ("INTRO", "Introduction", INTRODUCTION,
     ("Need seen", "Prospect found", "First contact", "Identified")),
    ("FOLLOWUP", "Follow-up of an offer", FOLLOW_UP, ("Offer presented", "Offer sent")),
)  # fmt: skip


def create_activities() -> list[Activity]:
    """Create the activities with their steps; the demo data's stages use them from now on."""
    made = []
    for code, description, steps, stages in ACTIVITIES:
        activity = Activity.objects.create(code=code, description=description)
        ActivityStep.objects.bulk_create(
            ActivityStep(activity=activity, position=position, **step._asdict())
            for position, step in enumerate(steps, start=1)
        )
        SalesCycleStage.objects.filter(name__in=stages, sales_cycle__code__in=CODES).update(
            activity=activity
        )
        made.append(activity)
    return made
