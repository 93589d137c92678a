"""The door of interactions: log one, take one back (Business Central R227–R233)."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Campaign, Contact
from salespeople.models import Salesperson, User
from salespeople.visibility import salesperson_of
from tasks.lifecycle import newest_entry
from tasks.models import Interaction, Task
from tasks.wishes import check_contact, check_salesperson, field_error


def log(
    *,
    by: User,
    kind: str,
    subject: str,
    contact: Contact | None = None,
    opportunity: Any = None,
    task: Task | None = None,
    salesperson: Salesperson | None = None,
    campaign: Campaign | None = None,
    happened_at: datetime | None = None,
    direction: str = "",
    text: str = "",
    evaluation: str = "",
    is_failed: bool = False,
    cost: Decimal = Decimal(0),
    duration: timedelta = timedelta(0),
    message_id: str = "",
) -> Interaction:
    """Write down what happened; contact, salesperson, subject and moment are required (R228).

    What is not given comes from the task, then from the opportunity (R184,
    R230); the salesperson is then the one that `by` signs in as (R176). None
    for the moment means now; the future is refused.
    """
    opportunity = opportunity or (task.opportunity if task else None)
    contact = contact or (task.contact if task else None) or getattr(opportunity, "contact", None)
    own = salesperson_of(by)
    salesperson = salesperson or own or getattr(opportunity, "salesperson", None)
    salesperson = salesperson or (contact.salesperson if contact else None)
    if contact is None:
        raise ValidationError({"contact": _("Choose the contact involved.")})
    if salesperson is None:
        raise ValidationError({"salesperson": _("Choose a salesperson.")})
    if salesperson != own and (opportunity is None or salesperson.pk != opportunity.salesperson_id):
        check_salesperson(salesperson, by=by)
    check_contact(contact)
    newest_entry(opportunity, by=by)  # refuses what `by` does not see
    moment = happened_at or timezone.now()
    interaction = Interaction(
        kind=kind,
        direction=direction,
        contact=contact,
        company=contact.company_or_self,
        opportunity=opportunity,
        task=task,
        campaign=campaign or (task.campaign if task else getattr(opportunity, "campaign", None)),
        salesperson=salesperson,
        happened_at=moment,
        subject=subject,
        text=text,
        evaluation=evaluation,
        is_failed=is_failed,
        cost=cost,
        duration=duration,
        message_id=message_id,
        recorded_by=by,
    )
    errors: dict[str, Any] = {}
    if moment > timezone.now() + timedelta(minutes=1):
        errors["happened_at"] = _("The date lies in the future.")
    for name in ("kind", "direction", "subject", "text", "evaluation", "cost", "duration"):
        error = field_error(interaction, name)
        if error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)
    interaction.save(force_insert=True)
    return interaction


def cancel(interaction: Interaction, *, by: User) -> Interaction:
    """Take it back: it stays readable, and counts nowhere (R229). Twice is once."""
    with transaction.atomic():
        rows = Interaction.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
        fresh = rows.get(pk=interaction.pk)
        if not fresh.is_cancelled:
            fresh.cancelled_at, fresh.cancelled_by = timezone.now(), by
            fresh.save(update_fields=["cancelled_at", "cancelled_by"])
        return fresh
