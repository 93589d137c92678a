"""The list of quotes in groups: by status, salesperson or month of making."""

from django.db.models.functions import TruncDate, TruncMonth
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from crm.dates import site_date
from lists.grouping import Group, within_month
from lists.paging import Sort
from quotes.models import Quote


def _made_on() -> TruncDate:
    """Return the day of making in the site's time zone."""
    return TruncDate("created_at", tzinfo=timezone.get_default_timezone())


def _by_month(row: Quote, query: QueryDict) -> dict[str, str]:
    return within_month(site_date(row.created_at), query, "created_from", "created_until")


GROUPS = {
    "status": Group(
        label=gettext_lazy("Status"),
        sorts=(Sort("status"),),
        title=lambda row: row.get_status_display(),
        narrowed=lambda row, _query: {"status": row.status},
    ),
    "salesperson": Group(
        label=gettext_lazy("Salesperson"),
        sorts=(Sort("opportunity__salesperson__name_sort"), Sort("opportunity__salesperson_id")),
        title=lambda row: str(row.opportunity.salesperson),
        narrowed=lambda row, _query: {"salesperson": str(row.opportunity.salesperson_id)},
        related=("opportunity__salesperson",),
    ),
    "month": Group(
        label=gettext_lazy("Month"),
        sorts=(Sort("created_month"),),
        title=lambda row: date_format(site_date(row.created_at), "YEAR_MONTH_FORMAT"),
        narrowed=_by_month,
        prepared=lambda rows: rows.annotate(created_month=TruncMonth(_made_on())),
    ),
}
