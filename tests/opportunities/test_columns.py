"""The columns of the list: chosen, ordered, remembered, and refused when there is no such one."""

import pytest

from opportunities.columns import COLUMNS
from salespeople.models import User
from tests.opportunities.pages import at_stage, signed_in

LIST = "/opportunities/"
PAGE = "/lists/opportunities/columns/"
EVERY = ",".join(COLUMNS.by_name)


def shown(user: User, query: str = "") -> list[str]:
    """Return the names of the columns of the table."""
    return [column.name for column in signed_in(user).get(f"{LIST}{query}").context["columns"]]


def test_the_address_says_which_columns_in_which_order(bob: User) -> None:
    assert shown(bob, "?columns=close,value") == ["description", "close", "value"]


def test_every_column_is_shown(bob: User) -> None:
    at_stage(bob, 2)

    page = signed_in(bob).get(f"{LIST}?columns={EVERY}")

    assert page.status_code == 200
    assert page.content.decode().count("data-label=") == len(COLUMNS.by_name)


@pytest.mark.parametrize("columns", ["secret", "value,secret", "value,,close", "%00", "x" * 3000])
def test_an_unknown_column_is_refused_with_a_sentence(bob: User, columns: str) -> None:
    answer = signed_in(bob).get(f"{LIST}?columns={columns}")

    assert answer.status_code == 400
    assert "The list has no column" in answer.content.decode()


def test_chosen_columns_are_remembered_for_the_person(alice: User, bob: User) -> None:
    answer = signed_in(bob).post(
        PAGE,
        {
            "order": ["description", "value", "close", "stage"],
            "shown": ["stage", "value"],
            "next": f"{LIST}?status=open&columns=close",
        },
    )

    assert answer["Location"] == f"{LIST}?status=open&columns=description%2Cvalue%2Cstage"
    assert shown(bob) == ["description", "value", "stage"]
    assert shown(bob, "?columns=close") == ["description", "close"]
    assert shown(alice) == [column.name for column in COLUMNS.usual]


@pytest.mark.parametrize(
    ("button", "names"),
    [
        ({"up": "close"}, ["description", "close", "value"]),
        ({"down": "value"}, ["description", "close", "value"]),
        ({"up": "value"}, ["description", "value", "close"]),
        ({"down": "nothing"}, ["description", "value", "close"]),
    ],
)
def test_a_column_is_moved_by_buttons(bob: User, button: dict[str, str], names: list[str]) -> None:
    data = {"order": ["description", "value", "close"], "shown": ["close", "value"], **button}

    answer = signed_in(bob).post(PAGE, data)

    assert answer["Location"].startswith(f"{PAGE}?next=")
    assert shown(bob) == names


def test_the_usual_columns_come_back(bob: User) -> None:
    client = signed_in(bob)
    client.post(PAGE, {"order": ["description", "value"], "shown": ["value"]})
    client.post(PAGE, {"usual": "1"})

    assert shown(bob) == [column.name for column in COLUMNS.usual]


def test_nobody_is_led_elsewhere(bob: User) -> None:
    answer = signed_in(bob).post(PAGE, {"usual": "1", "next": "https://evil.example/"})

    assert answer["Location"] == LIST


def test_names_that_are_no_columns_are_not_remembered(bob: User) -> None:
    signed_in(bob).post(PAGE, {"order": ["secret", "value"], "shown": ["secret", "value"]})

    assert shown(bob) == ["description", "value"]
