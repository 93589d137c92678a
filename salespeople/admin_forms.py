"""The forms of the admin pages of people: users with their role, and memberships in time."""

from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salespeople.administration import name_cells
from salespeople.models import Salesperson, TeamMembership, User
from salespeople.roles import ADMINISTRATOR, ROLES

if TYPE_CHECKING:  # Django's classes take type parameters in their stubs only
    MembershipForms = Any
    ModelForm = forms.ModelForm[Any]
else:
    MembershipForms = forms.BaseInlineFormSet
    ModelForm = forms.ModelForm


def is_only_administrator(user: User) -> bool:
    """Say whether nobody would be left who configures, if `user` no longer did."""
    administrators = User.objects.filter(
        Q(groups__name=ADMINISTRATOR) | Q(is_superuser=True), is_active=True
    )
    return set(administrators.values_list("pk", flat=True)) == {user.pk}


def only_administrator() -> str:
    """Return the sentence that refuses to lose the last one."""
    return _("This is the only administrator. Make another one first.")


class CodeForm(ModelForm):
    """A form whose code may be typed in small letters."""

    def clean_code(self) -> str:
        """Return the code in capital letters (Business Central R1)."""
        code: str = self.cleaned_data["code"]
        return code.strip().upper()


class RoleChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of one of the three roles, by its name in the person's language."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the translated name."""
        return _(obj.name)


class RoleForm(ModelForm):
    """What a user may do, and as which salesperson."""

    role = RoleChoiceField(
        label=gettext_lazy("Role"),
        queryset=Group.objects.none(),
        required=False,
        help_text=gettext_lazy(
            "A salesperson works with the opportunities that he or she sees; a manager also "
            "reassigns and restores; an administrator also configures."
        ),
    )
    salesperson = forms.ModelChoiceField(
        label=gettext_lazy("Salesperson"),
        queryset=Salesperson.objects.none(),
        required=False,
        help_text=gettext_lazy("Without one, a user sees opportunities only as administrator."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.instance
        free = Salesperson.objects.filter(user=None)
        own = Salesperson.objects.filter(user=user.pk) if user.pk else Salesperson.objects.none()
        self._field("role").queryset = Group.objects.filter(name__in=ROLES).order_by("pk")
        self._field("salesperson").queryset = free | own
        if user.pk:
            self.initial["role"] = user.groups.filter(name__in=ROLES).order_by("-pk").first()
            self.initial["salesperson"] = own.first()

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Refuse that nobody is left who could configure."""
        cleaned = super().clean() or self.cleaned_data
        role = cleaned.get("role")
        is_one = self.instance.is_superuser or (role is not None and role.name == ADMINISTRATOR)
        if not (cleaned.get("is_active", True) and is_one) and is_only_administrator(self.instance):
            self.add_error("role", only_administrator())
        return cleaned

    def link(self, user: User) -> None:
        """Give the saved user the chosen role and salesperson."""
        role = self.cleaned_data["role"]
        user.groups.set([role] if role else [])
        chosen = self.cleaned_data["salesperson"]
        former = Salesperson.objects.filter(user=user)
        (former.exclude(pk=chosen.pk) if chosen else former).update(user=None)
        if chosen:
            Salesperson.objects.filter(pk=chosen.pk).update(user=user)


class UserForm(RoleForm, UserChangeForm):  # type: ignore[type-arg]
    """A user."""


class NewUserForm(RoleForm, AdminUserCreationForm):  # type: ignore[type-arg]
    """A new user, with a password."""


class MembershipForm(ModelForm):
    """A membership; what it must not overlap with is looked at over all rows of the page."""

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"from_on"}

    def clean(self) -> dict[str, Any]:
        """Refuse an end that is not after the beginning."""
        cleaned = super().clean() or self.cleaned_data
        first, until = cleaned.get("from_on"), cleaned.get("until_on")
        if first and until and until <= first:
            self.add_error("until_on", _("The end lies before the beginning."))
        return cleaned


class MembershipFormSet(MembershipForms):  # type: ignore[misc, unused-ignore]
    """The memberships on a page: judged as they will be when all of them are saved."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name the cells of a row."""
        super().add_fields(form, index)
        name_cells(form)

    def clean(self) -> None:
        """Refuse two home teams at a time, and being in a team twice at a time."""
        super().clean()
        kept = [
            form.instance
            for form in self.forms
            if form.is_valid() and form.has_changed() | bool(form.instance.pk)
            if not self._should_delete_form(form)
        ]
        whose = {row.salesperson_id for row in kept if row.salesperson_id}
        here = [form.instance.pk for form in self.forms if form.instance.pk]
        others = TeamMembership.objects.filter(salesperson__in=whose).exclude(pk__in=here)
        for one, other in combinations([*kept, *others.select_related("team", "salesperson")], 2):
            check_apart(one, other)


def check_apart(one: TeamMembership, other: TeamMembership) -> None:
    """Raise ValidationError if two memberships contradict each other."""
    if one.salesperson_id != other.salesperson_id or not _overlap(one, other):
        return
    name = one.salesperson.name
    if one.is_home and other.is_home:
        raise ValidationError(
            _("A salesperson has one home team at a time: %(name)s, %(one)s and %(other)s.")
            % {"name": name, "one": one.team, "other": other.team}
        )
    if one.team_id == other.team_id:
        raise ValidationError(
            _("A salesperson is in a team once at a time: %(name)s.") % {"name": name}
        )


def _overlap(one: TeamMembership, other: TeamMembership) -> bool:
    """Say whether two spans share a day; the last day of neither belongs to it."""
    return one.from_on < (other.until_on or date.max) and other.from_on < (one.until_on or date.max)
