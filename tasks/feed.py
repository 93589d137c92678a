"""The calendar feed of a person: the tasks of that person, and the meetings attended (RFC 5545)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from crm.dates import today
from salescycles.models import TaskPriority
from salespeople.models import User
from salespeople.visibility import salesperson_of, visible_ids
from tasks.models import WHOLE_DAY, Task, TaskAttendee
from tasks.reading import seen_opportunity

PAST = timedelta(days=90)
HOUR = timedelta(hours=1)
MOST = 2000
PRIORITIES = {TaskPriority.HIGH: 1, TaskPriority.NORMAL: 5, TaskPriority.LOW: 9}  # RFC 5545 3.8.1.9
TENTATIVE = (Task.Status.WAITING, Task.Status.POSTPONED)
RELATED = ("contact", "company", "opportunity")


def tasks_of(user: User) -> list[Task]:
    """Return what stands in the feed: open tasks, and those of the last 90 days."""
    own = salesperson_of(user)
    if own is None:
        return []
    attended = TaskAttendee.objects.filter(salesperson=own).values("task")
    mine = Q(salesperson=own) | Q(pk__in=attended)
    lately = Q(due_on__gte=today() - PAST) | Q(status__in=Task.OPEN)
    people = TaskAttendee.objects.select_related("salesperson", "contact")
    rows = Task.objects.visible_to(user).filter(mine, lately).select_related(*RELATED)
    ordered = rows.prefetch_related(Prefetch("attendees", people)).order_by("-due_on", "-pk")
    return list(ordered[:MOST])


def changed_at(tasks: list[Task]) -> datetime | None:
    """Return when the newest change was; None without a task."""
    return max((_moment(task) for task in tasks), default=None)


def feed_of(user: User, tasks: list[Task], url_of: Callable[[str], str]) -> bytes:
    """Return the feed as iCalendar; `url_of` makes a whole address of a path.

    The same tasks give the same bytes, so that a reader need not take them twice.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    calendar = Calendar()
    calendar.add("prodid", "-//Sales//Tasks//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Tasks of %(name)s") % {"name": user})
    calendar.add("x-wr-timezone", settings.TIME_ZONE)
    calendar.refresh_interval = HOUR
    visible = visible_ids(user)
    events = [_event(task, visible, zone, url_of) for task in tasks]
    timed = [task for task in tasks if not task.is_all_day]
    if timed:
        calendar.add_component(_time_zone(timed, zone))
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(
    task: Task, visible: list[int] | None, zone: ZoneInfo, url_of: Callable[[str], str]
) -> Event:
    """Return one task; the end of an all-day event is the day after (RFC 5545 3.6.1)."""
    event = Event()
    event.add("uid", f"{task.number.lower()}@{_host(url_of)}")
    event.add("summary", str(task))
    event.add("dtstamp", _moment(task))
    event.add("last-modified", _moment(task))
    event.add("created", task.created_at.astimezone(UTC))
    event.add("sequence", task.edits)
    if task.start_time is None:
        event.add("dtstart", task.due_on)
        event.add("dtend", task.ends_on + WHOLE_DAY)
    else:
        start = datetime.combine(task.due_on, task.start_time, zone)
        end = datetime.combine(task.ends_on, task.end_time or task.start_time, zone)
        event.add("dtstart", start)
        event.add("dtend", end)
    event.add("status", _status(task))
    event.add("transp", "TRANSPARENT" if task.is_all_day else "OPAQUE")
    event.add("priority", PRIORITIES[TaskPriority(task.priority)])
    event.add("categories", [task.get_kind_display()])
    event.add("url", url_of(task.get_absolute_url()))
    event.add("description", _description(task, visible, url_of))
    if task.location:
        event.add("location", task.location)
    for row in task.attendees.all():
        _add_person(event, row)
    return event


def _time_zone(timed: list[Task], zone: ZoneInfo) -> Timezone:
    """Return the zone's rules for the years of the tasks.

    Each change of the clock has a line of its own: some readers, vobject among
    them, lose what stands in a line that was folded.
    """
    years = [year for task in timed for year in (task.due_on.year, task.ends_on.year)]
    first, last = date(min(years), 1, 1), date(max(years) + 2, 1, 1)
    found = Timezone.from_tzinfo(zone, first_date=first, last_date=last)
    for part in found.subcomponents:
        changes = part.pop("RDATE", None)
        for change in changes.dts if changes is not None else ():
            part.add("rdate", change.dt)
    return found


def _status(task: Task) -> str:
    if task.status == Task.Status.CANCELLED:
        return "CANCELLED"
    return "TENTATIVE" if task.status in TENTATIVE else "CONFIRMED"


def _description(task: Task, visible: list[int] | None, url_of: Callable[[str], str]) -> str:
    """Return whom it is with, what it is about as far as it may be seen, and the way back."""
    opportunity = seen_opportunity(task, visible)
    names = [str(row) for row in dict.fromkeys((task.contact, task.company)) if row]
    lines = [task.get_status_display(), ", ".join(names), str(opportunity or ""), task.note]
    return "\n".join([*filter(None, lines), url_of(task.get_absolute_url())])


def _add_person(event: Event, row: TaskAttendee) -> None:
    """Add who holds the meeting, or attends; a person without an e-mail address by name only."""
    person: Any = row.salesperson or row.contact
    address = vCalAddress(f"mailto:{person.email}" if person.email else "invalid:nomail")
    address.params["CN"] = vText(str(person))
    if row.is_organizer:
        event.add("organizer", address)
    else:
        address.params["ROLE"] = vText("REQ-PARTICIPANT")
        event.add("attendee", address)


def _moment(task: Task) -> datetime:
    """Return the moment of the newest change, in whole seconds as the format has them."""
    return (task.changed_at or task.created_at).astimezone(UTC).replace(microsecond=0)


def _host(url_of: Callable[[str], str]) -> str:
    return url_of("/").split("//", 1)[-1].strip("/").partition(":")[0]
