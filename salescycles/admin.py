"""Admin pages of sales cycles with their stages, of activities, and of close reasons."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Prefetch, QuerySet
from django.forms import Media
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.money import format_money
from salescycles.admin_forms import (
    SalesCycleForm,
    StageForm,
    StageFormSet,
    StepForm,
    StepFormSet,
    clean_deletion,
)
from salescycles.figures import IN_PROGRESS, cycle_columns, cycle_figures
from salescycles.models import (
    Activity,
    ActivityStep,
    CloseReason,
    SalesCycle,
    SalesCycleStage,
)
from salespeople.admin_forms import CodeForm
from salespeople.administration import ConfigurationAdmin, ForAdministrators, Inline, uses

ESTIMATES = {"probability_calculation", "completed", "chances_of_success"}


class OrderedInline(ForAdministrators, Inline):
    """A table whose rows are ordered by dragging, by arrows, or by their numbers."""

    extra = 0
    ordering = ("position",)

    @property
    def media(self) -> Media:
        """Return the script that drags rows."""
        return super().media + Media(js=["js/admin_order.js"])

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Refuse deleting in our words."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.hand_clean_DELETE = clean_deletion
        return formset


class StageInline(OrderedInline):
    """The stages of a cycle."""

    model = SalesCycleStage
    form = StageForm
    formset = StageFormSet
    fields = (
        "position",
        "name",
        "description",
        "completed",
        "chances_of_success",
        "date_formula",
        "activity",
        "quote_required",
        "allow_skip",
        "is_blocked",
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the plain choice of an activity: the buttons beside it need room."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "activity":
            field.widget = field.widget.widget
            field.widget.attrs["class"] = "stage-activity"
        return field


class StepInline(OrderedInline):
    """The steps of an activity."""

    model = ActivityStep
    form = StepForm
    formset = StepFormSet
    fields = ("position", "kind", "description", "priority", "date_formula")


@admin.register(SalesCycle)
class SalesCycleAdmin(ConfigurationAdmin):
    """The ways of selling."""

    form = SalesCycleForm
    list_display = (
        "name",
        "code",
        "probability_calculation",
        "is_default",
        "is_blocked",
        "number",
        "estimated_value",
        "calculated_value",
    )
    list_display_links = ("name", "code")
    search_fields = ("code", "name")
    inlines = (StageInline,)
    readonly_fields = ("now",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("code", "name"),
                    "description",
                    "probability_calculation",
                    ("is_default", "is_blocked"),
                )
            },
        ),
        (gettext_lazy("Now"), {"fields": ("now",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out what a new cycle does not have."""
        return super().get_fieldsets(request, obj) if obj else self.fieldsets[:1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SalesCycle]:
        """Return the cycles with what is in progress at each (R6)."""
        found: QuerySet[SalesCycle] = super().get_queryset(request)
        return found.annotate(**cycle_columns())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep one default at most, and say which one it was."""
        if obj.is_default:
            self._take_default(request, obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Say what a change of the estimates does not do (Business Central R5)."""
        super().save_related(request, form, formsets, change)
        changed = {name for one in [form, *_changed(formsets)] for name in one.changed_data}
        opportunities = form.instance.opportunities.kept().filter(status=IN_PROGRESS).count()
        if change and changed & ESTIMATES and opportunities:
            text = ngettext(
                "%(count)d opportunity in progress keeps its probability until its next change.",
                "%(count)d opportunities in progress keep their probability until their next "
                "change.",
                opportunities,
            )
            self.message_user(request, text % {"count": opportunities}, messages.INFO)

    def _take_default(self, request: HttpRequest, cycle: SalesCycle) -> None:
        others = SalesCycle.objects.filter(is_default=True).exclude(pk=cycle.pk)
        names = ", ".join(str(other) for other in others)
        if others.update(is_default=False):
            text = _("“%(new)s” is now proposed for new opportunities instead of “%(old)s”.")
            self.message_user(request, text % {"new": cycle, "old": names}, messages.INFO)

    @admin.display(description=gettext_lazy("in progress"), ordering="number")
    def number(self, cycle: Any) -> int:
        """Return how many opportunities are in progress."""
        return int(cycle.number)

    @admin.display(description=gettext_lazy("estimated value"), ordering="estimated_value")
    def estimated_value(self, cycle: Any) -> str:
        """Return their estimated value."""
        return format_money(cycle.estimated_value, is_brief=True)

    @admin.display(description=gettext_lazy("calculated value"), ordering="calculated_value")
    def calculated_value(self, cycle: Any) -> str:
        """Return their calculated value."""
        return format_money(cycle.calculated_value, is_brief=True)

    @admin.display(description=gettext_lazy("opportunities"))
    def now(self, cycle: SalesCycle) -> str:
        """Return the table of what stands at each stage."""
        return render_to_string("admin/salescycles/now.html", {"now": cycle_figures(cycle)})


