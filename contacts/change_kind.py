"""What the changes of contacts are called, and how one is taken back (ADR 0022)."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.kinds import ChangeKind
from changes.lifecycle import FOLLOWED, check_newest
from changes.models import Change
from contacts import lifecycle, tags
from contacts.models import Contact
from salespeople.models import User


def undo(change: Change, *, by: User) -> None:
    """Take a change of a contact back; what was made goes, if nothing hangs on it."""
    contact = change.contact
    assert contact is not None  # noqa: S101 - the kind says so
    if change.verb == "create":
        _unmake(change, contact, by=by)
    elif change.verb in ("tag", "untag"):
        with transaction.atomic():
            tags.take_back(tags.locked(contact, by=by), change, by=by)
    else:
        lifecycle.take_back(change, by=by)


def _unmake(change: Change, contact: Contact, *, by: User) -> None:
    check_newest(change, contact)
    if contact.people.exists():
        raise ValidationError(_("People have been added to it since."), code="newer")
    lifecycle.delete(contact, by=by)


CONTACTS = ChangeKind(
    name="contact",
    rows=Contact.objects.visible_to,
    undo=undo,
    words={
        "create": gettext_lazy("created the contact"),
        "edit": gettext_lazy("edited the contact"),
        FOLLOWED: gettext_lazy("changed it with its company"),
        "change_kind": gettext_lazy("changed its kind"),
        "block": gettext_lazy("blocked it"),
        "unblock": gettext_lazy("let it be chosen again"),
        "tag": gettext_lazy("put a tag on it"),
        "untag": gettext_lazy("took a tag off it"),
    },
    labels={"tag": gettext_lazy("Tag")},
    untold=frozenset({"name"}),
)
