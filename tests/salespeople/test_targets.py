"""Targets: who sets them and for whom, the grid, quarters to the cent, files, conflicts, pace."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from crm.dates import today, working_days
from salespeople.models import Salesperson, Target, User
from salespeople.pace import pace_of
from salespeople.targets import Conflict, Wish, set_targets, split_over_months, target_of
from tests.factories import SalespersonFactory
from tests.opportunities.pages import plain, signed_in

YEAR = today().year
PAGE = "/salespeople/targets/"
IMPORT = f"{PAGE}import/"


def month(number: int, year: int = YEAR) -> date:
    return date(year, number, 1)


def saved(person: Salesperson, year: int = YEAR) -> dict[int, Decimal]:
    """Return the targets of a year by month."""
    rows = Target.objects.filter(salesperson=person, month__year=year)
    return {target.month.month: target.value for target in rows.order_by("month")}


def put(by: User, person: Salesperson, **months: int) -> None:
    """Set targets: `m1=1000` is January's."""
    wishes = [
        Wish(person.pk, month(int(name[1:])), Decimal(value)) for name, value in months.items()
    ]
    set_targets(wishes, by=by)


def form_of(user: User, **typed: str) -> dict[str, str]:
    """Return what the grid would send, with some of it typed anew."""
    data = {}
    for line in signed_in(user).get(PAGE).context["lines"]:
        data[f"was-{line.salesperson.pk}"] = line.seen
        data |= {cell.name: cell.text for cell in line.parts}
    return data | {name.replace("_", "-"): value for name, value in typed.items()}


# The door.


def test_only_managers_set_targets(alice: User, bob: User, dora: User) -> None:
    wish = Wish(bob.salesperson.pk, month(1), Decimal(1000))
    with pytest.raises(PermissionDenied, match="Targets are set by managers"):
        set_targets([wish], by=bob)
    assert saved(bob.salesperson) == {}

    assert set_targets([wish], by=alice) == 1
    assert set_targets([wish], by=dora) == 0
    assert saved(bob.salesperson) == {1: 1000}
    assert Target.objects.get().changed_by == alice


def test_a_manager_sets_them_for_whom_he_sees(alice: User, bob: User) -> None:
    Salesperson.objects.filter(user=alice).update(sees="own")
    alice = User.objects.get(pk=alice.pk)

    with pytest.raises(Salesperson.DoesNotExist):
        put(alice, bob.salesperson, m1=1000)
    put(alice, alice.salesperson, m1=1000)

    assert (saved(alice.salesperson), saved(bob.salesperson)) == ({1: 1000}, {})


def test_all_are_set_or_none(alice: User, bob: User) -> None:
    wishes = [
        Wish(bob.salesperson.pk, month(1), Decimal(1000)),
        Wish(bob.salesperson.pk, month(2), Decimal(-1)),
    ]
    with pytest.raises(ValidationError):
        set_targets(wishes, by=alice)

    assert saved(bob.salesperson) == {}


def test_none_takes_a_target_away(alice: User, bob: User) -> None:
    put(alice, bob.salesperson, m1=1000)

    assert set_targets([Wish(bob.salesperson.pk, month(1), None)], by=alice) == 1
    assert set_targets([Wish(bob.salesperson.pk, month(1), None)], by=alice) == 0
    assert saved(bob.salesperson) == {}


@pytest.mark.parametrize("day", [date(YEAR, 1, 2), date(1999, 1, 1), date(2101, 1, 1)])
def test_only_the_first_day_of_a_month_of_our_time(alice: User, bob: User, day: date) -> None:
    with pytest.raises(ValidationError, match="between the years 2000 and 2100"):
        set_targets([Wish(bob.salesperson.pk, day, Decimal(1))], by=alice)


