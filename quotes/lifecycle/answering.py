"""Sending a quote, and what becomes of it (rules D18, D20)."""

from datetime import date
from email.utils import make_msgid
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.dates import site_date, today
from notices.kinds import Kind
from notices.telling import Told, tell, withdraw
from opportunities.lifecycle.ledger import moment_now
from opportunities.models import Opportunity
from quotes.document import file_name, pdf_of
from quotes.lifecycle.locking import locked_quote, saved
from quotes.lifecycle.writing import usual_validity
from quotes.models import Quote, QuoteDocument
from salespeople.models import User
from tasks import interactions
from tasks.models import Interaction

# What may become of a quote; one that was handed out is taken up again as a new revision.
STEPS: dict[str, tuple[str, ...]] = {
    "draft": ("sent", "accepted", "declined", "expired"),
    "sent": ("accepted", "declined", "expired", "draft"),
    "accepted": ("draft", "declined"),
    "declined": ("draft",),
    "expired": ("draft",),
}
MOST_SUBJECT = 200
MOST_TEXT = 10_000


def send(quote: Quote, *, by: User, seen: str | None = None) -> Quote:
    """Say that it is with the customer; its PDF is kept as it is now."""
    with locked_quote(quote, by=by, seen=seen) as fresh:
        return fresh if fresh.status == Quote.Status.SENT else _sent(fresh, by=by, verb="send")


