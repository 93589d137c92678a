"""The door of undo for what stands in no ledger: contacts, tasks, quotes, descriptions, roles.

Whoever may do a thing may take it back. What something newer rests on stays,
and the sentence names what that is.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from changes import log
from changes.kinds import kind_of
from changes.models import Change
from changes.words import headline_of
from salespeople.models import User

FOLLOWED = "follow"  # what a row took over from another: it is taken back where it still stands


def undo(change: Change, *, by: User) -> list[Change]:
    """Take a change back with all that its act did, the newest first; return what was.

    All of it or nothing. Raises ValidationError for what has been undone
    already, and for what something newer rests on.
    """
    with transaction.atomic():
        rows = Change.objects.select_for_update(of=("self",)).filter(act=change.act)
        act = list(rows.select_related("changed_by").order_by("-pk"))
        if change.undoes_id is not None or change not in act:
            raise ValidationError(_("An undo is not undone; do it again instead."), code="undo")
        undone = set(Change.objects.filter(undoes__in=act).values_list("undoes", flat=True))
        if change.pk in undone:
            raise ValidationError(_("That has been undone already."), code="undone")
        with log.one_act():
            return [one for one in act if one.pk not in undone and _undone(one, by=by)]


def _undone(change: Change, *, by: User) -> bool:
    try:
        with transaction.atomic(), log.undoing(change):
            kind_of(change).undo(change, by=by)
    except ValidationError as error:
        if change.verb != FOLLOWED or error.code not in ("newer", "gone"):
            raise
        return False
    return True


def values_before(
    change: Change, row: models.Model, *, present: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the values to which the fields of a locked row go back.

    `present` are the values of what is noted beside the fields. Raises
    ValidationError if one of them has been changed since, or named a row that is gone.
    """
    check_standing(change, row, present=present)
    found = {}
    for name, noted in change.before.items():
        if log.is_field(row, name):
            found[name] = log.value_in(row, name, noted)
            if noted is not None and found[name] is None:
                text = _("“%(field)s” cannot go back: what it named has been deleted.")
                raise ValidationError(text % {"field": label_of(row, name)}, code="gone")
    return found


def check_standing(
    change: Change, row: models.Model, *, present: Mapping[str, Any] | None = None
) -> None:
    """Refuse what was changed once more since, and name who did that, and when.

    `present` are the values of what is noted beside the fields. A field that
    was changed there and back has been changed, too.
    """
    later = Change.objects.standing().filter(**{change.kind: row}, pk__gt=change.pk)
    newer = later.filter(after__has_any_keys=list(change.after)).exclude(act=change.act)
    if found := newer.select_related("changed_by").first():
        raise ValidationError(_rests(found), code="newer")
    names = [name for name in change.after if log.is_field(row, name)]
    now = {**log.values_of(row, names), **(present or {})}
    for name, noted in change.after.items():
        if name in now and now[name] != noted:
            label = label_of(row, name) if log.is_field(row, name) else name
            text = _("“%(field)s” has been changed since.")
            raise ValidationError(text % {"field": label}, code="newer")


def check_newest(change: Change, row: models.Model, *, but: Iterable[str] = ()) -> None:
    """Refuse to take back what made a row that has been changed since."""
    others = type(change).objects.standing().filter(**{change.kind: row}, pk__gt=change.pk)
    newer = others.exclude(verb__in=but).exclude(act=change.act).select_related("changed_by")
    if found := newer.first():
        raise ValidationError(_rests(found), code="newer")


def label_of(row: models.Model, name: str) -> str:
    """Return the name of a field as people read it."""
    return str(capfirst(getattr(row._meta.get_field(name), "verbose_name", name)))


def _rests(newer: Change) -> str:
    return _("Something newer rests on it: %(name)s %(what)s. Undo that first.") % {
        "name": newer.changed_by,
        "what": headline_of(newer),
    }
