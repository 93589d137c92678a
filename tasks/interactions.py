"""The door of interactions: log, cancel, restore, lead (Business Central R227–R233).

Each function opens its own transaction; a row handed in is only an address, and
is read again among those that `by` may see. They raise `ValidationError` with
sentences, `PermissionDenied` with who may do it instead, and `DoesNotExist` for
what `by` may not see.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from changes.log import note as noted
from contacts.models import Campaign, Contact
from notices.telling import withdraw
from salespeople.models import Salesperson, User
from salespeople.visibility import assignable_salespeople, salesperson_of, visible_ids
from tasks import told
from tasks.lifecycle import newest_entry
from tasks.models import MOST_DURATION, Interaction, Task
from tasks.reading import seen_opportunity
from tasks.wishes import check_contact, field_error

FIRST_MOMENT = datetime(1900, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(minutes=1)
CHECKED = ("kind", "direction", "subject", "text", "evaluation", "cost", "duration", "message_id")


class AlreadyKept(ValidationError):
    """The mail is there already, on the same contact or opportunity; `interaction` is it."""

    def __init__(self, interaction: Interaction) -> None:
        super().__init__(_("This mail has been kept already."), code="kept")
        self.interaction = interaction


@dataclass(frozen=True)
class _Involved:
    """With whom, about what, and who talked (R184, R230)."""

    contact: Contact
    salesperson: Salesperson
    opportunity: Any
    campaign: Campaign | None


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
    R230); else the salesperson is the one that `by` signs in as, before the
    contact's (R176). None for the moment means now; the future is refused.
    """
    involved = _involved(task, opportunity, contact, salesperson, campaign, by=by)
    interaction = Interaction(
        kind=kind,
        direction=direction,
        contact=involved.contact,
        company=involved.contact.company_or_self,
        opportunity=involved.opportunity,
        task=task,
        campaign=involved.campaign,
        salesperson=involved.salesperson,
        happened_at=happened_at or timezone.now(),
        subject=subject,
        text=text,
        evaluation=evaluation,
        is_failed=is_failed,
        cost=cost,
        duration=duration,
        message_id=message_id,
        recorded_by=by,
    )
    _check(interaction)
    with transaction.atomic():
        saved = _saved(interaction)
        told.of_interaction(saved, by=by)
    return saved


def cancel(interaction: Interaction, *, by: User) -> Interaction:
    """Take it back: it stays readable, and counts nowhere (R229). Twice is once."""
    with _locked(interaction, by=by) as fresh:
        if not fresh.is_cancelled:
            fresh.cancelled_at, fresh.cancelled_by = timezone.now(), by
            fresh.save(update_fields=["cancelled_at", "cancelled_by"])
            withdraw(interaction=fresh)
            noted("cancel", fresh, by=by, before={}, after={})
        return fresh


def restore(interaction: Interaction, *, by: User) -> Interaction:
    """Undo the taking back: it counts again (R229)."""
    with _locked(interaction, by=by) as fresh:
        if fresh.is_cancelled:
            fresh.cancelled_at = fresh.cancelled_by = None
            fresh.save(update_fields=["cancelled_at", "cancelled_by"])
            noted("restore", fresh, by=by, before={}, after={})
        return fresh


def lead(interaction: Interaction, create: Callable[[Interaction], Any], *, by: User) -> Any:
    """Let it be about the opportunity that `create` makes of it, in one transaction (R44, R232).

    `create` is handed the locked row; opportunities lie above this room.
    """
    with _locked(interaction, by=by) as fresh:
        check_may_lead(fresh)
        fresh.opportunity = create(fresh)
        fresh.save(update_fields=["opportunity"])
        return fresh.opportunity


def check_may_lead(interaction: Interaction) -> None:
    """Refuse to create an opportunity from what was taken back, or has one already (R44)."""
    if interaction.is_cancelled:
        raise ValidationError(_("It was cancelled: nothing comes from it."), code="cancelled")
    if interaction.opportunity_id is not None:
        raise ValidationError(_("It has led to an opportunity already."), code="linked")
    check_contact(interaction.contact)


def choosable_opportunities(
    contact: Contact, *, by: User, salesperson: Salesperson | None = None
) -> Any:
    """Return the opportunities that an interaction with `contact` may be about (R231).

    Those not closed, of the same company with all its people, and of the
    salesperson if one is given.
    """
    model: Any = Interaction._meta.get_field("opportunity").related_model
    company = contact.company_or_self
    rows = model.objects.visible_to(by).kept().open()
    rows = rows.filter(company=company) if company else rows.filter(contact=contact)
    return rows.filter(salesperson=salesperson) if salesperson else rows


