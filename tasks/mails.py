"""Writing to a contact: the text proposed, the mail sent, and kept as an interaction."""

from collections.abc import Sequence
from email.utils import formataddr, make_msgid
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import connection
from django.utils.translation import gettext as _

from contacts.models import Contact
from contacts.salutations import INFORMAL, LANGUAGES, salutation
from files import lifecycle as files
from files.lifecycle import NewFile
from files.names import clean_name, type_of
from salespeople.models import Salesperson, User
from salespeople.visibility import salesperson_of
from tasks import interactions
from tasks.models import Interaction

MOST_SUBJECT = 200
MOST_TEXT = 20_000


class NotSent(Exception):
    """The mail server did not take it; nothing has been written."""


def values_for(
    contact: Contact, *, language: str, by: User, opportunity: Any = None
) -> dict[str, str]:
    """Return what the placeholders of a template become (R217)."""
    language = language if language in LANGUAGES else LANGUAGES[0]
    salesperson = salesperson_of(by) or getattr(opportunity, "salesperson", None)
    company = contact.company_or_self
    return {
        "salutation": salutation(contact, language=language),
        "greeting": salutation(contact, language=language, kind=INFORMAL),
        "first_name": contact.first_name or contact.name,
        "surname": contact.surname or contact.name,
        "name": contact.name,
        "job_title": contact.job_title,
        "company": company.name if company else "",
        "opportunity": opportunity.description if opportunity else "",
        "number": opportunity.number if opportunity else "",
        **_values_of(salesperson, by),
    }


def send(
    *,
    by: User,
    contact: Contact,
    subject: str,
    text: str,
    opportunity: Any = None,
    attachments: Sequence[NewFile] = (),
    token: UUID | None = None,
) -> Interaction:
    """Send a plain mail to a contact, and keep it as an interaction with its files.

    `token` is the form's own: sent twice, it raises `AlreadyKept`, and one mail
    leaves. It leaves last, when the database has agreed to everything else: `NotSent`
    means that nothing has been written. Raises ValidationError beside `to`,
    `subject`, `text` and `uploads`.
    """
    subject, text = _checked(contact, subject, text)
    if attachments:
        files.check_files(attachments)
    message = _message(contact, subject, text, attachments, by=by, token=token)
    with files.kept_together() as attached:
        interaction = interactions.log(
            by=by,
            kind=Interaction.Kind.EMAIL,
            direction=Interaction.Direction.OUTBOUND,
            subject=subject,
            text=text,
            contact=contact,
            opportunity=opportunity,
            salesperson=salesperson_of(by),
            message_id=message.extra_headers["Message-ID"],
        )
        if attachments:
            attached.extend(files.attach(attachments, by=by, interaction=interaction))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        try:
            message.send()
        except OSError as error:  # all that the server and the network can raise
            raise NotSent(str(error)) from error
    return interaction


def _values_of(salesperson: Salesperson | None, by: User) -> dict[str, str]:
    if salesperson is None:
        return {
            "salesperson": str(by),
            "salesperson_title": "",
            "salesperson_email": by.email,
            "salesperson_phone": "",
        }
    return {
        "salesperson": salesperson.name,
        "salesperson_title": salesperson.job_title,
        "salesperson_email": salesperson.email or by.email,
        "salesperson_phone": salesperson.phone,
    }


def _checked(contact: Contact, subject: str, text: str) -> tuple[str, str]:
    """Return subject and text without outer blanks; refuse what no mail can hold."""
    subject, text = subject.strip(), text.strip().replace("\r\n", "\n")
    errors = {}
    if not contact.email:
        errors["to"] = [_("“%(name)s” has no e-mail address.") % {"name": contact}]
    if not subject or len(subject) > MOST_SUBJECT or not subject.isprintable():
        errors["subject"] = [_("Write a subject in one line.")]
    if not text or len(text) > MOST_TEXT or "\x00" in text:
        errors["text"] = [_("Write a text of at most %(most)d characters.") % {"most": MOST_TEXT}]
    if errors:
        raise ValidationError(errors)
    return subject, text


def _message(
    contact: Contact,
    subject: str,
    text: str,
    attachments: Sequence[NewFile],
    *,
    by: User,
    token: UUID | None,
) -> EmailMessage:
    """Return the mail, with an id given beforehand: an answer to it finds the interaction."""
    own = salesperson_of(by)
    answer_to = (own.email if own else "") or by.email
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >") or "localhost"
    own_id = f"<{token}.{contact.pk}@{domain}>"  # the same again for the same form
    return EmailMessage(
        subject,
        text,
        settings.DEFAULT_FROM_EMAIL,
        [formataddr((_one_line(contact.name), contact.email))],
        reply_to=[formataddr((_one_line(str(own or by)), answer_to))] if answer_to else None,
        attachments=[_attached(file) for file in attachments],
        headers={"Message-ID": own_id if token else make_msgid(domain=domain)},
    )


def _attached(file: NewFile) -> tuple[str, bytes, str]:
    file.content.seek(0)
    content = file.content.read()
    file.content.seek(0)
    name = clean_name(file.name)
    return name, content, type_of(name)


def _one_line(name: str) -> str:
    """Return a name that no header can be made of."""
    return "".join(character if character.isprintable() else " " for character in name)
