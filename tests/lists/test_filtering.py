"""Choosing a row from a short list by its id, from a long one by typing its name."""

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from lists.filtering import RowField, chips, without
from salespeople.models import Salesperson
from tests.factories import SalespersonFactory


def people(count: int) -> RowField:
    """Return the field for `count` salespeople, "Kari 0" with the code "K0" and so on."""
    for n in range(count):
        SalespersonFactory(name=f"Kari {n}", code=f"K{n}")
    return RowField(queryset=Salesperson.objects.all(), lookups=("code", "name"), required=False)


def test_fifty_are_a_list(db: None) -> None:
    field = people(50)

    assert (len(list(field.widget.choices)), field.widget.input_type) == (51, "select")
    assert str(field.clean(Salesperson.objects.get(code="K7").pk)) == "Kari 7"


def test_fifty_one_are_typed_by_id_code_or_part_of_the_name(db: None) -> None:
    field = people(51)
    SalespersonFactory(name="Ola Nordmann", code="OLA")

    found = [str(field.clean(text)) for text in ("k7", "ola", "nordm", "Kari 50")]

    assert field.widget.input_type == "text"
    assert found == ["Kari 7", "Ola Nordmann", "Ola Nordmann", "Kari 50"]
    assert field.prepare_value(str(Salesperson.objects.get(code="OLA").pk)) == "Ola Nordmann"


def test_what_fits_several_names_some_of_them(db: None) -> None:
    field = people(51)

    with pytest.raises(ValidationError) as caught:
        field.clean("kari")

    assert caught.value.messages == [
        "“kari” fits several: Kari 0, Kari 1, Kari 10. Write more of it."
    ]


@pytest.mark.parametrize("count", [1, 51])
@pytest.mark.parametrize("text", ["0", "9" * 30, "-1", "NaN", "a\x00b", "Ø" * 10_000, "١"])
def test_what_does_not_exist_is_refused(db: None, count: int, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        people(count).clean(text)

    assert caught.value.messages == ["There is no such choice, or you may not see it."]


def test_a_chip_leads_to_the_first_page_without_its_filter() -> None:
    query = QueryDict("q=roof&cycle=1&cursor=abc&sort=value")

    found = chips(query, {"q": "with “roof” in the text"})

    assert [(chip.text, chip.without) for chip in found] == [
        ("with “roof” in the text", "?cycle=1&sort=value")
    ]
    assert without(query, "q", "cycle", "sort") == "?"
