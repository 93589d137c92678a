"""What must hold before a change; each check raises, with a sentence a person understands."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contacts.models import Contact
from crm.dates import site_date, today
from opportunities.lifecycle.parts import once
from opportunities.models import TURNS, Opportunity, OpportunityEntry, Status
from salescycles.models import SalesCycle
from salespeople.models import Salesperson, User
from salespeople.roles import is_manager
from salespeople.visibility import assignable_salespeople

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2999, 12, 31)
REOPEN_DAYS = 7
HOLD = """
SELECT id FROM contacts_contact
WHERE id = ANY(%s) OR id IN (SELECT company_id FROM contacts_contact WHERE id = ANY(%s))
ORDER BY id FOR KEY SHARE
"""
NOTE_LENGTH = 5000


def check_kept(opportunity: Opportunity) -> None:
    """Refuse a change of a deleted opportunity."""
    if opportunity.is_deleted:
        raise ValidationError(_("It has been deleted. Restore it first."), code="deleted")


def check_open(opportunity: Opportunity) -> None:
    """Refuse a change of what is won or lost (Business Central R62, R106, R146)."""
    check_kept(opportunity)
    if opportunity.is_closed:
        raise ValidationError(
            _("It is already %(status)s. Reopen it first."),
            code="closed",
            params={"status": opportunity.get_status_display().lower()},
        )


def check_note(note: str) -> str:
    """Return the note without outer blanks; refuse what no page can hold."""
    if len(note) > NOTE_LENGTH or "\x00" in note:
        raise ValidationError(
            {"note": _("A note has at most %(most)d characters.") % {"most": NOTE_LENGTH}}
        )
    return note.strip()


def check_on(opportunity: Opportunity, on: date | None, *, turns: bool) -> date:
    """Return the day of the change, today if None; refuse the future and too far back.

    The day lies not before the newest standing entry, or, for a change that
    turns stage or status, not before the newest standing one that did so
    (house.md 4, rules D9, D14).
    """
    day = on or today()
    if day > today():
        raise ValidationError({"on": _("The date lies in the future.")}, code="future")
    if day == today():
        return day
    check_first_day(day)
    entries = opportunity.entries.standing()
    if turns:
        entries = entries.filter(action__in=TURNS)
    newest = entries.order_by("-sequence").first()
    if newest is not None and day < newest.effective_on:
        raise ValidationError(
            {
                "on": _("Not before %(date)s, the date of the change before it (%(action)s).")
                % {
                    "date": date_format(newest.effective_on),
                    "action": newest.get_action_display().lower(),
                }
            },
            code="before",
        )
    return day


def check_first_day(day: date) -> None:
    """Refuse a day before any that a business remembers."""
    if day < FIRST_DAY:
        raise ValidationError({"on": _("Give a date from the year 1900 on.")}, code="first")


def check_field(name: str, value: Any) -> Any:
    """Return `value` as the field takes it; refuse a wrong type, range or number of digits."""
    field: Any = Opportunity._meta.get_field(name)
    if isinstance(value, float):
        raise TypeError(f"{name} is a float; money and percentages are decimals")
    if isinstance(value, str) and "\x00" in value:
        raise ValidationError({name: _("Null characters are not allowed.")}, code="invalid")
    try:
        return field.clean(value, None)
    except ValidationError as error:
        raise ValidationError({name: error.messages}, code="invalid") from error


def check_close_date(day: date | None) -> date | None:
    """Return the estimated close date; refuse what no calendar of ours holds."""
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(
            {"estimated_close_on": _("Give a date between the years 1900 and 2999.")}
        )
    return day


def check_estimates(
    *, estimated_value: Decimal, chances_of_success: Decimal, close_on: date | None, on: date
) -> None:
    """Refuse estimates that say nothing (Business Central R78, rules D23).

    Value and chances are above 0; the close date is there, and not before the change.
    """
    errors = {}
    if estimated_value <= 0:
        errors["estimated_value"] = _("Give an estimated value above 0.")
    if chances_of_success <= 0:
        errors["chances_of_success"] = _("Give chances of success above 0.")
    if close_on is None or close_on < on:
        errors["estimated_close_on"] = _close_date_refusal(close_on, on)
    if errors:
        raise ValidationError(errors, code="estimates")


def check_close_date_from(close_on: date | None, on: date) -> None:
    """Refuse a close date that is missing or lies before the change (R78, rules D23)."""
    if close_on is None or close_on < on:
        raise ValidationError(
            {"estimated_close_on": _close_date_refusal(close_on, on)}, code="estimates"
        )


def _close_date_refusal(close_on: date | None, on: date) -> str:
    if close_on is None:
        return _("Give an estimated close date.")
    return _(
        "The estimated close date, %(close)s, lies before the change, %(on)s. Give a new one."
    ) % {"close": date_format(close_on), "on": date_format(on)}


def held_contacts(ids: Iterable[int]) -> dict[int, Contact]:
    """Return the contacts as they are now, held with their companies until the commit.

    FOR KEY SHARE lets others read and edit them, but not delete them or change
    their kind while an opportunity that names them is being written.
    """
    wanted = list(ids)
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [wanted, wanted])
    rows = Contact.objects.filter(pk__in=wanted).select_related("company")
    return {contact.pk: contact for contact in rows}


def check_usable_contact(
    contact: Contact | None, held: Mapping[int, Contact] | None = None
) -> Contact:
    """Refuse no contact, and one that is blocked or whose company is (R39, R34, D8)."""
    if contact is not None:
        found = held_contacts([contact.pk]) if held is None else held
        contact = found.get(contact.pk)
    if contact is None:
        raise ValidationError({"contact": _("Choose the contact involved.")})
    if contact.is_blocked or (contact.company is not None and contact.company.is_blocked):
        raise ValidationError(
            {"contact": _("“%(name)s” is blocked for anything new.") % {"name": contact.name}}
        )
    return contact


def check_usable_cycle(sales_cycle: SalesCycle | None) -> SalesCycle:
    """Refuse no cycle (D8), and a blocked one (Business Central R3)."""
    if sales_cycle is None:
        raise ValidationError({"sales_cycle": _("Choose a sales cycle.")})
    if sales_cycle.is_blocked:
        raise ValidationError(
            {"sales_cycle": _("“%(name)s” is blocked for anything new.")
             % {"name": sales_cycle.name}}
        )  # fmt: skip
    return sales_cycle


def check_usable_salesperson(salesperson: Salesperson | None, *, by: User) -> Salesperson:
    """Refuse none, a blocked one (R23), and one of another team unless `by` manages."""
    if salesperson is None:
        raise ValidationError({"salesperson": _("Choose a salesperson.")})
    if salesperson.is_blocked:
        raise ValidationError(
            {"salesperson": _("“%(name)s” is blocked for anything new.")
             % {"name": salesperson.name}}
        )  # fmt: skip
    rows = assignable_salespeople(by).filter(pk=salesperson.pk)
    if not once(("assignable", by.pk, salesperson.pk), rows.exists):
        raise PermissionDenied(_("Giving an opportunity to another team is for managers."))
    return salesperson


def check_reopen(opportunity: Opportunity, closing: OpportunityEntry, *, by: User) -> None:
    """Allow a manager, or its salesperson within 7 days of the closing (rules D10)."""
    if is_manager(by):
        return
    is_own = opportunity.salesperson.user_id == by.pk
    if is_own and (today() - site_date(closing.recorded_at)).days <= REOPEN_DAYS:
        return
    raise PermissionDenied(
        _("A manager may reopen it, or its salesperson within %(days)d days of closing.")
        % {"days": REOPEN_DAYS}
    )


def check_delete(opportunity: Opportunity) -> None:
    """Refuse what is in progress (Business Central R121), and what is deleted already."""
    check_kept(opportunity)
    if opportunity.status == Status.IN_PROGRESS:
        raise ValidationError(
            _("An opportunity in progress is not deleted. Close it first."), code="in_progress"
        )


def check_restore(deletion: OpportunityEntry | None, *, by: User) -> None:
    """Allow a manager, and the person who deleted it."""
    if is_manager(by) or (deletion is not None and deletion.recorded_by_id == by.pk):
        return
    raise PermissionDenied(_("A manager may restore it, or the person who deleted it."))
