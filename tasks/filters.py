"""The filters of the list of tasks."""

from datetime import date, timedelta
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from crm.dates import today
from lists.alternatives import ListFilter
from lists.filtering import FlagFilter, RangeForm, RowFilter, RunFilter, date_filter
from salescycles.models import TaskKind, TaskPriority
from salespeople.models import Salesperson, Team, TeamMembership
from salespeople.visibility import Person, salesperson_of, visible_salespeople, visible_teams
from tasks.inputs import opportunities_of
from tasks.models import Task, TaskAttendee, TaskQuerySet, teams_of

LONGEST_TEXT = 200
WEEK = 7
MINE, TEAM, FREE, ALL, ATTENDING = "mine", "team", "free", "all", "attending"
WHOSE = [
    (MINE, _("Mine")),
    (TEAM, _("My team's")),
    (FREE, _("My team's, for the taking")),
    (ATTENDING, _("Meetings I attend")),
    (ALL, _("All I see")),
]
STATUSES = [
    ("open", _("Open")),
    ("closed", _("Closed")),
    *Task.Status.choices,
    ("any", _("Any status")),
]
DUES = [
    ("now", _("Late and today")),
    ("late", _("Late")),
    ("today", _("Today")),
    ("week", _("This week")),
    ("later", _("Later")),
]
# Who asks for the tasks of a row means everybody's.
NARROWING = ("salesperson", "team", "opportunity", "contact", "run")


def of_whose(rows: TaskQuerySet, whose: str, user: Person) -> TaskQuerySet:
    """Return those of `user`, of the teams of `user`, those attended, or all of `rows`."""
    own = salesperson_of(user)
    if whose == ALL:
        return rows
    if own is None:
        return rows.none()
    if whose == MINE:
        return rows.filter(salesperson=own)
    if whose == ATTENDING:
        return rows.filter(pk__in=TaskAttendee.objects.filter(salesperson=own).values("task"))
    teams = teams_of(user)
    if whose == FREE:
        return rows.filter(team__in=teams, salesperson__isnull=True)
    mates = TeamMembership.objects.on(today()).filter(team__in=teams).values("salesperson")
    return rows.filter(Q(team__in=teams) | Q(salesperson__in=mates))


def of_status(rows: TaskQuerySet, status: str) -> TaskQuerySet:
    """Return those of a status; open, closed and any are several."""
    if status == "open":
        return rows.open()
    if status == "closed":
        return rows.closed()
    return rows if status == "any" else rows.filter(status=status)


def whose_in(query: QueryDict, user: Person) -> str:
    """Return whose tasks an address asks for; without a choice one's own, unless it names a row."""
    usual = MINE if salesperson_of(user) else ALL
    is_narrowed = any(query.get(name) for name in NARROWING)
    return str(query.get("whose") or (ALL if is_narrowed else usual))


def status_in(query: QueryDict) -> str:
    """Return the status that an address asks for; without a choice the open ones, of a run any."""
    return str(query.get("status") or ("any" if query.get("run") else "open"))


def asked_for(rows: TaskQuerySet, query: QueryDict, user: Person) -> TaskQuerySet:
    """Return those of whom and of which status the address asks for, or means by asking nothing.

    What it cannot mean is left to the form, which refuses it.
    """
    whose, status = whose_in(query, user), status_in(query)
    if whose in dict(WHOSE):
        rows = of_whose(rows, whose, user)
    return of_status(rows, status) if status in dict(STATUSES) else rows


def due_days(due: str) -> tuple[date | None, date | None]:
    """Return the first and the last day that a word stands for; None where there is no limit."""
    day = today()
    sunday = day + timedelta(days=WEEK - day.isoweekday())
    spans: dict[str, tuple[date | None, date | None]] = {
        "now": (None, day),
        "late": (None, day - timedelta(days=1)),
        "today": (day, day),
        "week": (day, sunday),
        "later": (sunday + timedelta(days=1), None),
    }
    return spans[due]


def whose_tasks_are_seen(filterset: "TaskFilter") -> QuerySet[Salesperson]:
    """Return whom the person sees, and whoever holds a meeting that he or she attends."""
    seen = visible_salespeople(filterset.request.user).order_by().values("pk")
    theirs = filterset.queryset.filter(salesperson=OuterRef("pk"))
    return Salesperson.objects.filter(Q(pk__in=seen) | Exists(theirs))