def test_what_was_changed_since_is_a_conflict(alice: User, dora: User, bob: User) -> None:
    put(alice, bob.salesperson, m1=1000)
    wish = Wish(bob.salesperson.pk, month(1), Decimal(3000), seen=Decimal(500), is_seen=True)

    with pytest.raises(Conflict) as conflict:
        set_targets([wish], by=dora)

    target = conflict.value.targets[bob.salesperson.pk, month(1)]
    assert (target.value, target.changed_by) == (1000, alice)
    assert saved(bob.salesperson) == {1: 1000}


# Quarters and sums.


@given(cents=st.integers(min_value=0, max_value=10**17))
def test_a_quarter_is_split_exactly_to_the_cent(cents: int) -> None:
    total = Decimal(cents).scaleb(-2)

    parts = split_over_months(total)

    assert sum(parts) == total
    assert len(parts) == 3
    assert parts == sorted(parts, reverse=True)
    assert max(parts) - min(parts) <= Decimal("0.01")


def test_100_in_a_quarter_is_a_cent_more_in_its_first_month() -> None:
    assert split_over_months(Decimal(100)) == [
        Decimal("33.34"), Decimal("33.33"), Decimal("33.33"),
    ]  # fmt: skip


def test_the_target_of_a_quarter_is_the_sum_of_its_months(alice: User, bob: User) -> None:
    put(alice, bob.salesperson, m1=1000, m2=2000, m3=3000, m4=9000)
    put(alice, alice.salesperson, m2=500)
    both = [alice.salesperson, bob.salesperson]

    assert target_of([bob.salesperson], month(1), date(YEAR, 3, 31)) == 6000
    assert target_of([bob.salesperson], month(2), date(YEAR, 2, 28)) == 2000
    assert target_of(both, month(2), date(YEAR, 2, 28)) == 2500
    assert target_of(None, month(1), date(YEAR, 12, 31)) == 15500
    assert target_of([alice.salesperson], month(5), date(YEAR, 5, 31)) is None


# The grid.


def test_the_grid_is_for_managers(alice: User, bob: User) -> None:
    response = signed_in(bob).get(PAGE)

    assert response.status_code == 403
    assert "Targets are set by managers." in response.content.decode()
    assert signed_in(bob).post(PAGE, {}).status_code == 403
    assert signed_in(alice).get(PAGE).status_code == 200
    assert signed_in(alice).put(PAGE).status_code == 405


def test_months_are_typed_and_saved(alice: User, bob: User) -> None:
    pk = bob.salesperson.pk
    data = form_of(alice, **{f"m_{pk}_1": "1,000.50", f"m_{pk}_12": "7 000"})

    response = signed_in(alice).post(PAGE, data, follow=True)

    assert saved(bob.salesperson) == {1: Decimal("1000.50"), 12: 7000}
    assert "2 targets have been set." in response.content.decode()
    line = next(one for one in response.context["lines"] if one.salesperson == bob.salesperson)
    assert [cell.text for cell in line.quarters] == ["1,000.50", "", "", "7,000"]
    assert line.total == Decimal("8000.50")


def test_a_typed_quarter_is_split(alice: User, bob: User) -> None:
    put(alice, bob.salesperson, m4=1)
    pk = bob.salesperson.pk

    signed_in(alice).post(PAGE, form_of(alice, **{f"q_{pk}_1": "100", f"q_{pk}_2": ""}))

    assert saved(bob.salesperson) == {
        1: Decimal("33.34"), 2: Decimal("33.33"), 3: Decimal("33.33"),
    }  # fmt: skip


def test_a_quarter_that_contradicts_its_months_is_refused(alice: User, bob: User) -> None:
    pk = bob.salesperson.pk
    data = form_of(alice, **{f"m_{pk}_1": "50", f"q_{pk}_1": "100"})

    response = signed_in(alice).post(PAGE, data)

    assert response.status_code == 422
    assert "Type the quarter or its months, not both." in response.content.decode()
    assert saved(bob.salesperson) == {}
    data = form_of(alice, **{f"m_{pk}_1": "50", f"m_{pk}_2": "50", f"q_{pk}_1": "100"})
    assert signed_in(alice).post(PAGE, data).status_code == 302


