"""The forms of the admin pages: one default cycle, and stages and steps in their order."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salescycles.models import Activity
from salespeople.admin_forms import CodeForm
from salespeople.administration import check_deletion, name_cells

if TYPE_CHECKING:  # Django's classes take type parameters in their stubs only
    OrderedForms = Any
    ModelForm = forms.ModelForm[Any]
else:
    OrderedForms = forms.BaseInlineFormSet
    ModelForm = forms.ModelForm


LAST_POSITION = 9999


class SalesCycleForm(CodeForm):
    """A cycle; making it the default takes that away from the other one."""

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"is_default"}

    def clean(self) -> dict[str, Any]:
        """Refuse a default that may not be assigned (Business Central R3)."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("is_default") and cleaned.get("is_blocked"):
            self.add_error("is_default", _("A blocked cycle cannot be the default."))
        return cleaned


POSITION = forms.NumberInput(
    attrs={
        "class": "row-position",
        "min": 1,
        "data-drag": gettext_lazy("Drag to move"),
        "data-up": gettext_lazy("Move up"),
        "data-down": gettext_lazy("Move down"),
    }
)


class OrderedForm(ModelForm):
    """A row of an ordered table; its position is looked at together with those of the others."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "position" in self.fields:
            self.fields["position"] = forms.IntegerField(
                label=self.fields["position"].label,
                required=False,
                min_value=1,
                max_value=LAST_POSITION,
                widget=self.fields["position"].widget,
            )
        name_cells(self)

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"position"}


class OrderedFormSet(OrderedForms):  # type: ignore[misc, unused-ignore]
    """The rows of an ordered table, judged as they will stand when all of them are saved."""

    taken: Any = ""  # what is said of a position that two rows ask for

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name the cells of a row."""
        super().add_fields(form, index)
        name_cells(form)

    def clean(self) -> None:
        """Put new rows last, and refuse two at the same position."""
        super().clean()
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        kept = [form for form in kept if form.is_valid() and not self._should_delete_form(form)]
        last = max((form.cleaned_data.get("position") or 0 for form in kept), default=0)
        taken = set()
        for form in kept:
            position = form.cleaned_data.get("position")
            if not position:
                position = last = last + 1
            if position in taken:
                form.add_error("position", self.taken)
            taken.add(position)
            form.instance.position = position


class StageForm(OrderedForm):
    """A stage; its activity is one that may be assigned, or the one it has."""

    class Meta:
        widgets = {
            "position": POSITION,
            "name": forms.TextInput(attrs={"class": "stage-name"}),
            "description": forms.Textarea(attrs={"class": "stage-description", "rows": 2}),
            "completed": forms.NumberInput(
                attrs={"class": "stage-number", "min": 0, "max": 100, "step": "0.01"}
            ),
            "chances_of_success": forms.NumberInput(
                attrs={"class": "stage-number", "min": 0, "max": 100, "step": "0.01"}
            ),
            "date_formula": forms.TextInput(attrs={"class": "stage-formula"}),
        }


class StageFormSet(OrderedFormSet):
    """The stages of a cycle; they share one list of activities."""

    taken = gettext_lazy("Another stage has this position.")

    def add_fields(self, form: Any, index: int | None) -> None:
        """Offer the activities that may be assigned, and the one that the stage has."""
        super().add_fields(form, index)
        present = form.instance.activity_id
        form.fields["activity"].choices = [
            ("", "---------"),
            *((pk, text) for pk, text, is_blocked in self.activities
              if not is_blocked or pk == present),
        ]  # fmt: skip

    def clean(self) -> None:
        """Refuse to give a blocked activity to a stage that does not have it."""
        super().clean()
        is_blocked = {pk: blocked for pk, _text, blocked in self.activities}
        for form in self.forms:
            chosen = form.instance.activity_id
            if "activity" in form.changed_data and is_blocked.get(chosen):
                form.add_error("activity", _("A blocked activity is not given to another stage."))

    @cached_property
    def activities(self) -> list[tuple[int, str, bool]]:
        """The id of every activity, its words, and whether it is blocked."""
        rows = Activity.objects.order_by("description", "pk")
        return list(rows.values_list("pk", "description", "is_blocked"))


class StepForm(OrderedForm):
    """A step of an activity."""

    class Meta:
        widgets = {
            "position": POSITION,
            "description": forms.TextInput(attrs={"class": "step-description"}),
            "date_formula": forms.TextInput(attrs={"class": "stage-formula"}),
        }


class StepFormSet(OrderedFormSet):
    """The steps of an activity."""

    taken = gettext_lazy("Another step has this position.")


def clean_deletion(form: Any) -> None:
    """Refuse, with the number of uses, to delete a stage that is used (rules D19).

    Takes the place of Django's own check, which names every row.
    """
    if form.cleaned_data.get(DELETION_FIELD_NAME) and form.instance.pk:
        check_deletion(form.instance)
