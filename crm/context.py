"""What every page knows."""

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, QuerySet
from django.http import HttpRequest

from notices.reading import unread_rows
from salespeople.models import User
from salespeople.roles import is_administrator, is_manager
from tasks.reading import waiting_rows

MOST_COUNTED = 100


def client_address(request: HttpRequest) -> str:
    """Return who asks: behind our proxy, the last address that it was told (rightmost hop)."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    address = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    return str(address)


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the site's currency, the roles of the person, and how many tasks and notices wait.

    They are counted when a page shows the number, once.
    """
    user = getattr(request, "user", AnonymousUser())
    numbers = cache(lambda: _numbers(user))
    return {
        "currency": settings.SITE_CURRENCY,
        "is_manager": is_manager(user),
        "is_administrator": is_administrator(user),
        "waiting_tasks": lambda: numbers()[0],
        "unread_notices": lambda: numbers()[1],
    }


def _numbers(user: User | AnonymousUser) -> tuple[int, int]:
    """Count the tasks that wait and the unread notices, each up to 100: one query for both."""
    if not isinstance(user, User):
        return 0, 0
    counts = [_counted(waiting_rows(user)), _counted(unread_rows(user))]
    tasks, notices = User.objects.filter(pk=user.pk).values_list(*counts).get()
    return tasks or 0, notices or 0


def _counted(rows: QuerySet[Any]) -> Func:
    some = ArraySubquery(rows.order_by().values("pk")[:MOST_COUNTED])
    return Func(some, function="CARDINALITY", output_field=IntegerField())
