"""What can be done with many quotes at once: what became of them, and back.

Sending is none of it: a quote goes to a customer after somebody has looked at it.
Nor is accepting, which each customer does by word, nor what was accepted.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lists.bulk import Bulk, BulkAction, Skipped
from lists.forms import ManyForm
from lists.models import BulkRun
from quotes import lifecycle
from quotes.models import Quote, QuoteQuerySet
from salespeople.models import User

type Verb = Callable[..., Quote]


def seen_by(user: User) -> QuoteQuerySet:
    """Return what the person may see, with what the door and a report read."""
    return Quote.objects.visible_to(user).select_related("opportunity", "contact")


@contextmanager
def one_row(_run: BulkRun) -> Iterator[None]:
    """Say who was faster."""
    try:
        yield
    except lifecycle.Conflict as conflict:
        words = {"name": conflict.quote.changed_by}
        raise ValidationError(_("%(name)s has changed it meanwhile.") % words) from conflict


def _answered(verb: Verb, status: Quote.Status) -> Callable[..., dict[str, Any]]:
    """Return what closes a draft or a sent one; its undo must know what it was."""

    def do(row: Quote, *, by: User, seen: int) -> dict[str, Any]:
        if row.status == status:
            raise Skipped(_("It is so already."))
        if row.status == Quote.Status.ACCEPTED:
            raise ValidationError(_("It is accepted: decide about it on its own page."))
        was = row.status
        fresh = verb(row, by=by, seen=f"{seen}-{row.contact_id}")
        return {"status": was, "edits": fresh.edits}

    return do


def _undo(row: Quote, run: BulkRun, *, by: User) -> None:
    made = run.made[str(row.pk)]
    with one_row(run):
        lifecycle.take_back(row, made["status"], by=by, seen=f"{made['edits']}-{row.contact_id}")


BULK = Bulk(
    BulkAction(
        name="decline",
        label=gettext_lazy("Declined"),
        title=gettext_lazy("The customers have declined"),
        icon="circle-x",
        form=ManyForm,
        do=_answered(lifecycle.decline, Quote.Status.DECLINED),
        undo=_undo,
        is_grave=True,
    ),
    BulkAction(
        name="expire",
        label=gettext_lazy("Expired"),
        title=gettext_lazy("Nobody has answered in time"),
        icon="clock-exclamation",
        form=ManyForm,
        do=_answered(lifecycle.expire, Quote.Status.EXPIRED),
        undo=_undo,
    ),
    rows=seen_by,
    seen="edits",
    noun=lambda number: ngettext("%(shown)s quote", "%(shown)s quotes", number),
    within=one_row,
)
