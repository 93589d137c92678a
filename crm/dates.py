"""Today and other dates in the site's time zone, and the words for distances in days."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# From so many days on, a distance is told in the larger unit, rounded down.
WEEKS_FROM = 14
MONTHS_FROM = 61
YEARS_FROM = 731
DAYS_OF_WEEK = 7
WORKING = 5  # Monday to Friday; public holidays are not known


def today() -> date:
    """Return today in the site's time zone (settings.TIME_ZONE), whatever the person's."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def site_date(moment: datetime) -> date:
    """Return the date of an aware moment in the site's time zone; ValueError if naive."""
    return timezone.localdate(moment, timezone.get_default_timezone())


def start_of(day: date) -> datetime:
    """Return the first moment of the day in the site's time zone."""
    return datetime.combine(day, time.min, timezone.get_default_timezone())


def working_days(first: date, last: date) -> int:
    """Return how many days from `first` to `last`, both included, are Monday to Friday."""
    weeks, rest = divmod(max((last - first).days + 1, 0), DAYS_OF_WEEK)
    tail = (first + timedelta(days=n) for n in range(rest))
    return weeks * WORKING + sum(day.weekday() < WORKING for day in tail)


def month_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of the month."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def quarter_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of the quarter."""
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    return first, month_of(first + timedelta(days=65))[1]


def span(days: int) -> str:
    """Return the length in days: "1 day", "45 days". The sign does not matter."""
    days = abs(days)
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def hours(length: timedelta) -> str:
    """Return the length in hours and minutes, rounded down: "25 min", "1 h 5 min", "2 h"."""
    whole, minutes = divmod(length // timedelta(minutes=1), 60)
    if not whole:
        return _("%(minutes)d min") % {"minutes": minutes}
    if not minutes:
        return _("%(hours)d h") % {"hours": whole}
    return _("%(hours)d h %(minutes)d min") % {"hours": whole, "minutes": minutes}


def rough_span(days: int) -> str:
    """Return the length in the unit one would say: "3 days", "6 weeks", "2 years"."""
    days = abs(days)
    if days < WEEKS_FROM:
        return span(days)
    if days < MONTHS_FROM:
        weeks = days // 7
        return ngettext("%(count)d week", "%(count)d weeks", weeks) % {"count": weeks}
    if days < YEARS_FROM:
        months = days * 12 // 365
        return ngettext("%(count)d month", "%(count)d months", months) % {"count": months}
    years = days * 100 // 36525
    return ngettext("%(count)d year", "%(count)d years", years) % {"count": years}


def relative(day: date, base: date | None = None) -> str:
    """Return `day` as told on `base` (today): "yesterday", "in 3 days", "6 weeks ago"."""
    distance = (day - (base or today())).days
    match distance:
        case -1:
            return _("yesterday")
        case 0:
            return _("today")
        case 1:
            return _("tomorrow")
    words = _("in %(span)s") if distance > 0 else _("%(span)s ago")
    return words % {"span": rough_span(distance)}
