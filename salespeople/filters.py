"""The filters of the salespeople's pages."""

from datetime import date
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.dates import today
from lists.filtering import RowFilter
from salespeople.figures import Span
from salespeople.models import Salesperson, Team, TeamMembership
from salespeople.visibility import visible_teams, with_teams_below

LONGEST_TEXT = 200


class SalespersonFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of the list of salespeople; without a choice, nobody blocked."""

    q = django_filters.CharFilter(
        method="by_text",
        label=gettext_lazy("Name, code or e-mail"),
        max_length=LONGEST_TEXT,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": gettext_lazy("Name, code or e-mail")}
        ),
    )
    team = RowFilter(
        method="by_team",
        label=gettext_lazy("Team"),
        rows=lambda f: visible_teams(f.request.user),
        lookups=("code", "name"),
        empty_label=gettext_lazy("Any team"),
    )
    blocked = django_filters.ChoiceFilter(
        method="by_blocked",
        label=gettext_lazy("Blocked"),
        choices=[("yes", gettext_lazy("Blocked only")), ("any", gettext_lazy("Blocked too"))],
        empty_label=gettext_lazy("Not blocked"),
    )

    class Meta:
        model = Salesperson
        fields: ClassVar[list[str]] = []

    def rows(self) -> Any:
        """Return what matches; raises BadRequest for a value that no filter knows."""
        if not self.form.is_valid():
            raise BadRequest(first_error(self.form))
        found = self.qs
        return found if self.form.cleaned_data["blocked"] else found.filter(is_blocked=False)

    def by_text(self, rows: Any, name: str, value: str) -> Any:
        """Keep those whose name, code or e-mail contains the text."""
        return rows.search(value)

    def by_team(self, rows: Any, name: str, value: Team) -> Any:
        """Keep those whose home today is the team or a team below it."""
        homes = TeamMembership.objects.home().on(today())
        members = homes.filter(team__in=with_teams_below([value.pk]))
        return rows.filter(Q(pk__in=members.values("salesperson")))

    def by_blocked(self, rows: Any, name: str, value: str) -> Any:
        """Keep the blocked ones, or everybody."""
        return rows.filter(is_blocked=True) if value == "yes" else rows


class SpanForm(forms.Form):
    """A range of close dates (Business Central R150)."""

    close_from = forms.DateField(
        label=gettext_lazy("Closes from"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    close_until = forms.DateField(
        label=gettext_lazy("Closes until"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a range that ends before it begins."""
        first, last = self._day("close_from"), self._day("close_until")
        if first and last and last < first:
            raise ValidationError(_("The last close date lies before the first."))
        return self.cleaned_data

    def span(self) -> Span:
        """Return the range; raises BadRequest for what is none."""
        if not self.is_valid():
            raise BadRequest(first_error(self))
        return Span(self._day("close_from"), self._day("close_until"))

    def _day(self, name: str) -> date | None:
        return self.cleaned_data.get(name)


def first_error(form: forms.Form) -> str:
    """Return the first error of a form, behind the label of its field."""
    name, errors = next(iter(form.errors.items()))
    field = form.fields.get(name)
    return f"{field.label}: {errors[0]}" if field else str(errors[0])