def kept_mail(
    message_id: str, *, contact: Contact, opportunity: Any, by: User
) -> Interaction | None:
    """Return what holds this mail already: on the opportunity or the contact, as `by` sees it.

    What `by` does not see counts only where the very same row would be written.
    """
    if not message_id:
        return None
    rows = Interaction.objects.filter(message_id=message_id).order_by("pk")
    near = Q(contact=contact) | (Q(opportunity=opportunity) if opportunity else Q())
    seen = rows.visible_to(by).filter(near).first()
    return seen or rows.filter(contact=contact, opportunity=opportunity).first()


def _involved(
    task: Task | None,
    opportunity: Any,
    contact: Contact | None,
    salesperson: Salesperson | None,
    campaign: Campaign | None,
    *,
    by: User,
) -> _Involved:
    """Complete what was given from the task, the opportunity and the person (R176, R230).

    An opportunity of the task that `by` does not see is left out.
    """
    if task is not None:
        task = Task.objects.visible_to(by).get(pk=task.pk)
        opportunity = opportunity or seen_opportunity(task, visible_ids(by))
    newest_entry(opportunity, by=by)  # refuses what `by` does not see
    sources = [source for source in (task, opportunity) if source is not None]
    contact = contact or next((s.contact for s in sources if s.contact), None)
    if contact is None:
        raise ValidationError({"contact": _("Choose the contact involved.")})
    check_contact(contact)
    carried = next((s.salesperson for s in sources if s.salesperson), None)
    own = salesperson_of(by)
    if salesperson not in (None, own, carried):
        _check_salesperson(salesperson, by=by)
    salesperson = salesperson or carried or own or contact.salesperson
    if salesperson is None:
        raise ValidationError({"salesperson": _("Choose a salesperson.")})
    campaign = campaign or next((s.campaign for s in sources if s.campaign), None)
    return _Involved(contact, salesperson, opportunity, campaign)


def _check_salesperson(salesperson: Salesperson, *, by: User) -> None:
    """Refuse somebody blocked, and somebody of another team unless `by` manages."""
    if salesperson.is_blocked:
        raise ValidationError(
            {"salesperson": _("“%(name)s” is blocked for anything new.")
             % {"name": salesperson.name}}
        )  # fmt: skip
    if not assignable_salespeople(by).filter(pk=salesperson.pk).exists():
        raise PermissionDenied(_("Logging something for another team is for managers."))


def _check(interaction: Interaction) -> None:
    """Refuse what cannot stand, all of it at once, each beside its field (R228)."""
    errors: dict[str, Any] = {}
    if interaction.happened_at > timezone.now() + CLOCKS_DIFFER:
        errors["happened_at"] = _("The date lies in the future.")
    if interaction.happened_at < FIRST_MOMENT:
        errors["happened_at"] = _("Give a date from the year 1900 on.")
    for name in CHECKED:
        error = field_error(interaction, name)
        if error:
            errors[name] = error
    if "duration" not in errors and not timedelta(0) <= interaction.duration <= MOST_DURATION:
        errors["duration"] = _("Not below 0, and at most ten years.")
    if errors:
        raise ValidationError(errors)


def _saved(interaction: Interaction) -> Interaction:
    """Insert it; a mail that is there already is refused, also when two are faster than one."""
    where: dict[str, Any] = {
        "contact": interaction.contact,
        "opportunity": interaction.opportunity,
        "by": interaction.recorded_by,
    }
    kept = kept_mail(interaction.message_id, **where)
    if kept is not None:
        raise AlreadyKept(kept)
    try:
        with transaction.atomic():
            interaction.save(force_insert=True)
            noted("log", interaction, by=interaction.recorded_by, before={}, after={})
    except IntegrityError:
        kept = kept_mail(interaction.message_id, **where)
        if kept is None:
            raise
        raise AlreadyKept(kept) from None
    return interaction


@contextmanager
def _locked(interaction: Interaction, *, by: User) -> Iterator[Interaction]:
    """Open a transaction and yield the row, locked, as it is now."""
    with transaction.atomic():
        rows = Interaction.objects.visible_to(by).select_related(
            "contact__company", "salesperson", "campaign"
        )
        yield rows.select_for_update(of=("self",), no_key=True).get(pk=interaction.pk)
