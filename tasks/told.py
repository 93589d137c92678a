"""Who is told of tasks and interactions (issue 4, 3): whoever gets a task, and the mentioned.

What a stage makes is told by nobody: it comes with the opportunity (ADR 0023).
"""

from collections.abc import Iterable

from crm.dates import today
from notices.kinds import Kind
from notices.telling import Told, tell, withdraw
from salespeople.mentions import tell_mentioned
from salespeople.models import TeamMembership, User
from tasks.interaction import Interaction
from tasks.models import Task


def of_planning(tasks: list[Task], *, by: User) -> None:
    """Tell whoever has got tasks from somebody else, once for all of them."""
    _tell(tasks, by=by)
    for task in tasks:
        of_note(task, by=by)


def of_giving(task: Task, *, by: User) -> None:
    """Tell the new holder, and withdraw it from the one before."""
    take_back([task])
    _tell([task], by=by)


def of_note(task: Task, *, by: User, before: str = "") -> None:
    """Tell whom the note mentions, and did not mention before."""
    if task.note != before:
        tell_mentioned(task.note, task, by=by, field="note", before=before)


def of_interaction(interaction: Interaction, *, by: User) -> None:
    """Tell whom the text mentions; what stands in a mail was written to somebody else."""
    if interaction.kind != Interaction.Kind.EMAIL:
        tell_mentioned(interaction.text, interaction, by=by, field="text")


def take_back(tasks: Iterable[Task]) -> None:
    """Withdraw tasks from those who have not read of them: taken, given away, or closed."""
    withdraw(Kind.TASK, task__in=[task.pk for task in tasks])


def _tell(tasks: list[Task], *, by: User) -> None:
    members = _members({task.team_id for task in tasks if not task.salesperson_id})
    told = []
    for task in tasks:
        if task.salesperson is not None:
            told.append(Told(task.salesperson.user_id, task))
        else:
            told += [Told(user, task) for user in members.get(task.team_id, ())]
    tell(Kind.TASK, told, by=by)


def _members(teams: set[int | None]) -> dict[int | None, list[int | None]]:
    """Return the users of those who may take the tasks of each team today."""
    if not teams:
        return {}
    rows = TeamMembership.objects.on(today()).filter(team__in=teams).order_by("pk")
    found: dict[int | None, list[int | None]] = {}
    for team, user in rows.values_list("team", "salesperson__user"):
        found.setdefault(team, []).append(user)
    return found
