"""The pages of salespeople and teams."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from lists.paging import Sort, page_of
from lists.parameters import check_parameters
from salespeople.figures import figures_of, open_query, with_figures, won_this_year_query
from salespeople.filters import SalespersonFilter, SpanForm
from salespeople.mentions import mentionable, name_of
from salespeople.teams import memberships_of, team_page, team_tree
from salespeople.visibility import visible_salespeople, visible_teams
from salespeople.work import periods_of, tasks_of

SORTS = {
    "name": Sort("name_sort"),
    "code": Sort("code"),
    "team": Sort("team_sort", is_nullable=True),
    "number": Sort("open_number"),
    "value": Sort("open_estimated"),
    "calculated": Sort("open_calculated"),
    "won": Sort("won_this_year_calculated"),
}
OPEN_SHOWN = 15
LONGEST_NAME, MOST_NAMES = 100, 8


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the salespeople whom the person sees, with what they have in hand."""
    check_parameters(request.GET, [*SalespersonFilter.base_filters, "sort", "cursor"])
    filters = SalespersonFilter(
        request.GET, queryset=visible_salespeople(request.user), request=request
    )
    page = page_of(
        with_figures(filters.rows()),
        sorts=SORTS,
        sort=request.GET.get("sort") or "name",
        cursor=request.GET.get("cursor", ""),
    )
    for row in page.rows:
        _link(row)
    context = {
        "page": page,
        "form": filters.form,
        "is_filtered": any(_used(filters.form)),
        "visible_team_ids": set(filters.form.fields["team"].queryset.values_list("pk", flat=True)),
    }
    return render(request, "salespeople/list.html", context)


@require_GET
def mention(request: HttpRequest) -> JsonResponse:
    """Answer {"names": […]}: colleagues whom one may mention, by the beginning of a name."""
    check_parameters(request.GET, ["q"])
    text = request.GET.get("q", "")[:LONGEST_NAME].replace("\x00", "").strip()
    users = mentionable(request.user, text)[:MOST_NAMES] if text else ()
    return JsonResponse({"names": [name_of(user) for user in users]})


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a salesperson, the figures of R150, and the open opportunities."""
    check_parameters(request.GET, ["close_from", "close_until"])
    people = visible_salespeople(request.user).select_related("user")
    salesperson = get_object_or_404(people, pk=pk)
    form = SpanForm(request.GET)
    span = form.span()
    opportunities = salesperson.opportunities.kept().open().filter(span.condition())
    context = {
        "salesperson": salesperson,
        "form": form,
        "is_filtered": any(_used(form)),
        "figures": figures_of(salesperson, span),
        "memberships": memberships_of(salesperson, request.user),
        "opportunities": opportunities.select_related("contact", "stage").order_by(
            "estimated_close_on", "pk"
        )[:OPEN_SHOWN],
        "contacts": salesperson.contacts.count(),
        "tasks": tasks_of(salesperson, request.user),
        "periods": periods_of(salesperson),
        "talk": salesperson.interactions.visible_to(request.user).figures(),
    }
    return render(request, "salespeople/detail.html", context)


@require_GET
def teams(request: HttpRequest) -> HttpResponse:
    """Show the tree of the teams that the person sees."""
    check_parameters(request.GET, [])
    return render(request, "salespeople/teams.html", {"rows": team_tree(request.user)})


@require_GET
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a team, its members, and what they have in hand."""
    check_parameters(request.GET, [])
    visible = visible_teams(request.user).select_related("parent", "manager")
    found = get_object_or_404(visible, pk=pk)
    context = {
        "page": team_page(found, request.user),
        "tasks": tasks_of(found, request.user),
    }
    return render(request, "salespeople/team.html", context)


def _link(row: Any) -> None:
    """Give a row of the list the addresses of its figures."""
    row.open_query = open_query(salesperson=row.pk)
    row.won_query = won_this_year_query(salesperson=row.pk)


def _used(form: Any) -> list[Any]:
    return [value for value in form.cleaned_data.values() if value]
