"""Keeps a saved mail as an interaction, with its files (Business Central R227, issue 3)."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Lower
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from contacts.models import Contact, ContactQuerySet
from files import lifecycle as files
from files.lifecycle import NewFile
from files.names import clean_name
from salespeople.models import Salesperson, User
from tasks import interactions
from tasks.eml import SavedMail, read_mail
from tasks.models import Interaction


@dataclass(frozen=True)
class Kept:
    """The interaction that a mail has become, and why which files of it were not kept."""

    interaction: Interaction
    left_out: list[str]


def receive(
    content: bytes,
    *,
    by: User,
    contact: Contact,
    people: ContactQuerySet,
    opportunity: Any = None,
) -> Kept:
    """Keep a saved mail: with whom of `people` it was, when, from whom, and its files.

    Nobody of `people` in it: it was with `contact`. Raises ValidationError for
    what is no mail or too big, and `AlreadyKept` for what is there already.
    """
    check_size(len(content))
    mail = read_mail(content)
    chosen, left_out = _files(mail)
    with transaction.atomic():
        interaction = interactions.log(
            by=by,
            kind=Interaction.Kind.EMAIL,
            direction=_direction(mail),
            subject=mail.subject,
            text="\n\n".join([mail.text, *left_out]),
            contact=_with_whom(mail, people) or contact,
            opportunity=opportunity,
            happened_at=mail.sent_at,
            message_id=mail.message_id,
        )
        if chosen:
            files.attach(chosen, by=by, interaction=interaction)
    return Kept(interaction, left_out)


def check_size(size: int) -> None:
    """Refuse a mail of more bytes than a file may have."""
    if size > settings.MOST_FILE_BYTES:
        most = filesizeformat(settings.MOST_FILE_BYTES)
        raise ValidationError(_("The mail is too big: at most %(most)s.") % {"most": most})


def _direction(mail: SavedMail) -> str:
    """Return from us, if somebody of ours wrote it; to us from anybody else; "" from nobody."""
    if not mail.sender:
        return ""
    is_ours = (
        User.objects.filter(email__iexact=mail.sender).exists()
        or Salesperson.objects.filter(email__iexact=mail.sender).exists()
    )
    return Interaction.Direction.OUTBOUND if is_ours else Interaction.Direction.INBOUND


def _with_whom(mail: SavedMail, people: ContactQuerySet) -> Contact | None:
    """Return whose address stands in the mail: the sender's first, then the recipients'."""
    addresses = [address for address in (mail.sender, *mail.recipients) if address][:50]
    rows = people.annotate(lower_email=Lower("email")).filter(lower_email__in=addresses)
    usable = rows.filter(is_blocked=False).select_related("company").order_by("pk")
    found = {row.email.lower(): row for row in reversed(usable)}
    return next((found[address] for address in addresses if address in found), None)


def _files(mail: SavedMail) -> tuple[list[NewFile], list[str]]:
    """Return the files that may be kept, in order, and a sentence for each that may not."""
    chosen: list[NewFile] = []
    left_out = []
    for part in mail.parts:
        file = NewFile.of_bytes(part.name, part.content)
        problem = files.problem_of(file)
        total = sum(other.size for other in chosen) + file.size
        if not problem and (len(chosen) >= settings.MOST_FILES or total > settings.MOST_FILE_BYTES):
            problem = _("“%(name)s” was one too many.") % {"name": clean_name(part.name)}
        if problem:
            left_out.append(_("Not kept: %(why)s") % {"why": problem})
        else:
            chosen.append(file)
    return chosen, left_out
