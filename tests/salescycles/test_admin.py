"""The admin pages of sales cycles, their stages, and close reasons (R1–R15, rules D19)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salescycles.figures import cycle_figures
from salescycles.models import CloseReason, SalesCycle, SalesCycleStage
from salespeople.administration import deletion_refusal
from salespeople.models import User
from tests.admin_pages import address, errors, filled, post, row, said
from tests.factories import (
    CloseReasonFactory,
    SalesCycleFactory,
    SalesCycleStageFactory,
    make_opportunity,
)
from tests.opportunities.pages import plain, signed_in, stage_of

STAGES = "stages"
# Multiplied, completed by chances: 2 % at stage 1, 20 % at stage 2, 72 % at stage 3.
THREE = [(10, 20, ""), (50, 40, ""), (90, 80, "")]
HOSTILE = ["x" * 10_000, "-1", "NaN", "Infinity", "9" * 400, "1e999", "\x00", "<script>", "\u202e"]


@pytest.fixture
def client(dora: User) -> Client:
    """The browser of an administrator."""
    return signed_in(dora)


@pytest.fixture
def cycle(db: None) -> SalesCycle:
    """A cycle of three stages."""
    return SalesCycleFactory(code="ROOFS", name="Roofs", stages=THREE)


def page_of(found: SalesCycle) -> str:
    """Return the address of the cycle's page."""
    return address("change", SalesCycle, found.pk)