@pytest.mark.parametrize(
    "text", ["-1", "x", "NaN", "1e9", "9" * 400, "1.2.3,4", "0.001", "<b>", "\x00", "١٢"]
)
@pytest.mark.parametrize("field", ["m", "q"])
def test_a_hostile_number_is_refused_beside_its_cell(
    alice: User, bob: User, text: str, field: str
) -> None:
    name = f"{field}-{bob.salesperson.pk}-1"
    data = form_of(alice) | {name: text}

    response = signed_in(alice).post(PAGE, data)

    assert response.status_code == 422
    assert [cell.name for cell in response.context["errors"]] == [name]
    assert f'id="{name}"' in response.content.decode()
    assert saved(bob.salesperson) == {}


def test_numbers_are_typed_as_in_the_language_of_the_person(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="nb")
    pk = bob.salesperson.pk

    signed_in(alice).post(PAGE, form_of(alice, **{f"m_{pk}_1": "1.000,50", f"m_{pk}_2": "2 000"}))

    assert saved(bob.salesperson) == {1: Decimal("1000.50"), 2: 2000}


def test_nobody_s_change_is_taken_back_unseen(alice: User, dora: User, bob: User) -> None:
    """Alice opened the grid, dora set January and March; alice types January only."""
    pk = bob.salesperson.pk
    data = form_of(alice, **{f"m_{pk}_1": "700"})
    put(dora, bob.salesperson, m1=900, m3=300)

    response = signed_in(alice).post(PAGE, data)

    assert response.status_code == 409
    page = plain(response.content.decode())
    assert "now NOK 900, by dora" in page
    assert 'value="700"' in page
    assert saved(bob.salesperson) == {1: 900, 3: 300}
    again = data.copy()
    for line in response.context["lines"]:
        again |= {f"was-{line.salesperson.pk}": line.seen}
        again |= {cell.name: cell.text for cell in line.parts}
    signed_in(alice).post(PAGE, again)
    assert saved(bob.salesperson) == {1: 700, 3: 300}


def test_fill_right_copies_the_last_month_and_keeps_nothing_yet(alice: User, bob: User) -> None:
    pk = bob.salesperson.pk
    data = form_of(alice, **{f"m_{pk}_2": "10", f"m_{pk}_10": "200"})

    response = signed_in(alice).post(PAGE, data | {"action": f"right-{pk}"})

    line = next(one for one in response.context["lines"] if one.salesperson.pk == pk)
    assert [cell.text for cell in line.months] == [
        "", "10", "", "", "", "", "", "", "", "200", "200", "200",
    ]  # fmt: skip
    assert (response.status_code, saved(bob.salesperson)) == (200, {})
    assert "not saved yet" in response.content.decode()


def test_the_empty_ones_are_filled_from_last_year(alice: User, bob: User) -> None:
    last = [Wish(bob.salesperson.pk, month(m, YEAR - 1), Decimal(100 * m)) for m in (1, 2)]
    set_targets(last, by=alice)
    put(alice, bob.salesperson, m2=7)

    response = signed_in(alice).post(PAGE, form_of(alice) | {"action": "last_year"})

    line = next(o for o in response.context["lines"] if o.salesperson == bob.salesperson)
    assert [cell.value for cell in line.months[:3]] == [100, 7, None]
    assert line.quarters[0].value == 107
    assert saved(bob.salesperson) == {2: 7}


@pytest.mark.parametrize(
    ("query", "status"),
    [("?year=2027", 200), ("?year=x", 400), ("?year=1999", 400), ("?year=2101", 400),
     ("?x=1", 400), ("?cursor=x", 400)],
)  # fmt: skip
def test_what_the_address_of_the_grid_may_say(alice: User, query: str, status: int) -> None:
    assert signed_in(alice).get(PAGE + query).status_code == status


