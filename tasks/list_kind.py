"""The list of tasks, as the pages of views, columns, files and many rows know it."""

from datetime import timedelta

from django.db.models import Case, CharField, F, When
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from crm.dates import hours
from lists.kinds import ListKind
from lists.sums import SumRow, Total
from salespeople.roles import is_manager
from tasks.bulk import BULK
from tasks.columns import COLUMNS
from tasks.filters import TaskFilter, asked_for
from tasks.groups import GROUPS
from tasks.models import Task, TaskQuerySet


def listed(request: HttpRequest, query: QueryDict) -> TaskQuerySet:
    """Return what the person may see and asks for, with whether what each is about may be told.

    `told_sort` is the name of that, by which they are sorted where it may be told:
    an order, and the cursor of a page, would tell the others as well.
    """
    visible = Task.objects.visible_to(request.user).telling(request.user)
    name = When(tells=True, then=F("opportunity__description_sort"))
    visible = visible.annotate(told_sort=Case(name, output_field=CharField()))
    return asked_for(visible, query, request.user)


TASKS = ListKind(
    name="tasks",
    label=_("Tasks"),
    all_label=_("Open tasks"),
    page="tasks:list",
    columns=COLUMNS,
    filters=TaskFilter,
    rows=listed,
    groups=GROUPS,
    usual_sort="due",
    may_share=is_manager,
    bulk=BULK,
    sums=SumRow(
        Total(
            name="duration",
            label=_("Planned by the hour"),
            field="duration",
            shown=hours,
            zero=timedelta(0),
            only="start_time",
        ),
    ),
)