def _changed(formsets: Any) -> list[Any]:
    return [form for formset in formsets for form in formset.initial_forms]


@admin.register(Activity)
class ActivityAdmin(ConfigurationAdmin):
    """The templates of tasks (Business Central R202)."""

    form = CodeForm
    list_display = ("description", "code", "number", "used_by", "is_blocked")
    list_display_links = ("description", "code")
    list_filter = ("is_blocked",)
    search_fields = ("code", "description", "steps__description")
    inlines = (StepInline,)
    readonly_fields = ("used_by",)
    fields = (("code", "description"), "is_blocked", "used_by")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out what a new activity does not have."""
        return self.fields if obj else self.fields[:-1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Activity]:
        """Return the activities with the number of their steps and with their stages."""
        found: QuerySet[Activity] = super().get_queryset(request)
        stages = SalesCycleStage.objects.select_related("sales_cycle")
        counted = found.annotate(number=Count("steps", distinct=True))
        return counted.prefetch_related(Prefetch("stages", stages))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Say which stages go on with an activity that is blocked."""
        super().save_model(request, obj, form, change)
        stages = list(obj.stages.select_related("sales_cycle"))
        if obj.is_blocked and "is_blocked" in form.changed_data and stages:
            text = _("It still makes its tasks at the stages that have it: %(stages)s.")
            self.message_user(request, text % {"stages": _named(stages)}, messages.WARNING)

    @admin.display(description=gettext_lazy("steps"), ordering="number")
    def number(self, activity: Any) -> int:
        """Return how many steps it has."""
        return int(activity.number)

    @admin.display(description=gettext_lazy("used by"))
    def used_by(self, activity: Activity) -> str:
        """Return the stages that have it."""
        return _named(activity.stages.all()) or "–"


def _named(stages: Iterable[SalesCycleStage]) -> str:
    """Return the stages with their cycles, in the order of both."""
    rows = sorted(stages, key=lambda stage: (stage.sales_cycle.name, stage.position))
    return ", ".join(f"{stage.name} ({stage.sales_cycle.name})" for stage in rows)


@admin.register(CloseReason)
class CloseReasonAdmin(ConfigurationAdmin):
    """Why opportunities are won and lost."""

    form = CodeForm
    list_display = ("description", "code", "kind", "is_blocked", "used")
    list_display_links = ("description", "code")
    list_filter = ("kind", "is_blocked")
    search_fields = ("code", "description")
    fields = ("code", "description", "kind", "is_blocked")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the kind of a reason in use: the ledger's outcomes rest on it."""
        is_used = obj is not None and bool(uses(obj))
        return ("kind_in_use", "used") if is_used else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the kind with the reason why it stays, where it stays."""
        if "kind_in_use" in self.get_readonly_fields(request, obj):
            return ("code", "description", "kind_in_use", "is_blocked", "used")
        return self.fields

    @admin.display(description=gettext_lazy("kind"))
    def kind_in_use(self, reason: CloseReason) -> str:
        """Return the kind, and why it cannot be changed."""
        text = _("%(kind)s (stays, because opportunities were closed with it)")
        return text % {"kind": reason.get_kind_display()}

    @admin.display(description=gettext_lazy("used by"))
    def used(self, reason: CloseReason) -> str:
        """Return how many entries carry it (Business Central R14)."""
        return str(dict(_entries(reason)).get("opportunityentry", 0))


def _entries(reason: CloseReason) -> list[tuple[str, int]]:
    return [(str(model._meta.model_name), count) for model, count in uses(reason)]