def test_the_last_line_sums_up_all_that_one_sees(alice: User, bob: User) -> None:
    put(alice, bob.salesperson, m1=1000, m12=5)
    put(alice, alice.salesperson, m1=500)

    sums = signed_in(alice).get(PAGE).context["sums"]

    assert sums == [1500, 0, 0, 1500, *[0] * 8, 0, 0, 5, 5, 1505]


def test_queries_of_the_grid_do_not_grow(alice: User) -> None:
    client = signed_in(alice)
    counts = []
    for people in (1, 40):
        SalespersonFactory.create_batch(people)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


# Files.


def test_the_export_can_be_imported_again(alice: User, bob: User) -> None:
    put(alice, bob.salesperson, m1=1000, m12=5)
    Salesperson.objects.filter(user=bob).update(name="=1+1")
    response = signed_in(alice).get(f"{PAGE}export/?year={YEAR}")
    text = response.content.decode("utf-8-sig")
    Target.objects.all().delete()

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert f"BOB;'=1+1;1000.00;{';' * 10}5.00" in text
    signed_in(alice).post(IMPORT, {"text": text, "action": "import"})
    assert saved(bob.salesperson) == {1: 1000, 12: 5}


def test_a_line_for_each_target_is_looked_at_and_then_set(alice: User, bob: User) -> None:
    text = "code;month;value\nbob;2027-01;1 000,50\nBOB;2027-2;2000\n"
    client = signed_in(alice)

    looked = client.post(IMPORT, {"text": text, "action": "preview"})
    assert (looked.status_code, looked.context["is_good"]) == (200, True)
    assert [line.total for line in looked.context["lines"]] == [Decimal("1000.50"), 2000]
    assert saved(bob.salesperson, 2027) == {}
    done = client.post(IMPORT, {"text": text, "action": "import"})

    assert done["Location"] == f"{PAGE}?year=2027"
    assert saved(bob.salesperson, 2027) == {1: Decimal("1000.50"), 2: 2000}


def test_a_file_is_read_too(alice: User, bob: User) -> None:
    file = SimpleUploadedFile("t.csv", "\ufeffcode,2027-03\nBOB,30\n".encode())

    response = signed_in(alice).post(IMPORT, {"file": file, "action": "preview"})

    assert response.context["is_good"]
    assert "BOB,30" in response.content.decode()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("code;month;value\nNOBODY;2027-01;1", "There is no salesperson “NOBODY”"),
        ("code;month;value\nBOB;2027-13;1", "“2027-13” is no month"),
        ("code;month;value\nBOB;1999-01;1", "“1999-01” is no month"),
        ("code;month;value\nBOB;2027-01;-5", "2027-01: Ensure this value"),
        ("code;month;value\nBOB;2027-01;x", "2027-01: Write the number like this"),
        ("code;month;value\nBOB;2027-01", "It should have 3 columns, and has 2."),
        ("code;month;value\nBOB;2027-01;1\nBOB;2027-01;2", "2027-01 stands in line 2 already."),
        ("code;2027-01\nBOB;1;2", "It has more columns than the first line."),
        ("code;January\nBOB;1", "The column “january” is no month"),
        ("BOB;2027-01;1", "The first line must name the columns"),
        ("\n\n", "Choose a file, or paste its lines."),
        ("code;month;value\n" + "BOB;2027-01;1\n" * 5001, "It has more than 5000 lines."),
    ],
)
def test_a_file_is_refused_with_the_line_and_the_reason(
    alice: User, bob: User, text: str, error: str
) -> None:
    response = signed_in(alice).post(IMPORT, {"text": text, "action": "import"})

    assert response.status_code == 422
    assert error in plain(response.content.decode()).replace("&quot;", '"')
    assert not Target.objects.exists()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * 1_000_001])
def test_a_file_that_cannot_be_read(alice: User, content: bytes) -> None:
    file = SimpleUploadedFile("t.csv", content)

    response = signed_in(alice).post(IMPORT, {"file": file, "action": "import"})

    assert response.status_code == 422
    assert "file" in response.context["form"].errors


