"""Which day is looked at, and whether as we know it now or as it was known then."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.dates import start_of, today
from opportunities.models import OpportunityEntry, OpportunityEntryQuerySet
from salespeople.visibility import Person

THEN = "then"
NOW = "now"
FIRST_YEAR, LAST_YEAR = 1900, 2999
WIDEST = timedelta(hours=15)  # from UTC: the database reads no wider offset
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Day:
    """A day to look at, and when we are asked to have known it: None for now."""

    on: date
    at: datetime | None = None

    @classmethod
    def of(cls, query: QueryDict, name: str = "on") -> "Day":
        """Read the day, and what is `known` of it, from an address; today where it names none.

        BadRequest for what is no day, lies in the future, or is no moment.
        """
        on = _day(query.get(name, ""), name)
        return cls(on, _known(query.get("known", ""), on))

    @property
    def is_today(self) -> bool:
        """Say whether it is today, as we know it now."""
        return self.at is None and self.on == today()

    @property
    def is_as_known_then(self) -> bool:
        """Say whether it is as it was known when the day was over."""
        return self.at == end_of(self.on)

    @property
    def known(self) -> str:
        """The parameter that says when it was known; "" for now."""
        if self.at is None:
            return ""
        return THEN if self.is_as_known_then else self.at.isoformat()

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The day as parameters of an address; none for today."""
        return () if self.is_today else self.named

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """The day as parameters of an address, today as well: its lists are added up whole."""
        known = (("known", self.known),) if self.known else ()
        return (("on", self.on.isoformat()), *known)

    def states(self) -> OpportunityEntryQuerySet:
        """Return the state of each opportunity on the day."""
        entries = OpportunityEntry.objects.order_by()
        if self.at is None:
            return entries.as_of(self.on)
        return entries.as_known(self.on, self.at)

    def states_for(self, user: Person) -> OpportunityEntryQuerySet:
        """Return those that `user` may see, the deleted ones left out."""
        return self.states().seen_by(user, self.on).kept()


def end_of(day: date) -> datetime:
    """Return the last moment of the day in the site's time zone."""
    return start_of(day + timedelta(days=1)) - TICK


def _day(text: str, name: str) -> date:
    if not text:
        return today()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year < FIRST_YEAR:
        raise BadRequest(_("“%(name)s” must be a day like 2026-03-31.") % {"name": name})
    if day > today():
        raise BadRequest(_("%(day)s lies in the future.") % {"day": day.isoformat()})
    return day


def _known(text: str, on: date) -> datetime | None:
    if text in ("", NOW):
        return None
    if text == THEN:
        return end_of(on)
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
        year, offset = moment.astimezone(UTC).year, moment.utcoffset() or timedelta(0)
    except (ValueError, OverflowError):
        year, offset = 0, timedelta(0)
    if not FIRST_YEAR <= year <= LAST_YEAR or abs(offset) > WIDEST:
        raise BadRequest(_("“known” is “now”, “then”, or a moment like 2026-03-31T17:00:00+02:00."))
    return moment
