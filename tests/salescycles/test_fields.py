"""The fields of a date formula (Business Central R245)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.forms import Form
from django.utils.translation import override

from salescycles.date_formula import MAX_LENGTH, DateFormula
from salescycles.fields import DateFormulaField, DateFormulaFormField


class StageForm(Form):
    """A form with a date formula."""

    date_formula = DateFormulaFormField(max_length=MAX_LENGTH, required=False)


@pytest.mark.parametrize(
    ("language", "typed", "stored"),
    [("en", "cm+10d", "CM+10D"), ("nb", "1å - 2u", "1Y-2W"), ("nb", "CM", "CM"), ("nb", "", "")],
)
def test_the_form_reads_the_active_language(language: str, typed: str, stored: str) -> None:
    with override(language):
        form = StageForm({"date_formula": typed})
        assert (form.is_valid(), form.cleaned_data) == (True, {"date_formula": stored})


@pytest.mark.parametrize(("language", "shown"), [("en", "CM-2W"), ("nb", "NM-2U")])
def test_the_form_shows_the_active_language(language: str, shown: str) -> None:
    with override(language):
        form = StageForm(initial={"date_formula": "CM-2W"})
        assert form["date_formula"].value() == shown


def test_the_form_shows_what_it_cannot_read_as_it_was_typed() -> None:
    form = StageForm({"date_formula": "soon"})
    assert form.is_valid() is False
    assert str(form.errors["date_formula"][0]).startswith("“soon” is not a term of a date formula.")
    assert form["date_formula"].value() == "soon"


def test_the_form_sees_no_change_in_another_spelling() -> None:
    with override("nb"):
        form = StageForm({"date_formula": "nm + 10d"}, initial={"date_formula": "CM+10D"})
        assert form.has_changed() is False


def test_the_field_keeps_the_form_of_storage() -> None:
    field = DateFormulaField(blank=True)
    assert field.clean("cm + 10d", None) == "CM+10D"
    assert field.get_prep_value(DateFormula.parse("1w")) == "1W"
    assert field.get_prep_value(None) is None
    with override("nb"), pytest.raises(ValidationError):
        field.clean("1Å", None)


def test_the_field_describes_itself_to_migrations() -> None:
    _, path, args, options = DateFormulaField("formula", blank=True).deconstruct()
    expected: dict[str, Any] = {"verbose_name": "formula", "blank": True, "max_length": 20}
    assert (path, list(args), options) == ("salescycles.fields.DateFormulaField", [], expected)


def test_the_field_gives_forms_the_person_s_language() -> None:
    form_field = DateFormulaField(blank=True).formfield()
    assert (type(form_field), form_field.max_length) == (DateFormulaFormField, 20)
