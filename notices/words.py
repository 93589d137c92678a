"""A notice in words: whole sentences in the language of whoever reads."""

from typing import Any

from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.money import format_money
from notices.kinds import Kind
from notices.models import Notice, NoticeRecord

MOST_QUOTED = 240


def sentence(notice: Notice, first: NoticeRecord, number: int) -> str:
    """Return what has happened, of `number` records of which `first` is the first."""
    words: dict[str, Any] = {"who": notice.caused_by, "what": first.row, "count": number}
    if number == 1:
        return _one(notice.kind, first, words)
    patterns = {
        Kind.ASSIGNED: ngettext(
            "%(who)s assigned %(count)d opportunity to you",
            "%(who)s assigned %(count)d opportunities to you",
            number,
        ),
        Kind.TASK: ngettext(
            "%(who)s gave you %(count)d task", "%(who)s gave you %(count)d tasks", number
        ),
        Kind.MENTIONED: ngettext(
            "%(who)s mentioned you in %(count)d place",
            "%(who)s mentioned you in %(count)d places",
            number,
        ),
        Kind.QUOTE: ngettext(
            "%(who)s marked %(count)d quote as accepted",
            "%(who)s marked %(count)d quotes as accepted",
            number,
        ),
        Kind.CONFLICT: ngettext(
            "%(who)s overwrote %(count)d change of yours",
            "%(who)s overwrote %(count)d changes of yours",
            number,
        ),
        Kind.BIG_WIN: ngettext(
            "%(who)s won %(count)d big opportunity",
            "%(who)s won %(count)d big opportunities",
            number,
        ),
        Kind.QUESTION: ngettext(
            "%(who)s asks about %(count)d opportunity",
            "%(who)s asks about %(count)d opportunities",
            number,
        ),
        Kind.ANSWER: ngettext(
            "%(who)s answered %(count)d question of yours",
            "%(who)s answered %(count)d questions of yours",
            number,
        ),
    }
    return patterns[Kind(notice.kind)] % words


def _one(kind: str, record: NoticeRecord, words: dict[str, Any]) -> str:
    task: Any = record.task
    entry: Any = record.entry
    patterns = {
        Kind.ASSIGNED: _("%(who)s assigned “%(what)s” to you"),
        Kind.TASK: _("%(who)s gave you the task “%(what)s”"),
        Kind.MENTIONED: _("%(who)s mentioned you in “%(what)s”"),
        Kind.QUOTE: _("%(who)s marked quote %(what)s as accepted"),
        Kind.CONFLICT: _("%(who)s overwrote your change of “%(what)s”"),
        Kind.BIG_WIN: _("%(who)s won “%(what)s” for %(value)s"),
        Kind.QUESTION: _("%(who)s asks about “%(what)s”"),
        Kind.ANSWER: _("%(who)s answered your question about “%(what)s”"),
    }
    if kind == Kind.BIG_WIN:
        words["value"] = format_money(entry.calculated_value)
    if kind == Kind.TASK and task.salesperson_id is None:
        return _("%(who)s planned a task for %(team)s: “%(what)s”") % {**words, "team": task.team}
    return patterns[Kind(kind)] % words


def about(record: NoticeRecord) -> str:
    """Return in a few words what the record is: its number, and what tells it apart."""
    row = record.row
    if record.task is not None:
        return _("%(number)s, due %(day)s") % {
            "number": row.number,
            "day": date_format(record.task.due_on),
        }
    if record.quote is not None:
        return f"{record.quote.opportunity} · {format_money(record.quote.amount)}"
    return f"{row.number} · {getattr(row, 'company', None) or row.contact}"


def quoted(notice: Notice, record: NoticeRecord) -> str:
    """Return what was written to whoever was mentioned; "" for any other kind."""
    if notice.kind != Kind.MENTIONED:
        return ""
    entry: Any = record.entry
    row = record.row
    text = entry.note if entry is not None else getattr(row, "note", "") or row_text(row)
    return Truncator(" ".join(text.split())).chars(MOST_QUOTED)


def row_text(row: Any) -> str:
    """Return the text of an interaction; "" for what has none."""
    return str(getattr(row, "text", ""))
