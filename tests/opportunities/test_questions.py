"""Questions about an opportunity: who asks, who is told, who answers (ADR 0027)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from opportunities import asking, lifecycle
from opportunities.models import Opportunity, Question
from salespeople.models import User
from tests.factories import CloseReasonFactory
from tests.opportunities.pages import address, at_stage, signed_in


@pytest.fixture
def row(bob: User) -> Opportunity:
    return at_stage(bob, 2)


def kinds(user: User) -> list[str]:
    """Return of what kinds a person has unread notices."""
    return list(user.notices.unread().order_by("pk").values_list("kind", flat=True))


def test_a_manager_asks_and_the_salesperson_is_told(
    alice: User, bob: User, charlie: User, row: Opportunity
) -> None:
    client = signed_in(alice)

    response = client.post(f"{address(row, 'ask')}", {"text": "Why is it late?"})

    question = Question.objects.get()
    assert response["Location"] == address(row)
    assert (question.text, question.asked_by, question.answered_at) == (
        "Why is it late?", alice, None,
    )  # fmt: skip
    assert (kinds(bob), kinds(charlie), kinds(alice)) == (["question"], [], [])
    page = signed_in(bob).get("/notices/").content.decode()
    assert f"alice asks about “{row.description}”" in page


def test_the_answer_stands_with_the_question_and_who_asked_is_told(
    alice: User, bob: User, row: Opportunity
) -> None:
    question = asking.ask(row, by=alice, text="Why is it late?")
    client = signed_in(bob)
    asked = client.get("/").content.decode()

    client.post(f"{address(row, 'answer')}?question={question.pk}", {"answer": "Holidays."})

    page = client.get(address(row)).content.decode()
    assert "Why is it late?" in asked
    assert "Why is it late?" not in client.get("/").content.decode()
    assert ("Why is it late?" in page, "Holidays." in page) == (True, True)
    assert (kinds(bob), kinds(alice)) == ([], ["answer"])
    assert signed_in(alice).get("/notices/").status_code == 200


def test_a_salesperson_does_not_ask(bob: User, row: Opportunity) -> None:
    with pytest.raises(PermissionDenied, match="asked by managers"):
        asking.ask(row, by=bob, text="Why?")
    assert signed_in(bob).post(address(row, "ask"), {"text": "Why?"}).status_code == 403


def test_what_one_may_not_see_is_not_there(alice: User, charlie: User, row: Opportunity) -> None:
    question = asking.ask(row, by=alice, text="Why?")
    client = signed_in(charlie)

    assert client.post(address(row, "ask"), {"text": "Why?"}).status_code == 404
    asked = f"{address(row, 'answer')}?question={question.pk}"
    assert client.post(asked, {"answer": "So."}).status_code == 404
    with pytest.raises(Opportunity.DoesNotExist):
        asking.answer(question, by=charlie, text="So.")
    assert list(Question.objects.visible_to(charlie)) == []


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001, "a\x00b"])
def test_a_text_that_says_nothing_or_too_much_is_refused(
    alice: User, bob: User, row: Opportunity, text: str
) -> None:
    question = asking.ask(row, by=alice, text="Why?")

    assert signed_in(alice).post(address(row, "ask"), {"text": text}).status_code == 422
    asked = f"{address(row, 'answer')}?question={question.pk}"
    assert signed_in(bob).post(asked, {"answer": text}).status_code == 422
    assert Question.objects.filter(answered_at__isnull=True).count() == 1


def test_it_is_answered_once(alice: User, bob: User, row: Opportunity) -> None:
    question = asking.ask(row, by=alice, text="Why?")
    asking.answer(question, by=bob, text="So.")

    again = asking.answer(question, by=bob, text="So.")
    with pytest.raises(ValidationError, match="bob has answered it already"):
        asking.answer(question, by=alice, text="Otherwise.")

    assert again.answer == "So."


def test_the_same_question_is_asked_once(alice: User, row: Opportunity) -> None:
    first, second = (asking.ask(row, by=alice, text="Why?") for _n in range(2))

    assert first == second


def test_undo_takes_a_question_back_with_its_notice(
    alice: User, bob: User, row: Opportunity
) -> None:
    client = signed_in(alice)
    client.post(address(row, "ask"), {"text": "Why?"})
    question = Question.objects.get()

    assert f'value="{question.pk}"' in client.get(address(row)).content.decode()
    client.post(address(row, "unask"), {"question": question.pk})

    assert (Question.objects.count(), kinds(bob)) == (0, [])


def test_what_was_answered_or_asked_by_another_is_not_taken_back(
    alice: User, bob: User, dora: User, row: Opportunity
) -> None:
    question = asking.ask(row, by=alice, text="Why?")
    with pytest.raises(PermissionDenied):
        asking.take_back(question, by=dora)
    asking.answer(question, by=bob, text="So.")
    with pytest.raises(ValidationError, match="stays"):
        asking.take_back(question, by=alice)


def test_a_deleted_opportunity_is_asked_about_no_more(alice: User, bob: User) -> None:
    row = lifecycle.delete(at_stage(bob, 0), by=bob)

    assert signed_in(alice).post(address(row, "ask"), {"text": "Why?"}).status_code == 422


@pytest.mark.parametrize("query", ["", "question=0", "question=x", "other=1"])
def test_a_question_that_there_is_not(bob: User, row: Opportunity, query: str) -> None:
    assert signed_in(bob).get(f"{address(row, 'answer')}?{query}").status_code in (400, 404)


@pytest.mark.parametrize(
    "columns", [{"text": ""}, {"answer": "So."}, {"answered_at": timezone.now()}]
)
def test_the_database_refuses_half_of_it(
    alice: User, row: Opportunity, columns: dict[str, Any]
) -> None:
    given = {"text": "Why?", "asked_at": timezone.now(), "asked_by": alice, **columns}
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(opportunity=row, **given)


def test_a_purge_takes_its_questions_along(alice: User, row: Opportunity) -> None:
    asking.ask(row, by=alice, text="Why?")
    lifecycle.win(row, by=alice, reason=CloseReasonFactory())
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_purge_opportunity(%s, %s)", [row.pk, alice.pk])

    assert Question.objects.count() == 0
