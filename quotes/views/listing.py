"""The list of quotes."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm.dates import today
from lists.alternatives import names_of, several_of
from lists.filtering import chips
from lists.paging import Sort, page_of
from lists.parameters import check_parameters, tidy
from opportunities.filters import MORE
from opportunities.sums import MOST_COUNTED
from quotes.filters import SOON_DAYS, QuoteFilter
from quotes.models import Quote

SORTS = {
    "number": Sort("id"),
    "opportunity": Sort("opportunity__description_sort"),
    "contact": Sort("contact__name_sort"),
    "salesperson": Sort("opportunity__salesperson__name_sort"),
    "amount": Sort("amount"),
    "status": Sort("status"),
    "valid": Sort("valid_until", is_nullable=True),
}
PARAMETERS = {*names_of(QuoteFilter), MORE, "sort", "cursor"}
RELATED = ("opportunity__salesperson", "contact")


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """List the quotes of the opportunities that the person sees."""
    check_parameters(request.GET, PARAMETERS, several=several_of(QuoteFilter))
    if clean := tidy(request):
        return clean
    visible = Quote.objects.visible_to(request.user)
    filterset = QuoteFilter(request.GET, visible, request=request)
    rows: Any = filterset.rows()
    page = page_of(
        rows.select_related(*RELATED),
        sorts=SORTS,
        sort=request.GET.get("sort", "-number"),
        cursor=request.GET.get("cursor", ""),
    )
    context = {
        "filter": filterset,
        "form": filterset.form,
        "chips": chips(request.GET, filterset.sentence()),
        "page": page,
        "sums": sums_of(rows),
        "tabs": _tabs(request),
        "hidden": [(n, request.GET[n]) for n in ("status", "sort") if request.GET.get(n)],
        "today": today(),
        "soon": today() + timedelta(days=SOON_DAYS),
    }
    status = 400 if filterset.form.errors else 200
    return render(request, "quotes/list.html", context, status=status)


@dataclass(frozen=True)
class Tab:
    """A way to look at the list, by status."""

    label: Any
    url: str
    is_active: bool


def _tabs(request: HttpRequest) -> list[Tab]:
    shown = request.GET.get("status", "")
    tabs = []
    for name, label in [("", _("All")), *Quote.Status.choices]:
        query = request.GET.copy()
        for parameter in ("status", "cursor"):
            query.pop(parameter, None)
        if name:
            query["status"] = name
        tabs.append(Tab(label, f"?{query.urlencode()}", shown == name))
    return tabs


@dataclass(frozen=True)
class Sums:
    """How many quotes, over how much; None where there are more than are counted."""

    count: int
    amount: Decimal | None

    @property
    def is_capped(self) -> bool:
        """Say whether there are more than are counted."""
        return self.amount is None


def sums_of(rows: QuerySet[Quote]) -> Sums:
    """Count and add up the rows, unless there are too many of them: one query."""
    few = rows.order_by().values("pk", "amount")[: MOST_COUNTED + 1]
    found = few.aggregate(count=Count("pk"), amount=Sum("amount"))
    if found["count"] > MOST_COUNTED:
        return Sums(MOST_COUNTED, None)
    return Sums(found["count"], found["amount"] or Decimal(0))
