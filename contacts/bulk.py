"""What can be done with many contacts at once: each through its door."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, Func
from django.db.models.functions import Coalesce
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts import lifecycle, segments, tags
from contacts.inputs import NOT_CHOSEN, salesperson_field
from contacts.models import Contact, Segment, Tag
from lists.bulk import Bulk, BulkAction, Skipped
from lists.filtering import RowField, shown
from lists.forms import ManyForm
from lists.models import BulkRun
from salespeople.models import Salesperson, User

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Moment(Func):
    """A moment as the number of microseconds since 1970."""

    template = "(EXTRACT(EPOCH FROM %(expressions)s) * 1000000)::bigint"
    output_field = BigIntegerField()


class TagManyForm(ManyForm):
    """The tag, which is made if there is none of that name."""

    name = forms.CharField(
        label=gettext_lazy("Tag"),
        max_length=tags.LONGEST,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "data-suggest": reverse_lazy("contacts:suggest_tags")}
        ),
    )


class UntagManyForm(ManyForm):
    """The tag that goes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["tag"] = RowField(
            label=_("Tag"), queryset=Tag.objects.all(), empty_label=NOT_CHOSEN
        )


class SegmentManyForm(ManyForm):
    """The segment."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["segment"] = RowField(
            label=_("Segment"),
            queryset=Segment.objects.visible_to(self.by),
            lookups=("description",),
            label_of=shown,
            empty_label=NOT_CHOSEN,
        )


class AssignManyForm(ManyForm):
    """The salesperson."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["salesperson"] = salesperson_field(self.by, required=True)


@contextmanager
def one_row(_run: BulkRun) -> Iterator[None]:
    """Say who was faster."""
    try:
        yield
    except lifecycle.Conflict as conflict:
        words = {"name": conflict.contact.changed_by}
        raise ValidationError(_("%(name)s has changed it meanwhile.") % words) from conflict


def _tag(row: Contact, *, by: User, seen: int, name: str) -> int:
    if row.tags.filter(name__iexact=name).exists():
        raise Skipped(_("It has the tag already."))
    return tags.add(row, name, by=by).pk


def _untag(row: Contact, *, by: User, seen: int, tag: Tag) -> str:
    if not row.tags.filter(pk=tag.pk).exists():
        raise Skipped(_("It does not have the tag."))
    tags.remove(row, tag, by=by)
    return tag.name


def _tag_off(row: Contact, run: BulkRun, *, by: User) -> None:
    tag = Tag.objects.filter(pk=run.made[str(row.pk)]).first()
    if tag is not None:
        tags.remove(row, tag, by=by)


def _tag_on(row: Contact, run: BulkRun, *, by: User) -> None:
    tags.add(row, run.made[str(row.pk)], by=by)


def _put_into(row: Contact, *, by: User, seen: int, segment: Segment) -> int:
    added = segments.add(segment, Contact.objects.filter(pk=row.pk), by=by)
    if added.blocked:
        raise ValidationError(_("“%(name)s” is blocked for anything new.") % {"name": row})
    if added.there:
        raise Skipped(_("It is in the segment already."))
    return segment.pk


def _take_out(row: Contact, run: BulkRun, *, by: User) -> None:
    segment = Segment.objects.filter(pk=run.made[str(row.pk)]).first()
    if segment is not None:
        segments.remove(segment, [row.pk], by=by)


def _assign(row: Contact, *, by: User, seen: int, salesperson: Salesperson) -> dict[str, Any]:
    """Give it to a salesperson; what follows its company is so already when its turn comes."""
    if row.salesperson_id == salesperson.pk:
        raise Skipped(_("It is so already."))
    moment = EPOCH + seen * MICROSECOND
    fresh = lifecycle.edit(row, by=by, seen=moment, salesperson=salesperson)
    version = (lifecycle.version_of(fresh) - EPOCH) // MICROSECOND
    return {"salesperson": row.salesperson_id, "seen": version}


def _give_back(row: Contact, run: BulkRun, *, by: User) -> None:
    made = run.made[str(row.pk)]
    before = Salesperson.objects.filter(pk=made["salesperson"]).first()
    with one_row(run):
        seen = EPOCH + made["seen"] * MICROSECOND
        lifecycle.edit(row, by=by, seen=seen, salesperson=before)


BULK = Bulk(
    BulkAction(
        name="assign",
        label=gettext_lazy("Assign"),
        title=gettext_lazy("Give to another salesperson"),
        icon="user",
        form=AssignManyForm,
        do=_assign,
        undo=_give_back,
    ),
    BulkAction(
        name="tag",
        label=gettext_lazy("Tag"),
        title=gettext_lazy("Add a tag"),
        icon="tag",
        form=TagManyForm,
        do=_tag,
        undo=_tag_off,
    ),
    BulkAction(
        name="untag",
        label=gettext_lazy("Take a tag off"),
        title=gettext_lazy("Take a tag off"),
        icon="x",
        form=UntagManyForm,
        do=_untag,
        undo=_tag_on,
    ),
    BulkAction(
        name="segment",
        label=gettext_lazy("Into a segment"),
        title=gettext_lazy("Add to a segment"),
        icon="list-details",
        form=SegmentManyForm,
        do=_put_into,
        undo=_take_out,
    ),
    rows=Contact.objects.visible_to,
    seen=Moment(Coalesce("changed_at", "created_at")),
    noun=lambda number: ngettext("%(shown)s contact", "%(shown)s contacts", number),
    within=one_row,
)
