"""The forms of the admin pages of sales cycles: one default, and stages in their order."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salespeople.admin_forms import CodeForm
from salespeople.administration import check_deletion, name_cells

if TYPE_CHECKING:  # Django's classes take type parameters in their stubs only
    StageForms = Any
    ModelForm = forms.ModelForm[Any]
else:
    StageForms = forms.BaseInlineFormSet
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


class StageForm(ModelForm):
    """A stage; its position is looked at together with those of the others."""

    class Meta:
        widgets = {
            "position": forms.NumberInput(
                attrs={
                    "class": "row-position",
                    "min": 1,
                    "data-drag": gettext_lazy("Drag to move"),
                    "data-up": gettext_lazy("Move up"),
                    "data-down": gettext_lazy("Move down"),
                }
            ),
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


class StageFormSet(StageForms):  # type: ignore[misc, unused-ignore]
    """The stages of a cycle, judged as they will stand when all of them are saved."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name the cells of a row."""
        super().add_fields(form, index)
        name_cells(form)

    def clean(self) -> None:
        """Put new stages last, and refuse two at the same position."""
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
                form.add_error("position", _("Another stage has this position."))
            taken.add(position)
            form.instance.position = position


def clean_deletion(form: Any) -> None:
    """Refuse, with the number of uses, to delete a stage that is used (rules D19).

    Takes the place of Django's own check, which names every row.
    """
    if form.cleaned_data.get(DELETION_FIELD_NAME) and form.instance.pk:
        check_deletion(form.instance)