class TaskFilter(ListFilter):
    """Every filter of the list; without a choice, the person's own open ones."""

    q = django_filters.CharFilter(
        field_name="description",
        lookup_expr="icontains",
        label=_("Text"),
        max_length=LONGEST_TEXT,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search")}),
    )
    whose = django_filters.ChoiceFilter(label=_("Whose"), choices=WHOSE, method="leave")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=STATUSES, method="leave")
    due = django_filters.ChoiceFilter(
        label=_("Due"), choices=DUES, method="by_due", empty_label=_("Due any time")
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=TaskKind.choices, empty_label=_("Any kind")
    )
    priority = django_filters.ChoiceFilter(
        label=_("Priority"), choices=TaskPriority.choices, empty_label=_("Any priority")
    )
    due_from = date_filter("due_on", "gte", _("Due from"))
    due_until = date_filter("due_on", "lte", _("Due until"))
    salesperson = RowFilter(
        field_name="salesperson",
        label=_("Salesperson"),
        rows=whose_tasks_are_seen,
        lookups=("code", "name"),
        empty_label=_("Anybody"),
    )
    team = RowFilter(
        field_name="team",
        label=_("Team"),
        rows=lambda f: (
            visible_teams(f.request.user) | Team.objects.filter(pk__in=teams_of(f.request.user))
        ),
        lookups=("code", "name"),
        empty_label=_("Any team"),
    )
    opportunity = RowFilter(
        field_name="opportunity",
        label=_("Opportunity"),
        rows=lambda f: opportunities_of(f.request.user),
        lookups=("description",),
        widget=forms.HiddenInput,
    )
    contact = RowFilter(
        method="by_contact",
        label=_("Contact"),
        rows=lambda f: Contact.objects.visible_to(f.request.user),
        widget=forms.HiddenInput,
    )

    untaken = FlagFilter(
        "salesperson", "isnull", label=_("Nobody has taken them yet"), required=False
    )
    run = RunFilter("tasks")

    phrases: ClassVar[dict[str, Any]] = {
        "q": _("with “%(value)s” in the description"),
        "kind": _("of the kind %(value)s"),
        "priority": _("of priority %(value)s"),
        "due_from": _("due from %(value)s"),
        "due_until": _("due until %(value)s"),
        "salesperson": _("of %(value)s"),
        "team": _("of the team %(value)s"),
        "opportunity": _("of the opportunity %(value)s"),
        "contact": _("with %(value)s"),
        "untaken": _("that nobody has taken"),
        "run": _("that were changed together"),
    }
    choices: ClassVar[dict[tuple[str, str], Any]] = {
        ("due", "now"): _("that are late or due today"),
        ("due", "late"): _("that are late"),
        ("due", "today"): _("due today"),
        ("due", "week"): _("due in what is left of the week"),
        ("due", "later"): _("due after this week"),
    }

    class Meta:
        model = Task
        form = RangeForm
        fields: ClassVar[list[str]] = []

    in_tabs: ClassVar[tuple[str, ...]] = ("status", "whose")
    # Whose and which status have a usual choice, which no group could take back.
    has_groups: ClassVar[bool] = False
    first: ClassVar[tuple[str, ...]] = ("q", "due", "kind", "salesperson")

    @property
    def of_whom(self) -> str:
        """Whose tasks are shown."""
        return whose_in(self.data, self.request.user)

    @property
    def of_status(self) -> str:
        """Of which status."""
        return status_in(self.data)

    def sentence(self) -> dict[str, str | list[str]]:
        """Return a phrase for each filter in use, by its parameter; the tabs say the rest."""
        return {
            name: self._phrase(name, value)
            for name, value in self.used.items()
            if name not in self.in_tabs
        }

    def _phrase(self, name: str, value: Any) -> str:
        fixed = self.choices.get((name, str(value)))
        if fixed:
            return str(fixed)
        if isinstance(value, date):
            value = date_format(value, "SHORT_DATE_FORMAT")
        elif name == "kind":
            value = TaskKind(value).label
        elif name == "priority":
            value = str(TaskPriority(int(value)).label).lower()
        return str(self.phrases[name] % {"value": value})

    def leave(self, rows: Any, name: str, value: str) -> Any:
        """Leave it to `asked_for`, which knows the usual choice."""
        return rows

    def by_due(self, rows: Any, name: str, value: str) -> Any:
        """Keep those due within what the word stands for."""
        first, last = due_days(value)
        rows = rows.filter(due_on__gte=first) if first else rows
        return rows.filter(due_on__lte=last) if last else rows

    def by_contact(self, rows: Any, name: str, value: Contact) -> Any:
        """Keep those with a person, or with a company and all its people (R198)."""
        if value.is_company:
            return rows.filter(Q(company=value) | Q(contact=value))
        return rows.filter(contact=value)
