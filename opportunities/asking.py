"""The door of questions: a manager asks about an opportunity, its salesperson answers (ADR 0027).

Beside the ledger: nothing about the opportunity changes. Each function locks
it among those that `by` may see.
"""

import uuid

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from notices.kinds import Kind
from notices.telling import Told, tell, withdraw
from opportunities.beside import MOST_TEXT
from opportunities.lifecycle.checks import check_kept
from opportunities.lifecycle.ledger import locked
from opportunities.models import Opportunity, Question
from salespeople.models import User
from salespeople.roles import is_manager
from salespeople.visibility import Person


def check_may_ask(by: Person) -> None:
    """Refuse who does not manage: colleagues are mentioned in a note."""
    if not is_manager(by):
        raise PermissionDenied(_("Questions are asked by managers. Mention a colleague in a note."))


def ask(opportunity: Opportunity, *, by: User, text: str) -> Question:
    """Ask about an opportunity, and tell its salesperson.

    The same person's same question, while nobody has answered it, is asked
    once. Raises PermissionDenied, ValidationError, and Opportunity.DoesNotExist
    for what `by` may not see.
    """
    check_may_ask(by)
    wanted = _checked(text, "text")
    with locked(opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        there = fresh.questions.open().filter(asked_by=by, text=wanted).first()
        if there is not None:
            return there
        question: Question = fresh.questions.create(
            text=wanted, asked_at=timezone.now(), asked_by=by
        )
        told = [Told(fresh.salesperson.user_id, fresh)]
        tell(Kind.QUESTION, told, by=by, act=uuid.uuid5(uuid.NAMESPACE_OID, f"q{question.pk}"))
        return question


def answer(question: Question, *, by: User, text: str) -> Question:
    """Answer a question, and tell who asked; whoever sees the opportunity may, once.

    Raises ValidationError where somebody has answered it with other words, or
    there are none, and Opportunity.DoesNotExist for what `by` may not see.
    """
    wanted = _checked(text, "answer")
    with locked(question.opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        found: Question = fresh.questions.select_related("answered_by").get(pk=question.pk)
        if found.answered_at is not None:
            if (found.answered_by, found.answer) == (by, wanted):
                return found
            wish = {"name": found.answered_by}
            raise ValidationError(_("%(name)s has answered it already.") % wish, code="answered")
        found.answer, found.answered_at, found.answered_by = wanted, timezone.now(), by
        found.save(update_fields=["answer", "answered_at", "answered_by"])
        if not fresh.questions.open().exists():
            withdraw(Kind.QUESTION, opportunity=fresh)
        act = uuid.uuid5(uuid.NAMESPACE_OID, f"a{found.pk}")
        tell(Kind.ANSWER, [Told(found.asked_by_id, fresh)], by=by, act=act)
        return found


def take_back(question: Question, *, by: User) -> None:
    """Take a question back that nobody has answered; only who asked may. Twice is once."""
    with locked(question.opportunity, by=by, seen=None) as fresh:
        found = fresh.questions.filter(pk=question.pk).first()
        if found is None:
            return
        if found.asked_by_id != by.pk:
            raise PermissionDenied(_("Only who asked a question may take it back."))
        if found.answered_at is not None:
            raise ValidationError(_("It has been answered, and stays."), code="answered")
        found.delete()
        if not fresh.questions.open().exists():
            withdraw(Kind.QUESTION, opportunity=fresh)


def _checked(text: str, field: str) -> str:
    """Return the text without outer blanks; refuse none, too much, and what no page can hold."""
    wanted = text.strip()
    if not wanted or "\x00" in wanted:
        raise ValidationError({field: _("Write something.")})
    if len(wanted) > MOST_TEXT:
        raise ValidationError({field: _("At most %(most)d characters.") % {"most": MOST_TEXT}})
    return wanted