def test_a_file_does_not_tell_who_else_there_is(alice: User, bob: User) -> None:
    Salesperson.objects.filter(user=alice).update(sees="own")
    answers = [
        signed_in(alice).post(IMPORT, {"text": f"code;month;value\n{code};2027-01;1"})
        for code in ("BOB", "XYZ")
    ]

    texts = [a.context["lines"][0].errors[0].replace("XYZ", "BOB") for a in answers]
    assert texts[0] == texts[1]


# Pace: counted by hand.


def pace(target: int, won: int, day: int) -> Any:
    """Return the pace on a day of June 2026: 22 working days, the 1st is a Monday."""
    return pace_of(
        Decimal(target), Decimal(won), first=date(2026, 6, 1), last=date(2026, 6, 30),
        day=date(2026, 6, day),
    )  # fmt: skip


def test_working_days_are_monday_to_friday() -> None:
    assert working_days(date(2026, 6, 1), date(2026, 6, 30)) == 22
    assert working_days(date(2026, 6, 6), date(2026, 6, 7)) == 0
    assert working_days(date(2026, 6, 5), date(2026, 6, 8)) == 2
    assert working_days(date(2026, 6, 8), date(2026, 6, 5)) == 0
    assert working_days(date(2026, 1, 1), date(2026, 12, 31)) == 261


def test_on_the_first_day_nobody_is_behind() -> None:
    found = pace(220, 0, 1)

    assert (found.days_passed, found.days_left, found.expected) == (0, 22, 0)
    assert (found.is_on_pace, found.behind, found.to_go) == (True, 0, 220)


def test_behind_is_the_missing_part_of_what_should_have_been_won() -> None:
    """After 16 of 22 working days 160 of 220 should be won: with 141 it is 12 % behind."""
    found = pace(220, 141, 23)

    assert (found.days_passed, found.days_left, found.expected) == (16, 6, 160)
    assert (found.behind, found.to_go, found.is_on_pace) == (12, 79, False)


def test_a_weekend_does_not_move_the_pace() -> None:
    saturday, sunday, monday = (pace(220, 0, day) for day in (13, 14, 15))

    assert saturday.expected == sunday.expected == monday.expected == 100
    assert (saturday.days_left, monday.days_left) == (12, 12)


def test_exactly_as_much_as_expected_is_on_pace_and_a_little_less_is_1_percent() -> None:
    assert pace(220, 160, 23).is_on_pace
    assert (pace_of(
        Decimal(220), Decimal("159.99"), first=date(2026, 6, 1), last=date(2026, 6, 30),
        day=date(2026, 6, 23),
    ).behind) == 1  # fmt: skip


def test_a_reached_target_stays_reached() -> None:
    found = pace(220, 300, 30)

    assert (found.is_reached, found.to_go, found.reached_percent) == (True, 0, 100)
    assert (found.days_left, pace(220, 0, 30).behind) == (1, 100)


def test_a_period_that_is_over_or_has_not_begun() -> None:
    over = pace_of(
        Decimal(220), Decimal(110), first=date(2026, 6, 1), last=date(2026, 6, 30),
        day=date(2026, 7, 9),
    )  # fmt: skip
    early = pace_of(
        Decimal(220), Decimal(0), first=date(2026, 6, 1), last=date(2026, 6, 30),
        day=date(2026, 5, 9),
    )  # fmt: skip

    assert (over.days_left, over.expected, over.behind) == (0, 220, 50)
    assert (early.days_left, early.expected) == (22, 0)


@given(
    target=st.integers(min_value=1, max_value=10**12),
    won=st.integers(min_value=0, max_value=10**12),
    day=st.integers(min_value=1, max_value=30),
)
def test_the_pace_never_leaves_its_bounds(target: int, won: int, day: int) -> None:
    found = pace(target, won, day)

    assert 0 <= found.behind <= 100
    assert 0 <= found.reached_percent <= 100
    assert found.to_go == max(0, target - won)
    assert (found.behind == 0) == found.is_on_pace
