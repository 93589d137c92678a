"""What the page tests of tasks share: clients, and forms as a browser sends them back."""

from typing import Any

from tasks.forms import TaskForm
from tasks.models import Task
from tests.contacts.pages import signed_in, text_of

__all__ = ["as_sent", "receipts", "signed_in", "text_of"]


def as_sent(form: TaskForm, **typed: Any) -> dict[str, Any]:
    """Return what a browser would send of a form as it is shown, with what is typed."""
    data: dict[str, Any] = {}
    for field in form:
        value = field.value()
        if field.name == "shown" or value is None or value is False:
            continue
        widget = field.field.widget
        shown = widget.format_value(value) if field.name in ("due_on", "start_time") else value
        data[field.name] = "on" if value is True else shown
    data["shown"] = form.as_shown() if form.task else ""
    return {name: value for name, value in (data | typed).items() if value is not None}


def receipts(answer: Any) -> list[str]:
    """Return the receipts of the page that a POST leads to."""
    return [str(message) for message in answer.context["messages"]]


def address(task: Task, verb: str = "") -> str:
    """Return the fixed address of its page, or of a verb below it."""
    return f"/tasks/{task.pk}/{f'{verb}/' if verb else ''}"
