"""The fields in which a task is typed: how long, for which opportunity, with whom."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from contacts.inputs import NOT_CHOSEN, contact_field
from contacts.models import Contact
from lists.filtering import RowField, shown
from salespeople.models import Salesperson, Team, User
from salespeople.roles import is_manager
from salespeople.visibility import Person, assignable_salespeople, visible_teams
from tasks.models import WHOLE_DAY, Task, teams_of

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
CLOCK = re.compile(r"(\d{1,5}):([0-5]\d)")
PART = re.compile(r"(\d{1,5}(?:[.,]\d{1,2})?)\s*([a-zæøå]*)")
# The letters of every language that the site speaks: hours are "timer" in Norwegian.
UNITS = {
    MINUTE: ("", "m", "min", "mins", "minute", "minutes", "minutt", "minutter"),
    HOUR: ("h", "hr", "hour", "hours", "t", "time", "timer"),
    WHOLE_DAY: ("d", "day", "days", "dag", "dager"),
}
LENGTHS = {word: unit for unit, words in UNITS.items() for word in words}
BLANK_ROWS = 3


class DurationField(forms.CharField):
    """A length as people type it: "30m", "1:30", "2h", "1h 30m", "2d"; a bare number is minutes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 40, "required": False, **options})

    def clean(self, value: Any) -> Any:
        """Return the length; None where nothing was typed."""
        text = str(super().clean(value) or "").lower()
        if not text:
            return None
        length = read_duration(text)
        if length is None:
            raise ValidationError(_("Write it like 30m, 1:30, 2h or 2d."), code="invalid")
        return length

    def prepare_value(self, value: Any) -> Any:
        """Show a length as it is typed."""
        return duration_text(value) if isinstance(value, timedelta) else value


def read_duration(text: str) -> timedelta | None:
    """Return the length that `text` says, None for what says none."""
    clock = CLOCK.fullmatch(text)
    if clock:
        return int(clock[1]) * HOUR + int(clock[2]) * MINUTE
    parts = PART.findall(text)
    if not parts or PART.sub("", text).strip(" ,+"):
        return None
    if any(unit not in LENGTHS for _number, unit in parts):
        return None
    return sum(
        (float(number.replace(",", ".")) * LENGTHS[unit] for number, unit in parts), timedelta(0)
    )


def duration_text(length: timedelta) -> str:
    """Return a length as one would type it: "2d", "2h", "1:30", "45m"."""
    days, rest = divmod(length, WHOLE_DAY)
    if not rest:
        return f"{days}{pgettext('days, as typed behind a number', 'd')}"
    hours, rest = divmod(length, HOUR)
    minutes = rest // MINUTE
    if not minutes:
        return f"{hours}{pgettext('hours, as typed behind a number', 'h')}"
    if not hours:
        return f"{minutes}{pgettext('minutes, as typed behind a number', 'm')}"
    return f"{hours}:{minutes:02}"


def opportunities_of(user: Person) -> QuerySet[Any]:
    """Return the opportunities that `user` may see, without importing their room."""
    model: Any = Task._meta.get_field("opportunity").related_model
    rows: QuerySet[Any] = model.objects.visible_to(user).kept()
    return rows


def opportunity_field(by: User, *, present: int | None = None) -> RowField:
    """Return the field of an open opportunity that `by` sees, or the present one."""
    rows = opportunities_of(by)
    return RowField(
        label=_("Opportunity"),
        queryset=rows.open() | rows.filter(pk=present),  # type: ignore[attr-defined]
        lookups=("description",),
        label_of=shown,
        suggest=str(reverse_lazy("opportunities:suggest")),
        required=False,
        empty_label=NOT_CHOSEN,
    )


def team_field(by: User) -> RowField:
    """Return the field of a team to which `by` may give a task."""
    seen = Q(pk__in=teams_of(by)) | Q(pk__in=visible_teams(by).values("pk"))
    return RowField(
        label=_("Team"),
        queryset=Team.objects.all() if is_manager(by) else Team.objects.filter(seen),
        lookups=("code", "name"),
        required=False,
        empty_label=NOT_CHOSEN,
        help_text=_("Any member may then take it."),
    )


class AttendeesInput(forms.TextInput):
    """One line for each attendee, and some empty ones; scripts suggest names."""

    template_name = "tasks/attendees_input.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return what was typed, line by line."""
        lines = data.getlist(name) if isinstance(data, QueryDict) else data.get(name, [])
        return [line.strip() for line in lines if line.strip()]

    def format_value(self, value: Any) -> Any:
        """Return the lines."""
        return list(value or [])

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the empty lines."""
        context = super().get_context(name, None, attrs)
        lines = self.format_value(value)
        context["widget"]["lines"] = [*lines, *[""] * BLANK_ROWS]
        context["widget"]["suggest"] = reverse_lazy("tasks:suggest")
        return context

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """Return the id of the first line."""
        return f"{id_}_1" if id_ else id_


class AttendeesField(forms.Field):
    """Salespeople and contacts, each typed by name: a tuple of both, in the order typed."""

    widget = AttendeesInput

    def __init__(self, *, by: User, present: Task | None = None) -> None:
        super().__init__(
            label=_("Attendees"),
            required=False,
            help_text=_("Salespeople and contacts, one a line; more lines come when you save."),
        )
        rows = present.attendees.all() if present is not None and present.pk else ()
        sellers = [row.salesperson_id for row in rows if row.salesperson_id]
        usable = assignable_salespeople(by).order_by().values("pk")
        self.sellers = RowField(
            queryset=Salesperson.objects.filter(Q(pk__in=usable) | Q(pk__in=sellers)),
            lookups=("code", "name"),
            widget=forms.TextInput(),
        )
        self.contacts = contact_field(by)
        self.contacts.rows = None  # typed, however few there are

    def to_python(self, value: Any) -> tuple[Salesperson | Contact, ...]:
        """Return who was typed; ValidationError names the line that fits nobody."""
        return tuple(self._one(line) for line in value or ())

    def _one(self, line: str) -> Any:
        if line.isdigit():
            raise ValidationError(_("“%(name)s” is no name.") % {"name": line[:40]})
        for field in (self.sellers, self.contacts):
            try:
                return field.to_python(line)
            except ValidationError as error:
                if error.code == "many":
                    raise
        raise ValidationError(
            _("There is nobody called “%(name)s”, or you may not see them.") % {"name": line[:40]}
        )

    def prepare_value(self, value: Any) -> Any:
        """Show people as they are typed."""
        return [row if isinstance(row, str) else shown(row) for row in value or ()]


def time_input(label: Any = None) -> forms.TimeField:
    """Return the field of a time of day."""
    return forms.TimeField(
        label=label or gettext_lazy("Start"),
        required=False,
        input_formats=["%H:%M", "%H:%M:%S", "%H.%M"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