def order(found: SalesCycle) -> list[tuple[int, str]]:
    """Return positions and names of the stages, in their order, after every check at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return list(SalesCycleStage.objects.filter(sales_cycle=found).order_by("position")
                .values_list("position", "name"))  # fmt: skip


def at(by: User, cycle: SalesCycle, stage: int, value: int = 1000, **options: Any) -> Opportunity:
    """Return an opportunity of that value at a stage of the cycle; 0 is not started."""
    return make_opportunity(
        by, stage=stage, sales_cycle=cycle, estimated_value=Decimal(value), **options
    )


def lost(by: User, opportunity: Opportunity) -> Opportunity:
    """Lose it."""
    return lifecycle.lose(opportunity, by=by, reason=CloseReasonFactory(kind="lost"))


# Creating and changing.


@pytest.mark.parametrize("model", [SalesCycle, CloseReason])
def test_every_page_opens(client: Client, bob: User, cycle: SalesCycle, model: Any) -> None:
    lost(bob, at(bob, cycle, 2))
    pk = model.objects.latest("pk").pk

    assert client.get(address("changelist", model)).status_code == 200
    assert client.get(f"{address('changelist', model)}?q=roof").status_code == 200
    assert client.get(address("add", model)).status_code == 200
    assert client.get(address("change", model, pk)).status_code == 200
    assert client.get(address("history", model, pk)).status_code == 200


def test_saving_without_a_change_changes_nothing(
    client: Client, bob: User, cycle: SalesCycle
) -> None:
    at(bob, cycle, 2)
    before = list(SalesCycleStage.objects.values()), list(SalesCycle.objects.values())

    assert post(client, page_of(cycle)).status_code == 302

    assert (list(SalesCycleStage.objects.values()), list(SalesCycle.objects.values())) == before


def test_a_cycle_is_created_with_its_stages_in_one_go(client: Client) -> None:
    response = post(
        client,
        address("add", SalesCycle),
        code=" new ",
        name="New customers",
        **row(STAGES, 0, position=1, name="Talk", completed=10, chances_of_success="12.5")
        | row(STAGES, 1, position=2, name="Offer", completed=50, chances_of_success=40,
              date_formula="1m", quote_required="on")
        | row(STAGES, 2, position=3, name="Sign", completed=90, chances_of_success=80,
              allow_skip="on"),
    )  # fmt: skip

    assert response.status_code == 302, errors(response)
    cycle = SalesCycle.objects.get()
    assert (cycle.code, cycle.probability_calculation) == ("NEW", "multiply")  # R1, R2
    assert order(cycle) == [(1, "Talk"), (2, "Offer"), (3, "Sign")]
    talk, offer, sign = cycle.stages.order_by("position")
    assert (talk.completed, talk.chances_of_success) == (10, Decimal("12.5"))
    assert (offer.quote_required, offer.allow_skip, offer.date_formula) == (True, False, "1M")
    assert (sign.quote_required, sign.allow_skip, sign.date_formula) == (False, True, "")


def test_stages_without_a_position_come_last_in_the_order_of_the_page(client: Client) -> None:
    response = post(
        client,
        address("add", SalesCycle),
        code="NEW",
        name="New",
        **row(STAGES, 0, name="Second", completed=0, chances_of_success=0)
        | row(STAGES, 1, position=5, name="First", completed=0, chances_of_success=0)
        | row(STAGES, 2, name="Third", completed=0, chances_of_success=0),
    )

    assert response.status_code == 302, errors(response)
    assert order(SalesCycle.objects.get()) == [(5, "First"), (6, "Second"), (7, "Third")]


def test_a_row_that_was_left_empty_is_no_stage(client: Client, cycle: SalesCycle) -> None:
    response = post(
        client, page_of(cycle), **row(STAGES, 3, name="", completed="0", chances_of_success="0")
    )

    assert response.status_code == 302, errors(response)
    assert cycle.stages.count() == 3


def test_two_stages_swap_their_positions_in_one_go(client: Client, cycle: SalesCycle) -> None:
    response = post(
        client, page_of(cycle), **{f"{STAGES}-0-position": "2", f"{STAGES}-1-position": "1"}
    )

    assert response.status_code == 302, errors(response)
    assert order(cycle) == [(1, "Stage 2"), (2, "Stage 1"), (3, "Stage 3")]


def test_a_ring_of_positions_and_a_new_stage_in_the_middle(
    client: Client, cycle: SalesCycle
) -> None:
    response = post(
        client,
        page_of(cycle),
        **{f"{STAGES}-0-position": "4", f"{STAGES}-1-position": "1", f"{STAGES}-2-position": "2"},
        **row(STAGES, 3, position=3, name="New", completed=0, chances_of_success=0),
    )

    assert response.status_code == 302, errors(response)
    assert order(cycle) == [(1, "Stage 2"), (2, "Stage 3"), (3, "New"), (4, "Stage 1")]


def test_gaps_between_positions_are_kept(client: Client, cycle: SalesCycle) -> None:
    """Business Central R9."""
    post(client, page_of(cycle), **{f"{STAGES}-2-position": "70"})

    assert order(cycle) == [(1, "Stage 1"), (2, "Stage 2"), (70, "Stage 3")]


def test_stages_with_opportunities_on_them_may_be_reordered(
    client: Client, bob: User, cycle: SalesCycle
) -> None:
    """Business Central R13."""
    opportunity = at(bob, cycle, 1)
    stage = opportunity.stage

    response = post(
        client, page_of(cycle), **{f"{STAGES}-0-position": "2", f"{STAGES}-1-position": "1"}
    )

    assert response.status_code == 302, errors(response)
    order(cycle)
    opportunity.refresh_from_db()
    assert opportunity.stage == stage
    assert stage is not None
    assert stage_of(opportunity, 2) == stage


def test_a_position_that_is_taken_is_refused_beside_the_field(
    client: Client, cycle: SalesCycle
) -> None:
    response = post(client, page_of(cycle), **{f"{STAGES}-1-position": "1"})

    assert errors(response) == ["Another stage has this position."]
    assert order(cycle) == [(1, "Stage 1"), (2, "Stage 2"), (3, "Stage 3")]


def test_the_position_of_a_stage_that_is_deleted_is_free(client: Client, cycle: SalesCycle) -> None:
    response = post(
        client, page_of(cycle), **{f"{STAGES}-0-DELETE": "on", f"{STAGES}-1-position": "1"}
    )

    assert response.status_code == 302, errors(response)
    assert order(cycle) == [(1, "Stage 2"), (3, "Stage 3")]


def test_no_position_is_too_great_for_the_one_behind_it(client: Client, cycle: SalesCycle) -> None:
    response = post(
        client,
        page_of(cycle),
        **{f"{STAGES}-2-position": str(2**31 - 1)},
        **row(STAGES, 3, name="New", completed=0, chances_of_success=0),
    )

    assert len(errors(response)) == 1
    assert cycle.stages.count() == 3


def test_the_database_refuses_the_same_position_twice(cycle: SalesCycle) -> None:
    @transaction.atomic
    def collide() -> None:
        SalesCycleStage.objects.filter(sales_cycle=cycle).update(position=1)
        order(cycle)

    with pytest.raises(IntegrityError):
        collide()


@pytest.mark.django_db(transaction=True)
def test_a_stage_that_somebody_added_meanwhile_is_told_as_a_message(
    client: Client, cycle: SalesCycle
) -> None:
    """Only the commit can know it: the form was sent with a position that was free."""
    page = page_of(cycle)
    data = filled(client, page)
    data |= row(STAGES, 3, position=4, name="Mine", completed=0, chances_of_success=0)
    SalesCycleStageFactory(sales_cycle=cycle, position=4, name="Theirs")

    response = client.post(page, data)

    assert said(client, response) == ["Another stage has this position."]
    assert cycle.stages.get(position=4).name == "Theirs"


# Deleting and blocking.


def test_an_unused_stage_is_deleted(client: Client, cycle: SalesCycle) -> None:
    response = post(client, page_of(cycle), **{f"{STAGES}-1-DELETE": "on"})

    assert response.status_code == 302, errors(response)
    assert order(cycle) == [(1, "Stage 1"), (3, "Stage 3")]


def test_a_used_stage_is_not_deleted_and_the_message_counts(
    client: Client, bob: User, cycle: SalesCycle
) -> None:
    """Rules D19, Business Central R12. Two opportunities stand there, three entries name it."""
    at(bob, cycle, 2)
    at(bob, cycle, 3)

    response = post(client, page_of(cycle), **{f"{STAGES}-1-DELETE": "on"})

    expected = (
        "“Stage 2” is not deleted, because it is used by 1 opportunity and 3 opportunity entries. "
        "Block it instead: then it cannot be chosen for anything new."
    )
    assert errors(response) == [expected]
    assert expected in response.content.decode()
    assert cycle.stages.count() == 3


def test_a_stage_in_history_only_is_not_deleted_either(
    client: Client, bob: User, cycle: SalesCycle
) -> None:
    """Stricter than R12: what an entry names stays (D19)."""
    opportunity = at(bob, cycle, 1)
    lifecycle.move(opportunity, stage_of(opportunity, 2), by=bob)

    response = post(client, page_of(cycle), **{f"{STAGES}-0-DELETE": "on"})

    assert errors(response)[0].startswith(
        "“Stage 1” is not deleted, because it is used by 2 opportunity entries."
    )


def test_a_used_stage_is_blocked_instead(client: Client, bob: User, cycle: SalesCycle) -> None:
    opportunity = at(bob, cycle, 2)

    response = post(client, page_of(cycle), **{f"{STAGES}-1-is_blocked": "on"})

    assert response.status_code == 302, errors(response)
    assert [stage.is_blocked for stage in cycle.stages.order_by("position")] == [False, True, False]
    fresh = Opportunity.objects.get(pk=opportunity.pk)
    assert lifecycle.move(fresh, stage_of(fresh, 3), by=bob).stage == stage_of(fresh, 3)


def test_an_unused_cycle_is_deleted_with_its_stages(client: Client, cycle: SalesCycle) -> None:
    """Business Central R7."""
    page = address("delete", SalesCycle, cycle.pk)
    assert client.get(page).status_code == 200

    assert client.post(page, {"post": "yes"}).status_code == 302

    assert not SalesCycle.objects.exists()
    assert not SalesCycleStage.objects.exists()


@pytest.mark.parametrize("stage", [0, 2])
def test_a_used_cycle_is_not_deleted_and_the_message_counts(
    client: Client, bob: User, cycle: SalesCycle, stage: int
) -> None:
    """Rules D19: stricter than R7, not started ones count too."""
    at(bob, cycle, stage)
    page = address("delete", SalesCycle, cycle.pk)
    entries = {0: "1 opportunity entry", 2: "3 opportunity entries"}[stage]

    for response in (client.get(page), client.post(page, {"post": "yes"})):
        assert response.status_code == 302
        assert response["Location"] == page_of(cycle)

    expected = (
        f"“Roofs” is not deleted, because it is used by 1 opportunity and {entries}. "
        "Block it instead: then it cannot be chosen for anything new."
    )
    assert said(client, response) == [expected, expected]
    assert deletion_refusal(cycle) == expected
    assert cycle.stages.count() == 3


def test_a_cycle_whose_opportunities_are_closed_is_not_deleted(
    client: Client, bob: User, cycle: SalesCycle
) -> None:
    lost(bob, at(bob, cycle, 1))

    client.post(address("delete", SalesCycle, cycle.pk), {"post": "yes"})

    assert SalesCycle.objects.filter(pk=cycle.pk).exists()


def test_a_used_cycle_is_blocked_and_carries_on(
    client: Client, bob: User, cycle: SalesCycle
) -> None:
    """Business Central R3."""
    opportunity = at(bob, cycle, 1)

    post(client, page_of(cycle), is_blocked="on")

    assert list(SalesCycle.objects.usable()) == []
    moved = lifecycle.move(opportunity, stage_of(opportunity, 2), by=bob)
    assert moved.stage == stage_of(opportunity, 2)


# The default.


def test_the_default_switches_and_says_so(client: Client, cycle: SalesCycle) -> None:
    """Business Central R25."""
    former = SalesCycleFactory(name="Tiles", is_default=True)

    response = post(client, page_of(cycle), is_default="on")

    assert "“Roofs” is now proposed for new opportunities instead of “Tiles”." in said(
        client, response
    )
    assert SalesCycle.objects.default() == cycle
    assert list(SalesCycle.objects.filter(is_default=True)) == [cycle]
    former.refresh_from_db()
    assert former.is_default is False


def test_a_new_cycle_takes_the_default(client: Client, cycle: SalesCycle) -> None:
    SalesCycle.objects.update(is_default=True)

    post(client, address("add", SalesCycle), code="NEW", name="New", is_default="on")

    assert [found.code for found in SalesCycle.objects.filter(is_default=True)] == ["NEW"]


def test_the_default_is_given_up(client: Client, cycle: SalesCycle) -> None:
    SalesCycle.objects.update(is_default=True)

    post(client, page_of(cycle), is_default=None)

    assert SalesCycle.objects.default() is None


def test_a_blocked_cycle_is_no_default(client: Client, cycle: SalesCycle) -> None:
    """Business Central R3."""
    response = post(client, page_of(cycle), is_default="on", is_blocked="on")

    assert errors(response) == ["A blocked cycle cannot be the default."]


# Live counts and sums (R6, R11 with D1).


def test_the_list_shows_what_is_in_progress_at_each_cycle(
    client: Client, bob: User, cycle: SalesCycle
) -> None:
    """Business Central R6: without won and lost; those not started are not in progress."""
    SalesCycleFactory(code="EMPTY", name="Empty", stages=THREE)
    at(bob, cycle, 0, 7000)
    at(bob, cycle, 1, 1000)
    at(bob, cycle, 2, 2000)
    lost(bob, at(bob, cycle, 1, 4000))
    lifecycle.win(at(bob, cycle, 3, 8000), by=bob, reason=CloseReasonFactory())
    lifecycle.delete(at(bob, cycle, 0, 16_000), by=bob)

    page = client.get(address("changelist", SalesCycle))

    rows = {found.code: found for found in page.context["cl"].queryset}
    found = rows["ROOFS"]
    # 1000 at 2 % and 2000 at 20 %.
    assert (found.number, found.estimated_value, found.calculated_value) == (2, 3000, 420)
    empty = rows["EMPTY"]
    assert (empty.number, empty.estimated_value, empty.calculated_value) == (0, 0, 0)
    text = plain(page.content.decode())
    assert "NOK 3,000<" in text
    assert "NOK 420<" in text


@pytest.mark.parametrize("column", range(1, 9))
def test_the_list_sorts_by_every_column(client: Client, cycle: SalesCycle, column: int) -> None:
    for direction in ("", "-"):
        page = f"{address('changelist', SalesCycle)}?o={direction}{column}"
        assert client.get(page).status_code == 200


def test_the_page_shows_each_stage_and_every_link_adds_up(
    client: Client, dora: User, bob: User, cycle: SalesCycle
) -> None:
    """Business Central R11; a closed one keeps its stage and is not counted there (D1)."""
    other = SalesCycleFactory(code="OTHER", stages=THREE)
    at(bob, other, 2, 99)
    at(bob, cycle, 0, 7000)
    at(bob, cycle, 2, 1000)
    at(bob, cycle, 2, 2000)
    at(bob, cycle, 3, 100)
    lost(bob, at(bob, cycle, 2, 4000))

    now = cycle_figures(cycle)

    def sums(figures: Any) -> tuple[int, Decimal, Decimal]:
        return figures.number, figures.estimated_value, figures.calculated_value

    assert [sums(stage.figures) for stage in now.stages] == [
        (0, 0, 0),
        (2, 3000, 600),
        (1, 100, 72),
    ]
    assert sums(now.in_progress) == (3, 3100, 672)
    assert sums(now.not_started) == (1, 7000, 0)
    linked = [(stage.query, stage.figures) for stage in now.stages]
    linked += [(now.in_progress_query, now.in_progress), (now.not_started_query, now.not_started)]
    page = client.get(page_of(cycle)).content.decode()
    for query, figures in linked:
        assert f'href="/opportunities/?{query.replace("&", "&amp;")}"' in page
        found = client.get(f"/opportunities/?{query}").context["sums"]
        assert (found.count, found.value, found.calculated) == sums(figures), query


def test_the_average_days_are_over_past_entries_of_the_stage(bob: User, cycle: SalesCycle) -> None:
    """Business Central R11, R58: every entry that a later one followed counts by itself."""

    def ago(days: int) -> Any:
        return today() - timedelta(days=days)

    later = {"sales_cycle": cycle, "estimated_close_on": today()}
    one = make_opportunity(bob, stage=1, on=ago(20), **later)
    one = lifecycle.move(one, stage_of(one, 2), by=bob, on=ago(17))  # 3 days at stage 1
    one = lifecycle.update(one, by=bob, estimated_value=Decimal(5), on=ago(15))  # 2 at stage 2
    one = lifecycle.move(one, stage_of(one, 3), by=bob, on=ago(8))  # 7 more at stage 2
    other = make_opportunity(bob, stage=1, on=ago(10), **later)
    lost_on = lifecycle.lose(
        other, by=bob, reason=CloseReasonFactory(kind="lost"), on=ago(6)
    )  # 4 days at stage 1

    days = [stage.average_days for stage in cycle_figures(cycle).stages]

    assert lost_on.closed_on == ago(6)
    assert days == [pytest.approx((3 + 4) / 2), pytest.approx((2 + 7) / 2), None]


def test_what_was_undone_does_not_count_in_the_average(bob: User, cycle: SalesCycle) -> None:
    """Stage 2 never held. The undo is an entry of stage 1 like others: 4 days, and 6 more."""
    first_day, wrong_day = today() - timedelta(days=10), today() - timedelta(days=6)
    opportunity = make_opportunity(
        bob, stage=1, sales_cycle=cycle, on=first_day, estimated_close_on=today()
    )
    opportunity = lifecycle.move(opportunity, stage_of(opportunity, 2), by=bob, on=wrong_day)
    lifecycle.undo(opportunity.entries.latest("sequence"), by=bob)
    lifecycle.move(opportunity, stage_of(opportunity, 2), by=bob)

    first, second, _third = cycle_figures(cycle).stages

    assert second.average_days is None
    assert first.average_days == pytest.approx((4 + 6) / 2)


def test_a_change_of_the_estimates_leaves_what_is_in_progress_and_says_so(
    client: Client, bob: User, cycle: SalesCycle
) -> None:
    """Business Central R5."""
    opportunity = at(bob, cycle, 2)
    at(bob, cycle, 0)

    response = post(client, page_of(cycle), probability_calculation="add")

    assert "1 opportunity in progress keeps its probability until its next change." in said(
        client, response
    )
    opportunity.refresh_from_db()
    assert (opportunity.probability, opportunity.calculated_value) == (20, 200)
    updated = lifecycle.update(opportunity, by=bob, estimated_value=Decimal(2000))
    assert updated.probability == 45  # (completed 50 + chances 40) ÷ 2


@pytest.mark.parametrize("field", ["completed", "chances_of_success"])
def test_a_change_of_a_stage_says_so_too(
    client: Client, bob: User, cycle: SalesCycle, field: str
) -> None:
    """Business Central R5, R13."""
    before = at(bob, cycle, 2)
    at(bob, cycle, 1)

    response = post(client, page_of(cycle), **{f"{STAGES}-1-{field}": "60"})

    assert "2 opportunities in progress keep their probability until their next change." in said(
        client, response
    )
    fresh = Opportunity.objects.get(pk=before.pk)
    assert (fresh.completed, fresh.chances_of_success) == (50, 40)


def test_another_name_needs_no_warning(client: Client, bob: User, cycle: SalesCycle) -> None:
    at(bob, cycle, 2)

    response = post(client, page_of(cycle), name="Roofs and tiles")

    assert not [text for text in said(client, response) if "probability" in text]


# What is refused.


@pytest.mark.parametrize("formula", ["1X", "M1", "1M+", "CM+", "??", "1M\x00", "-", "0D", "99999Y"])
def test_a_formula_that_is_none_is_refused_beside_the_field(
    client: Client, cycle: SalesCycle, formula: str
) -> None:
    """Business Central R8, R245."""
    response = post(client, page_of(cycle), **{f"{STAGES}-0-date_formula": formula})

    (errors_of_row, *_rest) = response.context["inline_admin_formsets"][0].formset.errors
    assert set(errors_of_row) == {"date_formula"}
    assert cycle.stages.exclude(date_formula="").count() == 0


def test_a_formula_is_read_and_shown_in_the_language_of_the_person(
    client: Client, dora: User, cycle: SalesCycle
) -> None:
    dora.language = "nb"
    dora.save()

    response = post(client, page_of(cycle), **{f"{STAGES}-0-date_formula": "1U+1D"})

    assert response.status_code == 302, errors(response)
    assert cycle.stages.get(position=1).date_formula == "1W+1D"
    page = client.get(page_of(cycle)).content.decode()
    assert f'name="{STAGES}-0-date_formula" value="1U+1D"' in page


@pytest.mark.parametrize("field", ["completed", "chances_of_success"])
@pytest.mark.parametrize("value", ["-0.01", "100.01", "0.001", "NaN", "Infinity", "", "x", "1e9"])
def test_percentages_lie_within_0_and_100_with_2_decimals(
    client: Client, cycle: SalesCycle, field: str, value: str
) -> None:
    """Business Central R8, rules D16."""
    response = post(client, page_of(cycle), **{f"{STAGES}-1-{field}": value})

    assert set(response.context["inline_admin_formsets"][0].formset.errors[1]) == {field}


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x", str(2**31), "9" * 400, "NaN", "\x00"])
def test_a_position_is_a_whole_number_from_1(client: Client, cycle: SalesCycle, value: str) -> None:
    """Business Central R8."""
    response = post(client, page_of(cycle), **{f"{STAGES}-1-position": value})

    assert set(response.context["inline_admin_formsets"][0].formset.errors[1]) == {"position"}
    assert order(cycle) == [(1, "Stage 1"), (2, "Stage 2"), (3, "Stage 3")]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v[:8]))
@pytest.mark.parametrize(
    "field",
    ["code", "name", "description", "probability_calculation", "is_default", f"{STAGES}-0-name",
     f"{STAGES}-0-description", f"{STAGES}-0-completed", f"{STAGES}-0-position",
     f"{STAGES}-0-date_formula", f"{STAGES}-0-quote_required", f"{STAGES}-0-id",
     f"{STAGES}-0-sales_cycle", f"{STAGES}-0-DELETE", f"{STAGES}-TOTAL_FORMS"],
)  # fmt: skip
def test_hostile_values_never_break_the_page(
    client: Client, bob: User, cycle: SalesCycle, field: str, value: str
) -> None:
    at(bob, cycle, 1)

    response = post(client, page_of(cycle), **{field: value})

    assert response.status_code in (200, 302)
    order(cycle)
    assert client.get(page_of(cycle)).status_code == 200
    assert client.get(address("changelist", SalesCycle)).status_code == 200


def test_the_stage_of_another_cycle_is_no_row_of_this_one(
    client: Client, cycle: SalesCycle
) -> None:
    other = SalesCycleFactory(stages=THREE)
    theirs = other.stages.get(position=1)

    post(client, page_of(cycle), **{f"{STAGES}-0-id": theirs.pk, f"{STAGES}-0-name": "Mine"})

    assert order(cycle) == order(other) == [(1, "Stage 1"), (2, "Stage 2"), (3, "Stage 3")]


@pytest.mark.parametrize("code", ["roofs", "ROOFS", " Roofs "])
@pytest.mark.parametrize("model", [SalesCycle, CloseReason])
def test_a_code_is_used_once_whatever_its_letters(
    client: Client, cycle: SalesCycle, code: str, model: Any
) -> None:
    """Business Central R1, R14."""
    CloseReasonFactory(code="ROOFS")

    response = post(client, address("add", model), code=code, name="x", description="x")

    assert len(errors(response)) == 1
    assert errors(response)[0].endswith("with this Code already exists.")


@pytest.mark.parametrize("code", ["", " ", "ß" * 10, "x" * 11])
@pytest.mark.parametrize("model", [SalesCycle, CloseReason])
def test_a_code_has_1_to_10_characters_when_it_is_stored(
    client: Client, model: Any, code: str
) -> None:
    response = post(client, address("add", model), code=code, name="x", description="x")

    assert len(errors(response)) == 1
    assert not model.objects.exists()


# Close reasons.


def test_a_reason_is_created_for_winning_unless_said_otherwise(client: Client) -> None:
    """Business Central R14."""
    response = post(client, address("add", CloseReason), code="price", description="Best price")

    assert response.status_code == 302, errors(response)
    reason = CloseReason.objects.get()
    assert (reason.code, reason.kind) == ("PRICE", "won")


def test_a_used_reason_shows_its_uses_and_keeps_its_kind(
    client: Client, bob: User, cycle: SalesCycle
) -> None:
    reason = CloseReasonFactory(code="PRICE", kind="lost")
    lifecycle.lose(at(bob, cycle, 1), by=bob, reason=reason)
    page = address("change", CloseReason, reason.pk)
    shown = client.get(page).content.decode()
    assert "Lost (stays, because opportunities were closed with it)" in shown
    assert "kind" not in filled(client, page)

    response = post(client, page, kind="won", description="Too dear", is_blocked="on")

    assert response.status_code == 302, errors(response)
    reason.refresh_from_db()
    assert (reason.kind, reason.description, reason.is_blocked) == ("lost", "Too dear", True)


def test_a_reason_counts_every_entry_that_carries_it(
    client: Client, alice: User, cycle: SalesCycle
) -> None:
    """Business Central R14, R152: entries that are history count too."""
    reason = CloseReasonFactory(kind="lost")
    for _n in range(2):
        closed = lifecycle.lose(at(alice, cycle, 1), by=alice, reason=reason)
    lifecycle.reopen(closed, by=alice)

    page = client.get(address("changelist", CloseReason))

    cell = '<td class="field-used">2</td>'
    assert cell in page.content.decode()


def test_an_unused_reason_may_change_its_kind_and_be_deleted(client: Client) -> None:
    reason = CloseReasonFactory(kind="won")

    post(client, address("change", CloseReason, reason.pk), kind="lost")
    reason.refresh_from_db()
    assert reason.kind == "lost"

    client.post(address("delete", CloseReason, reason.pk), {"post": "yes"})
    assert not CloseReason.objects.exists()


def test_a_used_reason_is_not_deleted_and_the_message_counts(
    client: Client, bob: User, cycle: SalesCycle
) -> None:
    """Rules D19, Business Central R15."""
    reason = CloseReasonFactory(kind="lost", description="Too dear")
    for _n in range(2):
        lifecycle.lose(at(bob, cycle, 1), by=bob, reason=reason)

    response = client.post(address("delete", CloseReason, reason.pk), {"post": "yes"})

    (text,) = said(client, response)
    assert text == (
        "“Too dear” is not deleted, because it is used by 2 opportunities and 2 opportunity "
        "entries. Block it instead: then it cannot be chosen for anything new."
    )


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v[:8]))
@pytest.mark.parametrize("field", ["code", "description", "kind", "is_blocked"])
def test_hostile_reasons_never_break_the_page(client: Client, field: str, value: str) -> None:
    reason = CloseReasonFactory()

    response = post(client, address("change", CloseReason, reason.pk), **{field: value})

    assert response.status_code in (200, 302)
    assert client.get(address("changelist", CloseReason)).status_code == 200
