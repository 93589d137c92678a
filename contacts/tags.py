"""The door of tags: put one on a contact, take it off, merge tags (ADR 0014).

A tag is known by its name, in whatever case it is typed. Whoever may see a row
may tag it, closed and blocked ones too: a tag finds things, and changes nothing.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from changes import log
from changes.models import Change
from contacts.models import Contact, Tag
from salespeople.models import User

MOST = 20  # on one row
LONGEST = 40


def add(contact: Contact, name: str, *, by: User) -> Tag:
    """Give a contact the tag of that name, which is made if there is none."""
    with transaction.atomic():
        return put_noted(locked(contact, by=by), name, by=by)


def remove(contact: Contact, tag: Tag, *, by: User) -> None:
    """Take a tag off a contact; one that is not on it is off already."""
    with transaction.atomic():
        take_noted(locked(contact, by=by), tag, by=by)


def put_noted(row: Any, name: str, *, by: User) -> Tag:
    """Give a locked row of any kind the tag of that name, and note it if it is new there."""
    before = set(row.tags.values_list("pk", flat=True))
    tag = put(row, name)
    if tag.pk not in before:
        log.note("tag", row, by=by, before={"tag": ""}, after={"tag": tag.name})
    return tag


def take_noted(row: Any, tag: Tag, *, by: User) -> None:
    """Take a tag off a locked row of any kind, and note it if it was there."""
    if row.tags.filter(pk=tag.pk).exists():
        row.tags.remove(tag)
        log.note("untag", row, by=by, before={"tag": tag.name}, after={"tag": ""})


def take_back(row: Any, change: Change, *, by: User) -> None:
    """Take a tag off a locked row, or put it on again, as it was before the change."""
    is_on = change.verb == "tag"
    found = called([change.after["tag"] if is_on else change.before["tag"]])
    if row.tags.filter(pk__in=[tag.pk for tag in found]).exists() != is_on:
        raise ValidationError(_("Its tags have been changed since."), code="newer")
    if is_on:
        take_noted(row, found[0], by=by)
    else:
        put_noted(row, change.before["tag"], by=by)


def put(row: Any, name: str) -> Tag:
    """Give a locked row of any kind the tag of that name."""
    tag = named(check_name(name))
    if not row.tags.filter(pk=tag.pk).exists():
        check_room(row.tags.count())
    row.tags.add(tag)
    return tag


def check_room(number: int) -> None:
    """Refuse one more where there are so many already."""
    if number >= MOST:
        text = ngettext("At most %(most)d tag.", "At most %(most)d tags.", MOST)
        raise ValidationError({"name": text % {"most": MOST}}, code="most")


def check_name(name: str) -> str:
    """Return the name with single blanks; refuse none, too long a one, and what is no text."""
    tidied = " ".join(name.split())
    if not tidied:
        raise ValidationError({"name": _("Give the tag a name.")}, code="required")
    if len(tidied) > LONGEST:
        text = _("A tag has at most %(most)d characters.") % {"most": LONGEST}
        raise ValidationError({"name": text}, code="max_length")
    if not tidied.isprintable():
        raise ValidationError({"name": _("It holds a character that is none.")}, code="invalid")
    return tidied


def named(name: str) -> Tag:
    """Return the tag of that name in whatever case, made if there is none."""
    Tag.objects.bulk_create([Tag(name=name)], ignore_conflicts=True)
    return called([name])[0]


def called(names: list[str]) -> list[Tag]:
    """Return the tags of these names, in whatever case."""
    lowered = Tag.objects.alias(lowered=Lower("name"))
    return list(lowered.filter(lowered__in=[Lower(Value(name)) for name in names]))


def merge(tags: QuerySet[Tag]) -> tuple[Tag, int]:
    """Let the tag that is used most take over from the others, which go.

    Returns it, and how many went. Raises ValidationError for fewer than two.
    """
    with transaction.atomic():
        found = sorted(tags.select_for_update().order_by("pk"), key=lambda tag: -sum(uses(tag)))
        if len(found) < 2:  # noqa: PLR2004 - one has nothing to be merged with
            raise ValidationError(_("Choose two tags or more."), code="few")
        kept, *others = found
        for tag in others:
            kept.contacts.add(*tag.contacts.values_list("pk", flat=True))
            kept.opportunities.add(*tag.opportunities.values_list("pk", flat=True))
            tag.delete()
    return kept, len(others)


def uses(tag: Tag) -> tuple[int, int]:
    """Return on how many contacts and on how many opportunities a tag is."""
    return tag.contacts.count(), tag.opportunities.count()


def locked(contact: Contact, *, by: User) -> Contact:
    """Return the contact, locked, as it is now; DoesNotExist for what `by` may not see."""
    rows = Contact.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    return rows.get(pk=contact.pk)
