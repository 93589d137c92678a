"""What is done with several tasks at once: each by itself, with a report."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from django import forms
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.inputs import salesperson_field
from crm.forms import DoorForm, day_input
from lists.parameters import as_id
from notices.telling import together
from salespeople.models import User
from tasks import lifecycle
from tasks.models import Task

MOST = 200
VERBS = [
    ("complete", gettext_lazy("Done")),
    ("reschedule", gettext_lazy("Move to")),
    ("assign", gettext_lazy("Give to")),
    ("cancel", gettext_lazy("Cancel")),
    ("reopen", gettext_lazy("Reopen")),
]


@dataclass
class Report:
    """What became of each: done, as it was already, or refused, with the reason."""

    done: list[Task] = field(default_factory=list)
    skipped: list[Task] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


class BulkForm(DoorForm):
    """Which tasks (each "id-edits"), what is done with them, and with what."""

    act = forms.ChoiceField(choices=VERBS)
    bulk_due_on = day_input(gettext_lazy("On"))
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    def __init__(self, data: object = None, *, by: User) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.by = by
        self.fields["bulk_salesperson"] = salesperson_field(by)
        for name, css in (("bulk_due_on", "form-control"), ("bulk_salesperson", "form-select")):
            self.fields[name].widget.attrs["class"] = css

    def clean(self) -> dict[str, object]:
        """Ask for what the verb needs."""
        data = self.cleaned_data
        needed = {"reschedule": "bulk_due_on", "assign": "bulk_salesperson"}.get(
            data.get("act", "")
        )
        if needed and not data.get(needed) and needed not in self.errors:
            is_day = needed == "bulk_due_on"
            self.add_error(needed, _("Give a day.") if is_day else _("Choose a salesperson."))
        return data

    def verb(self) -> Callable[[Task, int], Task]:
        """Return what is done with each task, given the version that was seen."""
        data, by = self.cleaned_data, self.by
        verbs: dict[str, Callable[[Task, int], Task]] = {
            "complete": lambda task, seen: lifecycle.complete(task, by=by, seen=seen),
            "cancel": lambda task, seen: lifecycle.cancel(task, by=by, seen=seen),
            "reopen": lambda task, seen: lifecycle.reopen(task, by=by, seen=seen),
            "reschedule": lambda task, seen: lifecycle.reschedule(
                task, data["bulk_due_on"], by=by, seen=seen
            ),
            "assign": lambda task, seen: lifecycle.assign(
                task, by=by, salesperson=data["bulk_salesperson"], seen=seen
            ),
        }
        return verbs[data["act"]]


def chosen(words: Iterable[str], *, by: User) -> list[tuple[Task, int]]:
    """Return the visible tasks that the boxes name, each with the version that was seen.

    Raises BadRequest for more than a page can tick: none is dropped silently.
    """
    seen: dict[int, int] = {}
    for word in words:
        pk, _dash, edits = word.partition("-")
        number, version = as_id(pk), as_id(edits)
        if number is not None and version is not None:
            seen[number] = version
    if len(seen) > MOST:
        raise BadRequest(_("At most %(most)d of them.") % {"most": MOST})
    rows = Task.objects.visible_to(by).filter(pk__in=seen).order_by("due_on", "pk")
    return [(task, seen[task.pk]) for task in rows]


def act_on(tasks: Iterable[tuple[Task, int]], do: Callable[[Task, int], Task]) -> Report:
    """Do the same with each task; one that is refused does not keep the others back."""
    report = Report()
    act = uuid4()
    for task, seen in tasks:
        try:
            with together(act):
                fresh = do(task, seen)
        except ValidationError as error:
            report.refused.append((str(task), " ".join(error.messages)))
        except PermissionDenied as error:
            report.refused.append((str(task), str(error)))
        except lifecycle.Conflict as conflict:
            words = {"name": conflict.task.changed_by}
            report.refused.append((str(task), _("%(name)s has changed it meanwhile.") % words))
        except Task.DoesNotExist:
            report.refused.append((str(task), _("It is gone, or no longer for you to see.")))
        else:
            (report.skipped if fresh.edits == task.edits else report.done).append(fresh)
    return report
