"""What pages and mails read of notices: each with its words and what it leads to."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from lists.paging import Page, Sort, page_of
from notices.kinds import USUAL
from notices.models import Notice, NoticeRecord
from notices.words import about, quoted, sentence

SHOWN = 3  # of the records of one notice; the rest stand on a page of their own
LISTED = (
    "opportunity__company", "opportunity__contact", "entry", "task__team", "interaction__contact",
    "interaction__company", "quote__opportunity",
)  # fmt: skip
NEWEST, UNREAD_FIRST = {"written": Sort("written_at")}, (Sort("is_read"),)
NEWEST_RECORDS = {"record": Sort("pk")}


@dataclass(frozen=True)
class Line:
    """One record of a notice: its name, address, and what tells it apart."""

    name: str
    url: str
    about: str


@dataclass(frozen=True)
class Row:
    """A notice as it is read."""

    notice: Notice
    sentence: str
    icon: str
    url: str
    quoted: str
    lines: list[Line]
    more: int

    @property
    def is_one(self) -> bool:
        """Say whether it is about one thing only."""
        return len(self.lines) + self.more == 1


def unread_rows(user: Any) -> QuerySet[Notice]:
    """Return what `user` has not read in the app; an index has them."""
    return Notice.objects.shown_to(user).unread()


def notices_page(user: Any, *, kind: str, cursor: str) -> tuple[Page[Notice], list[Row]]:
    """Return a page of the notices of `user`, the unread first, and their rows."""
    shown = Notice.objects.shown_to(user).select_related("caused_by")
    shown = shown.filter(kind=kind) if kind else shown
    is_read = ExpressionWrapper(Q(read_at__isnull=False), output_field=BooleanField())
    page = page_of(
        shown.annotate(is_read=is_read),
        sorts=NEWEST,
        sort="-written",
        cursor=cursor,
        group=UNREAD_FIRST,
    )
    return page, rows_of(page.rows, user)


def records_page(notice: Notice, user: Any, *, cursor: str) -> tuple[Page[Any], list[Line]]:
    """Return a page of what one notice is about and `user` may see."""
    records = NoticeRecord.objects.visible_to(user).filter(notice=notice).select_related(*LISTED)
    page = page_of(records, sorts=NEWEST_RECORDS, sort="record", cursor=cursor)
    return page, [line_of(record) for record in page.rows]


def rows_of(notices: Iterable[Notice], user: Any) -> list[Row]:
    """Return notices as rows: two queries; one whose records may not be seen is left out."""
    notices = list(notices)
    found: dict[int, list[Any]] = defaultdict(list)
    for record in _first_records(notices, user):
        found[record.notice_id].append(record)
    return [_row(notice, found[notice.pk]) for notice in notices if notice.pk in found]


def line_of(record: NoticeRecord) -> Line:
    """Return a record as a line."""
    return Line(str(record.row), record.row.get_absolute_url(), about(record))


def _first_records(notices: list[Notice], user: Any) -> QuerySet[NoticeRecord]:
    """Return the first visible records of each, with the `number` of all."""
    visible = NoticeRecord.objects.visible_to(user).filter(notice__in=notices)
    of_notice: dict[str, Any] = {"partition_by": F("notice")}
    return (
        visible.annotate(
            position=Window(RowNumber(), order_by="pk", **of_notice),
            number=Window(Count("pk"), **of_notice),
        )
        .filter(position__lte=SHOWN)
        .select_related(*LISTED)
        .order_by("notice", "pk")
    )


def _row(notice: Notice, records: list[Any]) -> Row:
    first, number = records[0], records[0].number
    address = reverse("notices:detail", args=[notice.pk])
    return Row(
        notice=notice,
        sentence=sentence(notice, first, number),
        icon=USUAL[notice.kind].icon,
        url=first.row.get_absolute_url() if number == 1 else address,
        quoted=quoted(notice, first) if number == 1 else "",
        lines=[line_of(record) for record in records],
        more=number - len(records),
    )
