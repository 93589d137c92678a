"""Winning, losing and reopening (Business Central R106–R117, rules D1, D9, D10, D17)."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Min
from django.utils.translation import gettext as _

from contacts.models import Contact
from crm.money import format_money
from opportunities.lifecycle.checks import (
    check_close_date,
    check_close_date_from,
    check_field,
    check_kept,
    check_note,
    check_on,
    check_open,
    check_reopen,
)
from opportunities.lifecycle.ledger import locked, write
from opportunities.models import CLOSED, Action, Opportunity, OpportunityEntry, Status
from salescycles.models import CloseReason
from salespeople.models import User

HUNDRED = Decimal(100)


def win(
    opportunity: Opportunity,
    *,
    by: User,
    reason: CloseReason | None,
    on: date | None = None,
    sales_value: Decimal | None = None,
    cancel_open_tasks: bool = True,
    note: str = "",
    seen: int | None = None,
) -> Opportunity:
    """Close it as won; the company becomes a customer (R93, R110–R116, D17).

    With a quote in force the sales value is that of the quote, and another
    one is refused; without, None means the estimated value. Open tasks are
    cancelled (R98, R108).
    """
    with locked(opportunity, by=by, seen=seen) as fresh:
        check_open(fresh)
        day = check_on(fresh, on, turns=True)
        reason = check_reason(reason, CloseReason.Kind.WON)
        value = _sales_value(fresh, sales_value)
        customer = _locked_customer(fresh.company_id or fresh.contact_id)
        made_customer = customer.customer_since is None
        if made_customer:
            Contact.objects.filter(pk=customer.pk).update(customer_since=day)
        return write(
            fresh,
            by=by,
            action=Action.WON,
            on=day,
            note=check_note(note),
            made_customer=made_customer,
            cancel_open_tasks=cancel_open_tasks,
            **_closed(Status.WON, day, reason, share=HUNDRED, calculated_value=value),
        )


def lose(
    opportunity: Opportunity,
    *,
    by: User,
    reason: CloseReason | None,
    on: date | None = None,
    cancel_open_tasks: bool = True,
    note: str = "",
    seen: int | None = None,
) -> Opportunity:
    """Close it as lost (R94, R110, R113, R117); open tasks are cancelled (R98, R108)."""
    with locked(opportunity, by=by, seen=seen) as fresh:
        check_open(fresh)
        day = check_on(fresh, on, turns=True)
        reason = check_reason(reason, CloseReason.Kind.LOST)
        return write(
            fresh,
            by=by,
            action=Action.LOST,
            on=day,
            note=check_note(note),
            cancel_open_tasks=cancel_open_tasks,
            **_closed(Status.LOST, day, reason, share=Decimal(0), calculated_value=Decimal(0)),
        )


def reopen(
    opportunity: Opportunity,
    *,
    by: User,
    on: date | None = None,
    estimated_close_on: date | None = None,
    note: str = "",
    seen: int | None = None,
) -> Opportunity:
    """Take it back to where it was before it was closed (rules D10).

    Stage, chances, completed, probability and value are those of the last
    open entry, and so is the close date, unless it has passed: then a new one
    is asked for.
    """
    with locked(opportunity, by=by, seen=seen) as fresh:
        check_kept(fresh)
        if not fresh.is_closed:
            raise ValidationError(_("It is not closed."), code="open")
        closing = newest_closing(fresh)
        check_reopen(fresh, closing, by=by)
        day = check_on(fresh, on, turns=True)
        before = fresh.entries.get(sequence=closing.sequence - 1)
        close_on = check_close_date(estimated_close_on or before.estimated_close_on)
        if before.status == Status.IN_PROGRESS:
            check_close_date_from(close_on, day)
        return write(
            fresh,
            by=by,
            action=Action.REOPENED,
            on=day,
            note=check_note(note),
            status=before.status,
            stage=before.stage,
            stage_entered_on=day if before.stage else None,
            chances_of_success=before.chances_of_success,
            completed=before.completed,
            probability=before.probability,
            estimated_value=before.estimated_value,
            calculated_value=before.calculated_value,
            estimated_close_on=close_on,
            closed_on=None,
            close_reason=None,
        )


def newest_closing(opportunity: Opportunity) -> OpportunityEntry:
    """Return the standing entry that closed a closed opportunity."""
    return (
        opportunity.entries.standing()
        .filter(action__in=(Action.WON, Action.LOST), status__in=CLOSED)
        .order_by("-sequence")[0]
    )


def check_reason(reason: CloseReason | None, kind: CloseReason.Kind) -> CloseReason:
    """Refuse no reason, one of the other outcome (R16, R110), and a blocked one (D19)."""
    if reason is None or reason.kind != kind:
        raise ValidationError(
            {
                "reason": _("Choose why it was won.")
                if kind == CloseReason.Kind.WON
                else _("Choose why it was lost.")
            }
        )
    if reason.is_blocked:
        raise ValidationError(
            {"reason": _("“%(name)s” is blocked for anything new.") % {"name": reason.description}}
        )
    return reason


def clear_customer(entry: OpportunityEntry) -> None:
    """Take back that an undone win made the company a customer (house.md 4).

    What is won still counts, the earliest first. A date that no win has set
    (it came with the contact) stays.
    """
    if entry.action != Action.WON:
        return
    customer = _locked_customer(entry.company_id or entry.contact_id)
    column = "company" if entry.company_id else "contact"
    wins = OpportunityEntry.objects.filter(action=Action.WON, made_customer=True)
    if not wins.filter(**{column: customer}).exists():
        return
    others = Opportunity.objects.won().kept().exclude(pk=entry.opportunity_id)
    earliest = others.filter(**{column: customer}).aggregate(day=Min("closed_on"))["day"]
    Contact.objects.filter(pk=customer.pk).update(customer_since=earliest)


def _locked_customer(pk: int) -> Contact:
    """Lock the company, or the person without one, so that two wins see each other."""
    return Contact.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)


def _sales_value(opportunity: Opportunity, typed: Decimal | None) -> Decimal:
    """Return what it was sold for: the deciding quote's amount, else typed, else estimated."""
    quote = opportunity.quotes.deciding().first()
    if quote is not None and typed is not None and typed != quote.amount:
        raise ValidationError(
            {
                "sales_value": _("Quote %(number)s says %(amount)s. Change the quote first.")
                % {"number": quote.number, "amount": format_money(quote.amount)}
            }
        )
    if quote is not None:
        return quote.amount
    try:
        value: Decimal = check_field(
            "estimated_value", opportunity.estimated_value if typed is None else typed
        )
    except ValidationError as error:
        raise ValidationError({"sales_value": error.messages}) from error
    if value <= 0:
        raise ValidationError({"sales_value": _("Give a sales value above 0.")})
    return value


def _closed(
    status: Status, day: date, reason: CloseReason, *, share: Decimal, calculated_value: Decimal
) -> dict[str, Any]:
    """Return the state of a closed opportunity (R93, R94, R113); the stage stays (D1)."""
    return {
        "status": status,
        "chances_of_success": share,
        "completed": HUNDRED,
        "probability": share,
        "calculated_value": calculated_value,
        "estimated_close_on": day,
        "closed_on": day,
        "close_reason": reason,
    }
