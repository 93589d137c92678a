"""A form that two people had open: whose change is whose, field by field (U8)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from crm.fields import AmountField
from crm.forms import day_input
from crm.merging import Compared, as_shown, compare, kept_pairs, raw_of, read_shown

FIRST = {"value": Decimal(1000), "day": date(2026, 3, 1), "name": "Roof", "is_big": True}


class Form(forms.Form):
    """A form of each kind of field."""

    value = AmountField(label="Value", required=False)
    day = day_input("Day")
    name = forms.CharField(label="Name", required=False)
    is_big = forms.BooleanField(label="Big", required=False)


def compared(sent: dict[str, str], present: dict[str, Any], **options: Any) -> dict[str, Compared]:
    """Return the fields that either side changed from `FIRST`, by their names."""
    data = QueryDict(mutable=True)
    data.update(sent)
    form = Form(data)
    was = {name: raw_of(form, name, value) for name, value in FIRST.items()}
    now = {name: raw_of(form, name, value) for name, value in (FIRST | present).items()}
    return {row.name: row for row in compare(form, was, now, **options)}


SHOWN = {"value": "1000", "day": "2026-03-01", "name": "Roof", "is_big": "on"}


def test_what_is_sent_as_it_was_shown_is_nobodys() -> None:
    assert compared(SHOWN, {}) == {}


@pytest.mark.parametrize("text", ["1,000", "1000.00", "1 000"])
def test_the_same_number_in_another_spelling_is_no_change(text: str) -> None:
    assert compared(SHOWN | {"value": text}, {}) == {}


def test_different_fields_are_not_disputed() -> None:
    found = compared(SHOWN | {"value": "900"}, {"day": date(2026, 4, 2)})

    assert [(r.name, r.is_mine, r.is_theirs, r.is_disputed) for r in found.values()] == [
        ("value", True, False, False),
        ("day", False, True, False),
    ]


def test_the_same_field_is_told_in_words_and_as_it_is_sent() -> None:
    row = compared(SHOWN | {"value": "900"}, {"value": Decimal("12345.5")})["value"]

    assert row.is_disputed
    assert (row.was, row.mine, row.theirs) == ("1,000", "900", "12,345.5")
    assert (row.mine_sent, row.theirs_sent) == ((("value", "900"),), (("value", "12,345.5"),))


def test_the_same_change_by_both_is_no_dispute() -> None:
    row = compared(SHOWN | {"value": "900"}, {"value": Decimal(900)})["value"]

    assert not row.is_disputed


def test_a_tick_that_was_taken_away_is_mine() -> None:
    row = compared({k: v for k, v in SHOWN.items() if k != "is_big"}, {})["is_big"]

    assert (row.was, row.mine, row.mine_sent) == ("yes", "no", (("is_big", "false"),))


def test_what_is_sent_empty_keeps_where_the_form_says_so() -> None:
    assert compared(SHOWN | {"value": ""}, {}, blank_keeps={"value"}) == {}
    assert list(compared(SHOWN | {"value": ""}, {})) == ["value"]


def test_going_on_sends_mine_and_what_only_the_others_changed() -> None:
    data = QueryDict(mutable=True)
    data.update(SHOWN | {"value": "900", "name": "Mine"})
    form = Form(data)
    was = {name: raw_of(form, name, value) for name, value in FIRST.items()}
    now = was | {"day": "2026-05-05", "name": "Hers"}

    pairs = dict(kept_pairs(form, compare(form, was, now), but=("is_big",)))

    assert pairs == {"value": "900", "day": "2026-05-05"}  # the name is to be chosen


@given(st.text(max_size=30), st.integers(0, 10**9))
def test_what_is_shown_comes_back(name: str, value: int) -> None:
    form = Form(initial={"name": name, "value": Decimal(value)})

    found = read_shown(as_shown(form, ["name", "value"]))

    assert found == {"name": name.replace("\r\n", "\n"), "value": f"{value:,}"}


@pytest.mark.parametrize(
    "text", ["", "x", "[1]", "3", "[" * 100_000, '{"name": {"a": 1}}', '{"name": [1], "value": 2}']
)
def test_what_no_form_of_ours_sends_tells_nothing(text: str) -> None:
    assert read_shown(text) == {}
