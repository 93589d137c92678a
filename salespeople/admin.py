"""Admin pages of users, salespeople and teams."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.dates import today
from salespeople.admin_forms import (
    CodeForm,
    MembershipForm,
    MembershipFormSet,
    NewUserForm,
    UserForm,
    is_only_administrator,
    only_administrator,
)
from salespeople.administration import ConfigurationAdmin, ForAdministrators, Inline
from salespeople.models import Salesperson, SiteSettings, Team, TeamMembership, User
from salespeople.roles import ADMINISTRATOR

admin.site.unregister(Group)


class MembershipInline(ForAdministrators, Inline):
    """Who belongs to a team, or a salesperson to which teams, and when."""

    model = TeamMembership
    form = MembershipForm
    formset = MembershipFormSet
    extra = 0
    ordering = ("-from_on", "pk")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Begin a new membership today, with a plain choice of who or where."""
        formset = super().get_formset(request, obj, **kwargs)
        fields = formset.form.base_fields
        fields["from_on"].initial = today
        for name in {"team", "salesperson"} & set(fields):
            wrapper = fields[name].widget
            wrapper.can_add_related = wrapper.can_change_related = wrapper.can_view_related = False
        return formset


@admin.register(Salesperson)
class SalespersonAdmin(ConfigurationAdmin):
    """Who sells, what each of them sees, and as which user."""

    form = CodeForm
    list_display = ("name", "code", "job_title", "team_today", "sees", "user", "is_blocked")
    list_display_links = ("name", "code")
    list_filter = ("is_blocked", "sees")
    list_select_related = ("user",)
    search_fields = ("name", "code", "email")
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("code", "name", "job_title", "email", "phone")}),
        (gettext_lazy("Sales"), {"fields": ("commission_percent", "is_blocked")}),
        (gettext_lazy("Sign-in and rights"), {"fields": ("user", "sees")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Salesperson]:
        """Return the rows with their memberships."""
        return super().get_queryset(request).prefetch_related("memberships__team")

    @admin.display(description=gettext_lazy("home team"))
    def team_today(self, salesperson: Salesperson) -> str:
        """Return the name of the home team of today."""
        day = today()
        return next((str(m.team) for m in salesperson.memberships.all() if m.is_home_on(day)), "–")


@admin.register(Team)
class TeamAdmin(ConfigurationAdmin):
    """The tree of teams."""

    form = CodeForm
    list_display = ("name", "code", "parent", "manager", "members_today")
    list_display_links = ("name", "code")
    list_select_related = ("parent", "manager")
    search_fields = ("name", "code", "memberships__salesperson__name")
    fields = ("code", "name", "parent", "manager")
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        """Return the rows with their memberships."""
        return super().get_queryset(request).prefetch_related("memberships__salesperson")

    @admin.display(description=gettext_lazy("members"))
    def members_today(self, team: Team) -> str:
        """Return the names of those who belong here today."""
        day = today()
        names = sorted(m.salesperson.name for m in team.memberships.all() if m.is_home_on(day))
        return ", ".join(names) or "–"


@admin.register(SiteSettings)
class SiteSettingsAdmin(ConfigurationAdmin):
    """What holds for everybody; there is one row."""

    list_display = ("__str__", "big_win_value")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse a second row."""
        return super().has_add_permission(request) and not SiteSettings.objects.exists()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write the one row."""
        obj.pk = 1
        super().save_model(request, obj, form, change)


@admin.register(User)
class UserAdmin(ConfigurationAdmin, DjangoUserAdmin):  # type: ignore[type-arg]
    """Who signs in, in which role, and as which salesperson."""

    form = UserForm
    add_form = NewUserForm
    list_display = ("username", "full_name", "email", "role", "salesperson_name", "is_active")
    list_filter = ("is_active", "groups")
    list_select_related = ("salesperson",)
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        (gettext_lazy("Role"), {"fields": ("role", "salesperson")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (gettext_lazy("Preferences"), {"fields": ("language", "time_zone", "theme")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "usable_password", "password1", "password2"),
            },
        ),
        (gettext_lazy("Role"), {"classes": ("wide",), "fields": ("role", "salesperson")}),
        (
            gettext_lazy("Person"),
            {"classes": ("wide",), "fields": ("first_name", "last_name", "email")},
        ),
    )
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the rows with their roles."""
        return super().get_queryset(request).prefetch_related("groups")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save role and salesperson beside the user, and say what is missing."""
        super().save_related(request, form, formsets, change)
        form.link(form.instance)
        role, salesperson = form.cleaned_data["role"], form.cleaned_data["salesperson"]
        if salesperson is None and (role is None or role.name != ADMINISTRATOR):
            text = _("“%(user)s” is linked to no salesperson and so sees no opportunities.")
            self.message_user(request, text % {"user": form.instance}, messages.WARNING)

    def deletion_refusal(self, row: Any) -> str | None:
        """Keep the last administrator, too."""
        return only_administrator() if is_only_administrator(row) else super().deletion_refusal(row)

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        """Return the full name."""
        return user.get_full_name() or "–"

    @admin.display(description=gettext_lazy("role"))
    def role(self, user: User) -> str:
        """Return the names of the roles."""
        names = ((_(group.name),) for group in user.groups.all())
        return format_html_join(", ", "{}", names) or "–"

    @admin.display(description=gettext_lazy("salesperson"), ordering="salesperson__name_sort")
    def salesperson_name(self, user: User) -> str:
        """Return the name of the salesperson that the user signs in as."""
        return str(getattr(user, "salesperson", None) or "–")
