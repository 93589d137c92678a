"""Why an opportunity stands in the review, in words; read for the rows of one page at a time."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import review_signals as signals
from analytics.review import Review, Talk
from crm.dates import site_date, start_of, today
from crm.money import format_money_brief
from opportunities.days import FIRST_YEAR, end_of
from opportunities.history import headline_of
from opportunities.models import Action, Opportunity, OpportunityEntry, Question
from salespeople.visibility import visible_ids

ALARMS = ("pushed", "past", "cut")


@dataclass(frozen=True)
class Reason:
    """A reason in words; `name` is one of `review.REASONS`."""

    name: str
    text: str

    @property
    def is_alarm(self) -> bool:
        """Say whether the forecast suffers from it."""
        return self.name in ALARMS


@dataclass(frozen=True)
class Row:
    """An opportunity to talk about, as it stood on the day, with every reason."""

    talk: Talk
    opportunity: Opportunity
    state: OpportunityEntry
    reasons: list[Reason]
    may_open: bool
    questions: list[Question]


@dataclass(frozen=True)
class _Facts:
    pushes: dict[int, int]
    leaps: dict[int, OpportunityEntry]
    touched: dict[int, date]


def rows_of(review: Review, talks: list[Talk]) -> list[Row]:
    """Return opportunities with their states and reasons: 7 queries, however many they are."""
    ids = [talk.pk for talk in talks]
    related = ("opportunity", "salesperson", "company", "contact", "stage")
    whole: Any = review.scope.narrowed.rows
    states = whole.filter(opportunity__in=ids).select_related(*related)
    found = {state.opportunity_id: state for state in states}
    facts = _Facts(_pushes(review, ids), _leaps(review, ids), _touched(review, found))
    may_see = visible_ids(review.scope.user)
    questions = _questions(review, ids)
    rows = []
    for talk in talks:
        state = found[talk.pk]
        reasons = [Reason(name, _text(name, review, talk, state, facts)) for name in talk.reasons]
        may_open = may_see is None or state.opportunity.salesperson_id in may_see
        asked = questions.get(talk.pk, [])
        rows.append(Row(talk, state.opportunity, state, reasons, may_open, asked))
    return rows


def _text(name: str, review: Review, talk: Talk, state: OpportunityEntry, facts: _Facts) -> str:
    match name:
        case "pushed":
            return _pushed(talk, state, facts)
        case "past":
            return _past(review, state)
        case "stale":
            return _quiet(review, facts.touched[talk.pk])
        case "bare":
            return _("no next task is planned")
        case "jumped":
            return _leapt(facts.leaps[talk.pk])
    return _big(review) if name == "big" else _cut(talk, state)


def _quiet(review: Review, day: date) -> str:
    count = (review.day.on - day).days
    text = ngettext(
        "quiet for %(count)d day, since %(day)s", "quiet for %(count)d days, since %(day)s", count
    )
    return text % {"count": count, "day": _day(day)}


def _leapt(entry: OpportunityEntry) -> str:
    wish = {"who": entry.recorded_by, "did": headline_of(entry, None)}
    return _("%(who)s %(did)s, %(when)s") % {**wish, "when": _day(entry.effective_on)}


def _big(review: Review) -> str:
    text = _("new since %(day)s, and among the tenth of the open ones worth most")
    return text % {"day": _day(review.opening.on)}


def _cut(talk: Talk, state: OpportunityEntry) -> str:
    words = {
        "before": format_money_brief(talk.value_before or 0),
        "after": format_money_brief(state.estimated_value),
    }
    return _("value cut from %(before)s to %(after)s") % words


def _pushed(talk: Talk, state: OpportunityEntry, facts: _Facts) -> str:
    count = facts.pushes.get(talk.pk, 1)
    text = ngettext(
        "close date moved from %(before)s to %(after)s",
        "close date moved from %(before)s to %(after)s; pushed %(count)d times in all",
        count,
    )
    return text % {
        "before": _day(talk.close_before),
        "after": _day(state.estimated_close_on),
        "count": count,
    }


def _past(review: Review, state: OpportunityEntry) -> str:
    close_on: Any = state.estimated_close_on
    count = (review.day.on - close_on).days
    text = ngettext(
        "%(count)d day past its close date", "%(count)d days past its close date", count
    )
    return text % {"count": count}


def _pushes(review: Review, ids: list[int]) -> dict[int, int]:
    """Return how often each close date was moved later, by what was known and stands."""
    rows = _known(review, ids).select_related("undone_by").order_by("opportunity", "sequence")
    dates: dict[int, list[date]] = {}
    for entry in rows:
        stands = entry.action != Action.UNDONE and not _is_undone(entry, review.day.at)
        if stands and entry.is_open and entry.estimated_close_on:
            dates.setdefault(entry.opportunity_id, []).append(entry.estimated_close_on)
    return {
        pk: sum(later > earlier for earlier, later in pairwise(found))
        for pk, found in dates.items()
    }


def _is_undone(entry: OpportunityEntry, at: datetime | None) -> bool:
    undo = getattr(entry, "undone_by", None)
    return undo is not None and (at is None or undo.recorded_at <= at)


def _leaps(review: Review, ids: list[int]) -> dict[int, OpportunityEntry]:
    related = ("recorded_by", "stage", "previous_stage")
    rows = review.leaps().filter(opportunity__in=ids).select_related(*related)
    return {entry.opportunity_id: entry for entry in rows.order_by("sequence")}


def _touched(review: Review, states: dict[int, OpportunityEntry]) -> dict[int, date]:
    """Return the day of the newest of change, interaction and completed task: two queries."""
    begin, at = start_of(today().replace(year=FIRST_YEAR)), review.moment
    found = {pk: state.effective_on for pk, state in states.items()}
    spoken = signals.interactions(begin, at).filter(opportunity__in=found)
    done = signals.done_tasks(begin, at).filter(opportunity__in=found)
    moments: list[tuple[int, datetime]] = [
        *spoken.values_list("opportunity").annotate(last=Max("happened_at")),
        *done.values_list("opportunity").annotate(last=Max("closed_then")),
    ]
    for pk, moment in moments:
        if moment is not None and site_date(moment) <= review.day.on:
            found[pk] = max(found[pk], site_date(moment))
    return found


def _questions(review: Review, ids: list[int]) -> dict[int, list[Question]]:
    """Return what was asked since the compare-to date, with the answers known by then."""
    rows = Question.objects.visible_to(review.scope.user).filter(
        opportunity__in=ids, asked_at__gt=end_of(review.opening.on)
    )
    if review.moment is not None:
        rows = rows.filter(asked_at__lte=review.moment)
    found: dict[int, list[Question]] = {}
    for question in rows.select_related("asked_by", "answered_by"):
        at, moment = question.answered_at, review.moment
        if at is not None and moment is not None and at > moment:
            question.answer, question.answered_at, question.answered_by = "", None, None
        found.setdefault(question.opportunity_id, []).append(question)
    return found


def _known(review: Review, ids: list[int]) -> Any:
    rows = OpportunityEntry.objects.filter(opportunity__in=ids, effective_on__lte=review.day.on)
    return rows if review.day.at is None else rows.filter(recorded_at__lte=review.day.at)


def _day(day: date | None) -> str:
    """Return the day as one says it: without the year while it is this one."""
    if day is None:
        return "–"
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == today().year else "DATE_FORMAT")
