"""Several values of a filter, and groups of filters of which one must hold."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.dates import today
from lists import saving
from lists.models import BulkRun
from lists.tabs import Tabs
from opportunities import lifecycle, tagging
from opportunities.list_kind import OPPORTUNITIES
from opportunities.models import OPEN, Opportunity, Status
from salespeople.models import User
from tasks.models import Task
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    SalesCycleFactory,
    SalespersonFactory,
    make_opportunity,
    make_task,
)
from tests.opportunities.pages import STAGES, at_stage, signed_in, won

LIST = "/opportunities/"
TAGS = ("Solar", "Roof")

type Condition = tuple[str, str]
type Asked = tuple[list[Condition], list[list[Condition]]]


@dataclass
class World:
    """Random opportunities, and the conditions that can be asked of them."""

    user: User
    rows: list[Opportunity]
    conditions: list[Condition]
    holds: dict[str, Callable[[Opportunity, str], bool]]


@pytest.fixture
def world(alice: User) -> World:
    dice = random.Random(4)
    cycles = [SalesCycleFactory(stages=STAGES) for _n in range(2)]
    people = [alice.salesperson, *(SalespersonFactory() for _n in range(2))]
    companies = [CompanyFactory(name=name) for name in ("Øst AS", "Vest AS")]
    lost = CloseReasonFactory(kind="lost")
    for n in range(24):
        row = make_opportunity(
            alice,
            description=f"Roof {n}",
            sales_cycle=dice.choice(cycles),
            stage=dice.randrange(4),
            salesperson=dice.choice(people),
            contact=dice.choice(companies),
            priority=dice.choice([1, 2, 3]),
            estimated_value=Decimal(dice.choice([100, 200, 300])),
            estimated_close_on=today() + timedelta(days=dice.choice([0, 3, 40])),
        )
        for name in TAGS:
            if dice.random() < 0.4:
                tagging.add(row, name, by=alice)
        if dice.random() < 0.5:
            due = today() + timedelta(days=dice.choice([-2, 0, 2]))
            make_task(alice, opportunity=row, due_on=due)
        if dice.random() < 0.2:
            lifecycle.lose(row, by=alice, reason=lost, cancel_open_tasks=False)
    rows = list(Opportunity.objects.select_related("contact").prefetch_related("tags", "tasks"))
    return World(alice, rows, _conditions(rows), _holds(alice))


def _conditions(rows: list[Opportunity]) -> list[Condition]:
    """Return conditions of every kind, by values that the rows have."""
    days = sorted({row.estimated_close_on for row in rows if row.estimated_close_on})
    tags = {str(tag.pk) for row in rows for tag in row.tags.all()}
    return [
        *(("stage", str(pk)) for pk in sorted({row.stage_id for row in rows if row.stage_id})),
        *(("salesperson", str(pk)) for pk in sorted({row.salesperson_id for row in rows})),
        *(("cycle", str(pk)) for pk in sorted({row.sales_cycle_id for row in rows})),
        *(("status", name) for name in ("open", "closed", "started", *Status.values)),
        *(("priority", str(number)) for number in (1, 2, 3)),
        *(("tag", pk) for pk in sorted(tags)),
        *(("value_from", amount) for amount in ("150", "250")),
        *(("value_to", amount) for amount in ("150", "250")),
        *(("close_from", day.isoformat()) for day in days),
        *(("close_until", day.isoformat()) for day in days),
        *(("next_task", signal) for signal in ("late", "today", "later", "none")),
        ("name", "øst"),
        ("q", "roof 1"),
        ("overdue", "1"),
        ("mine", "1"),
        ("unstaged", "1"),
    ]


def _holds(user: User) -> dict[str, Callable[[Opportunity, str], bool]]:
    """Return what each condition means, without the database."""
    wide = {"open": OPEN, "closed": ("won", "lost"), "started": ("in_progress", "won", "lost")}
    return {
        "stage": lambda row, text: str(row.stage_id) == text,
        "salesperson": lambda row, text: str(row.salesperson_id) == text,
        "cycle": lambda row, text: str(row.sales_cycle_id) == text,
        "status": lambda row, text: row.status in wide.get(text, (text,)),
        "priority": lambda row, text: str(row.priority) == text,
        "tag": lambda row, text: text in {str(tag.pk) for tag in row.tags.all()},
        "value_from": lambda row, text: row.estimated_value >= Decimal(text),
        "value_to": lambda row, text: row.estimated_value <= Decimal(text),
        "close_from": lambda row, text: _close(row) >= text,
        "close_until": lambda row, text: "" < _close(row) <= text,
        "next_task": _has_signal,
        "name": lambda row, text: text in row.contact.name.lower(),
        "q": lambda row, text: all(word in row.description.lower() for word in text.split()),
        "overdue": lambda row, _text: row.is_open and "" < _close(row) < today().isoformat(),
        "mine": lambda row, _text: row.salesperson_id == user.salesperson.pk,
        "unstaged": lambda row, _text: row.stage_id is None,
    }


def _close(row: Opportunity) -> str:
    return row.estimated_close_on.isoformat() if row.estimated_close_on else ""


def _has_signal(row: Opportunity, signal: str) -> bool:
    due = min((task.due_on for task in row.tasks.all() if task.status in Task.OPEN), default=None)
    if due is None:
        return row.is_open and signal == "none"
    found = "late" if due < today() else "today" if due == today() else "later"
    return row.is_open and found == signal


def tidied(conditions: list[Condition]) -> list[Condition]:
    """Return each condition once; of a filter that takes one value, the first; no empty range."""
    kept: list[Condition] = []
    for name, value in dict.fromkeys(conditions):
        if name in OPPORTUNITIES.several or name not in {n for n, _v in kept}:
            kept.append((name, value))
    ends = {"value_from": "value_to", "close_from": "close_until"}
    known = dict(kept)
    bad = {first for first, last in ends.items() if known.get(last, "~") < known.get(first, "")}
    return [pair for pair in kept if pair[0] not in bad]


def meets(world: World, row: Opportunity, conditions: list[Condition]) -> bool:
    """Say whether all filters hold: of the values of one, any; of the tags, all."""
    by_name: dict[str, list[bool]] = {}
    for name, value in conditions:
        by_name.setdefault(name, []).append(world.holds[name](row, value))
    return all(all(h) if name == "tag" else any(h) for name, h in by_name.items())


def address_of(plain: list[Condition], groups: list[list[Condition]]) -> str:
    """Return the query string that asks for it."""
    pairs = [*plain]
    for number, group in enumerate(groups, start=1):
        pairs += [(f"or{number}-{name}", value) for name, value in group]
    return urlencode(pairs)


@given(data=st.data())
@settings(max_examples=150)
def test_the_rows_are_those_that_the_conditions_describe(world: World, data: Any) -> None:
    some = st.lists(st.sampled_from(world.conditions), min_size=1, max_size=4).map(tidied)
    plain = tidied(data.draw(st.lists(st.sampled_from(world.conditions), max_size=2)))
    cycles = {value for name, value in plain if name == "cycle"}
    plain = [(n, v) for n, v in plain if n != "stage" or not cycles]
    groups = [g for g in data.draw(st.lists(some, max_size=4)) if g]
    if cycles:  # the stages on offer are those of the cycle
        groups = [[(n, v) for n, v in group if n != "stage"] for group in groups]
        groups = [group for group in groups if group]
    request = RequestFactory().get(LIST)
    request.user = world.user
    query = QueryDict(address_of(plain, groups))

    filterset = OPPORTUNITIES.filterset(request, query)

    assert not filterset.form.errors
    assert set(filterset.rows().values_list("pk", flat=True)) == {
        row.pk
        for row in world.rows
        if meets(world, row, plain) and (not groups or any(meets(world, row, g) for g in groups))
    }
    assert QueryDict(urlencode(filterset.narrowed().parameters)) == query
    view = saving.save(OPPORTUNITIES, request=request, name="Random", parameters=query.urlencode())
    counted = Tabs(request, OPPORTUNITIES).shown[0].count
    view.delete()
    assert counted == filterset.rows().count()


def listed(user: User, query: str) -> list[int]:
    """Return the ids of the rows that the list shows, in order of creation."""
    page = signed_in(user).get(f"{LIST}?{query}&sort=created")
    assert page.status_code == 200
    return [row.pk for row in page.context["page"].rows]


def sentence(user: User, query: str) -> list[tuple[str, str]]:
    """Return the chips, each with the group that it belongs to."""
    chips = signed_in(user).get(f"{LIST}?{query}").context["chips"]
    return [(chip.group, chip.text.replace("\xa0", " ")) for chip in chips]


def test_one_of_several_values_is_enough(bob: User) -> None:
    cycle = SalesCycleFactory(stages=STAGES)
    first, second, _third = (at_stage(bob, n, sales_cycle=cycle) for n in (1, 2, 3))
    query = f"stage={first.stage_id}&stage={second.stage_id}"

    assert listed(bob, query) == [first.pk, second.pk]
    assert sentence(bob, query) == [("", "at the stage Stage 1"), ("", "or at the stage Stage 2")]


def test_groups_are_told_as_a_sentence_and_each_part_can_be_taken_away(bob: User) -> None:
    small, big = at_stage(bob, 1), at_stage(bob, 2, estimated_value=Decimal(60_000))
    query = f"status=open&or1-stage={big.stage_id}&or1-value_from=50000&or2-overdue=1&or2-mine=1"

    assert listed(bob, query) == [big.pk]
    assert sentence(bob, query) == [
        ("", "that are open"),
        ("or1", "worth at least NOK 50,000.00"),
        ("or1", "at the stage Stage 2"),
        ("or2", "that are mine"),
        ("or2", "past their close date"),
    ]  # fmt: skip
    chips = signed_in(bob).get(f"{LIST}?{query}").context["chips"]
    rest = QueryDict(chips[1].without.removeprefix("?"))
    assert dict(rest) == {
        "status": ["open"], "or1-stage": [f"{big.stage_id}"],
        "or2-overdue": ["1"], "or2-mine": ["1"],
    }  # fmt: skip
    assert small.pk not in listed(bob, query)


@pytest.mark.parametrize(
    "query",
    [
        "or1-stage=x", "or1-stage=999999", "or9-stage=1", "or1-unheard=1", "or1-value_from=x",
        "or1-value_from=5&or1-value_to=3", "or1-status=maybe", "or1-overdue=2",
        "or1-value_from=1&or1-value_from=2", "or0-mine=1", "or-mine=1", "or1-or2-mine=1",
        "stage=1&stage=x", "status=open&status=maybe", "or1-q=%00", "or1-sort=value",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_sentence(bob: User, query: str) -> None:
    at_stage(bob, 1)

    answer = signed_in(bob).get(f"{LIST}?{query}")

    assert answer.status_code == 400


def test_a_filter_has_a_greatest_length(bob: User) -> None:
    names = "".join(f"&or{n}-q={'x' * 199}&or{n}-name={'y' * 199}" for n in range(1, 6))

    answer = signed_in(bob).get(f"{LIST}?q=x{names}")

    assert answer.status_code == 400
    assert "The filter is too long: take a part of it away." in answer.content.decode()


def test_a_row_typed_by_somebody_who_may_not_see_it_is_refused_in_a_group(
    bob: User, charlie: User
) -> None:
    query = f"or1-salesperson={charlie.salesperson.pk}"

    assert signed_in(bob).get(f"{LIST}?{query}").status_code == 400


def test_a_group_shows_nobody_what_is_not_theirs(bob: User, charlie: User) -> None:
    mine = at_stage(bob, 1)
    at_stage(charlie, 1)

    assert listed(bob, "or1-status=open&or2-status=closed") == [mine.pk]


def test_saved_views_bulk_export_and_group_heads_keep_the_groups(bob: User) -> None:
    keep = at_stage(bob, 1, estimated_value=Decimal(5))
    other, closed = at_stage(bob, 1, estimated_value=Decimal(500)), won(bob)
    client = signed_in(bob)
    query = "or1-value_to=10&or2-status=won"

    client.post("/lists/opportunities/views/save/", {"name": "Odd", "parameters": query})
    client.post(f"/lists/opportunities/choose/?{query}", {"action": "tag", "all": "1"})
    tabs = client.get(f"{LIST}?{query}").context["views"].shown
    file = client.get(f"/export/opportunities/?{query}&format=csv").getvalue().decode()
    heads = client.get(f"{LIST}?{query}&group=stage").context["heads"]

    assert [(tab.view.parameters, tab.count) for tab in tabs] == [(query, 2)]
    assert BulkRun.objects.get().ids == sorted([keep.pk, closed.pk])
    assert [n in file for n in (keep.number, closed.number, other.number)] == [True, True, False]
    for head in heads.values():
        rows = client.get(f"{LIST}{head.url}").context["page"].rows
        assert len(rows) == head.sums.count
        assert "or1-value_to=10" in head.url