def mail(
    quote: Quote, *, by: User, to: str, subject: str, text: str, seen: str | None = None
) -> Quote:
    """Send it by mail, with the PDF attached, and write the mail on the timeline.

    The mail leaves last, when the database has agreed to everything else: if the
    mail server refuses, nothing has been written, and its error is raised. One that
    is with the customer already is mailed again as it was.
    """
    to, subject, text = _checked_mail(to, subject, text)
    with locked_quote(quote, by=by, seen=seen) as fresh:
        is_again = fresh.status == Quote.Status.SENT
        sent = saved(fresh, by=by, verb="mail") if is_again else _sent(fresh, by=by, verb="mail")
        document = _kept(sent, by=by)
        message = EmailMessage(
            subject,
            text,
            settings.DEFAULT_FROM_EMAIL,
            [to],
            reply_to=[by.email] if by.email else None,
            attachments=[(file_name(sent), bytes(document.pdf), "application/pdf")],
        )
        interactions.log(
            by=by,
            kind=Interaction.Kind.EMAIL,
            direction=Interaction.Direction.OUTBOUND,
            subject=subject,
            text=text,
            contact=sent.contact,
            opportunity=sent.opportunity,
            happened_at=sent.changed_at,
            message_id=_message_id(message),
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        message.send()
        return sent


def accept(quote: Quote, *, by: User, seen: str | None = None) -> Quote:
    """Say that the customer has agreed; what was agreed to is kept as a document."""
    with locked_quote(quote, by=by, seen=seen) as fresh:
        if fresh.status == Quote.Status.ACCEPTED:
            return fresh
        _check_step(fresh, Quote.Status.ACCEPTED)
        _check_not_empty(fresh)
        accepted = _decided(fresh, Quote.Status.ACCEPTED, by=by)
        _kept(accepted, by=by)
        seller = accepted.opportunity.salesperson.user_id
        tell(Kind.QUOTE, [Told(seller, accepted)], by=by)
        return accepted


def decline(quote: Quote, *, by: User, seen: str | None = None) -> Quote:
    """Say that the customer does not want it; it opens no gate any more (D20)."""
    with locked_quote(quote, by=by, seen=seen) as fresh:
        if fresh.status == Quote.Status.DECLINED:
            return fresh
        _check_step(fresh, Quote.Status.DECLINED)
        withdraw(Kind.QUOTE, quote=fresh)
        return _decided(fresh, Quote.Status.DECLINED, by=by)


def expire(quote: Quote, *, by: User, seen: str | None = None) -> Quote:
    """Say that nobody has answered in time; it opens no gate any more (D20)."""
    with locked_quote(quote, by=by, seen=seen) as fresh:
        if fresh.status == Quote.Status.EXPIRED:
            return fresh
        _check_step(fresh, Quote.Status.EXPIRED)
        status = Quote.Status.EXPIRED
        return saved(fresh, by=by, verb="expire", status=status, expired_at=moment_now())


def revise(quote: Quote, *, by: User, seen: str | None = None) -> Quote:
    """Take it up again as a draft: the next revision, if this one was handed out.

    What was handed out stays readable. A date that has passed is moved on.
    """
    with locked_quote(quote, by=by, seen=seen) as fresh:
        if fresh.is_draft:
            return fresh
        _check_step(fresh, Quote.Status.DRAFT)
        withdraw(Kind.QUOTE, quote=fresh)
        day = site_date(moment_now())
        is_out = fresh.documents.filter(revision=fresh.revision).exists()
        is_past = fresh.valid_until is None or fresh.valid_until < day
        return saved(
            fresh,
            by=by,
            verb="revise",
            status=Quote.Status.DRAFT,
            revision=fresh.revision + is_out,
            valid_until=usual_validity(day) if is_past else fresh.valid_until,
            sent_at=None,
            sent_by=None,
            decided_at=None,
            decided_by=None,
            expired_at=None,
        )


def take_back(quote: Quote, status: str, *, by: User, seen: str | None = None) -> Quote:
    """Let a declined or expired one be what it was, a draft or sent, by mistake closed.

    Nothing was handed out by closing it, so the revision stays.
    """
    with locked_quote(quote, by=by, seen=seen) as fresh:
        if fresh.status == status:
            return fresh
        is_closed = fresh.status in (Quote.Status.DECLINED, Quote.Status.EXPIRED)
        was_sent = fresh.sent_at is not None
        if not is_closed or status != (Quote.Status.SENT if was_sent else Quote.Status.DRAFT):
            _refuse_step(fresh)
        stamps: dict[str, Any] = {"decided_at": None, "decided_by": None, "expired_at": None}
        return saved(fresh, by=by, verb="take_back", status=Quote.Status(status), **stamps)


def change_status(quote: Quote, status: str, *, by: User, seen: str | None = None) -> Quote:
    """Send, accept, decline, expire or revise, by the status that it is to have."""
    verbs = {
        Quote.Status.SENT: send,
        Quote.Status.ACCEPTED: accept,
        Quote.Status.DECLINED: decline,
        Quote.Status.EXPIRED: expire,
        Quote.Status.DRAFT: revise,
    }
    return verbs[Quote.Status(status)](quote, by=by, seen=seen)


def expire_past(day: date | None = None) -> list[Quote]:
    """Expire what nobody answered before `day` (today); return what has expired by this.

    For a timer: each quote in a transaction of its own, and a second run finds nothing.
    """
    on = day or today()
    waiting = Quote.objects.past(on).filter(opportunity__is_deleted=False).select_related(None)
    return [quote for quote in waiting.order_by("pk") if _expired(quote, on)]


def _expired(quote: Quote, on: date) -> bool:
    """Expire it unless somebody has answered, revised or closed in the meantime."""
    with transaction.atomic():
        rows = Opportunity.objects.select_for_update(of=("self",), no_key=True)
        rows.get(pk=quote.opportunity_id)
        fresh = Quote.objects.past(on).filter(pk=quote.pk).first()
        if fresh is None:
            return False
        fresh.status, fresh.expired_at = Quote.Status.EXPIRED, moment_now()
        fresh.edits += 1
        fresh.save(update_fields=["status", "expired_at", "edits"])
        return True


def _sent(quote: Quote, *, by: User, verb: str) -> Quote:
    """Make a draft a sent one, and keep its PDF."""
    _check_step(quote, Quote.Status.SENT)
    _check_not_empty(quote)
    moment = moment_now()
    if quote.valid_until is not None and quote.valid_until < site_date(moment):
        text = _("It would be valid until %(date)s only, which has passed. Give a new date.")
        raise ValidationError(
            {"valid_until": text % {"date": date_format(quote.valid_until)}}, code="past"
        )
    stamp: dict[str, Any] = {"status": Quote.Status.SENT, "sent_at": moment, "sent_by": by}
    fresh = saved(quote, by=by, verb=verb, **stamp)
    _kept(fresh, by=by)
    return fresh


def _decided(quote: Quote, status: Quote.Status, *, by: User) -> Quote:
    verb = "accept" if status == Quote.Status.ACCEPTED else "decline"
    stamp: dict[str, Any] = {"status": status, "decided_at": moment_now(), "decided_by": by}
    return saved(quote, by=by, verb=verb, **stamp)


def _kept(quote: Quote, *, by: User) -> QuoteDocument:
    """Return the document of the present revision; write it if there is none yet."""
    document = quote.documents.filter(revision=quote.revision).first()
    if document is None:
        document = QuoteDocument.objects.create(
            quote=quote,
            revision=quote.revision,
            amount=quote.amount,
            pdf=pdf_of(quote),
            created_at=moment_now(),
            created_by=by,
        )
    return document


def _check_step(quote: Quote, status: Quote.Status) -> None:
    if status not in STEPS[quote.status]:
        _refuse_step(quote)


def _refuse_step(quote: Quote) -> NoReturn:
    raise ValidationError(
        {"status": _("A quote that is %(status)s cannot become that.")
         % {"status": quote.get_status_display().lower()}}
    )  # fmt: skip


def _check_not_empty(quote: Quote) -> None:
    """Refuse to hand out an offer over nothing."""
    if quote.amount <= 0:
        raise ValidationError(
            _("It has no lines with an amount yet. Write what is offered first."), code="empty"
        )


def _checked_mail(to: str, subject: str, text: str) -> tuple[str, str, str]:
    """Return address, subject and text without outer blanks; refuse what no mail can hold."""
    to, subject, text = to.strip(), subject.strip(), text.strip()
    errors = {}
    try:
        validate_email(to)
    except ValidationError as error:
        errors["to"] = error.messages
    if not subject or len(subject) > MOST_SUBJECT or not subject.isprintable():
        errors["subject"] = [_("Write a subject in one line.")]
    if not text or len(text) > MOST_TEXT or "\x00" in text:
        errors["text"] = [_("Write a text of at most %(most)d characters.") % {"most": MOST_TEXT}]
    if errors:
        raise ValidationError(errors)
    return to, subject, text


def _message_id(message: EmailMessage) -> str:
    """Give the mail its id beforehand, so that an answer to it finds the interaction."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >") or "localhost"
    found: str = message.extra_headers.setdefault("Message-ID", make_msgid(domain=domain))
    return found
