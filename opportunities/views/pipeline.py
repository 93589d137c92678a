"""The board of one sales cycle: the page, and more of one of its columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm.htmx import in_dialog
from lists.alternatives import names_of, several_of
from lists.filtering import chips, without
from lists.parameters import check_parameters, integer, own_address, tidy
from lists.saving import arrangement_of, prefer_arrangement
from opportunities.adding import stages_to_add
from opportunities.board import (
    GROUPINGS,
    ORDERS,
    PERIOD,
    Arrangement,
    Board,
    Ground,
    chosen_cycle,
)
from opportunities.board.changes import Mark, changes_since, known_to, mark_now
from opportunities.filters import MORE, PipelineFilter
from opportunities.models import Opportunity
from opportunities.views.acting import person
from opportunities.views.past import past_board
from salescycles.models import SalesCycle

REMEMBERED = "pipeline_cycle"
NAME = "pipeline"
ARRANGED: dict[str, Mapping[str, Any]] = {"group": GROUPINGS, "sort": ORDERS}
FURTHER = ("column", "cursor")
PASSING = (*FURTHER, "since")
KNOWN = frozenset({*names_of(PipelineFilter), *ARRANGED, *FURTHER, MORE, "cycle"})


@require_GET
def pipeline(request: HttpRequest) -> HttpResponse:
    """Show the open opportunities of one cycle in columns, or what follows in one of them.

    After an act in a dialog the receipt is enough: the board asks what has changed.
    """
    if "on" in request.GET:
        return past_board(request)
    check_parameters(request.GET, KNOWN, several=several_of(PipelineFilter))
    if clean := tidy(request):
        return clean
    if in_dialog(request):
        return render(request, "opportunities/pipeline_done.html")
    mark = mark_now()
    shown = Shown(request)
    further = _further(request)
    context = shown.context(mark)
    if shown.board and further and request.headers.get("HX-Request"):
        context["column"] = shown.board.column(*further)
        return render(request, "opportunities/pipeline_column.html#more", context)
    status = 200 if shown.is_valid else 400
    return render(request, "opportunities/pipeline.html", context, status=status)


@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """Answer an open board: nothing new (204), or the cards and sums that are."""
    check_parameters(request.GET, {*KNOWN, "since"}, several=several_of(PipelineFilter))
    since = request.GET.get("since", "")
    found = changes_since(Mark.read(since) if since else None)
    if since and not found.ids and not found.is_lost:
        return HttpResponse(status=204)
    shown = Shown(request)
    context = shown.context(found.mark) | {"is_fresh": True, "is_lost": found.is_lost}
    if shown.board and found.ids and not found.is_lost:
        cards = shown.board.dealer.some(found.ids)
        others = found.ids - {card.opportunity.pk for card in cards}
        context |= {"changed": cards, "gone": known_to(person(request), others)}
    return render(request, "opportunities/pipeline_changes.html", context)


@require_POST
def arrange(request: HttpRequest) -> HttpResponse:
    """Remember how the person wants the board, and go back to it."""
    wishes = {name: _known(name, request.POST[name]) for name in ARRANGED if request.POST.get(name)}
    prefer_arrangement(NAME, wishes, by=person(request))
    path, _mark, text = own_address(request).partition("?")
    query = QueryDict(text, mutable=True)
    for name in FURTHER:
        query.pop(name, None)
    for name, value in wishes.items():
        query[name] = value
    page = reverse("pipeline")
    return HttpResponseRedirect(f"{page}?{query.urlencode()}" if path == page else page)


class Shown:
    """The board that an address asks for: its cycle, its filters, how it is arranged."""

    def __init__(self, request: HttpRequest) -> None:
        """Read the address; the rows are not read before they are asked for."""
        self.request = request
        self.cycle = _cycle(request)
        self.arrangement = _arrangement(request)
        visible = Opportunity.objects.visible_to(request.user).kept()
        self.filter = PipelineFilter(request.GET, visible, request=request)
        self.is_valid = self.filter.form.is_valid()
        self.board = self._board()

    def _board(self) -> Board | None:
        if self.cycle is None or not self.is_valid:
            return None
        used = self.filter.used
        ground = Ground(
            self.cycle,
            person(self.request),
            self.filter.narrowed(),
            any_period=self.filter.narrowed(but=PERIOD),
            chosen=frozenset(used),
            period=(used.get(PERIOD[0]), used.get(PERIOD[1])),
        )
        return Board(ground, self.arrangement, further=_further(self.request))

    def _live_query(self, mark: Mark) -> str:
        """Return the parameters that ask what has changed on this board since a mark."""
        query = self.request.GET.copy()
        for name in (*PASSING, MORE):
            query.pop(name, None)
        if self.cycle:
            query["cycle"] = str(self.cycle.pk)
        query["group"], query["sort"] = self.arrangement.group, self.arrangement.sort
        query["since"] = str(mark)
        return f"?{query.urlencode()}"

    def context(self, mark: Mark) -> dict[str, Any]:
        """Return what the templates of the board are given, as read at a mark."""
        request, cycle = self.request, self.cycle
        kept = {name: request.GET[name] for name in ARRANGED if name in request.GET}
        clear = {"cycle": str(cycle.pk), **kept} if cycle else kept
        return {
            "cycle": cycle,
            "tabs": _tabs(request, cycle),
            "clear_url": f"?{urlencode(clear)}",
            "hidden": list(clear.items()),
            "base": reverse("opportunities:list"),
            "filter": self.filter,
            "form": self.filter.form,
            "chips": chips(request.GET, self.filter.sentence()),
            "here": f"{reverse('pipeline')}{without(request.GET, *PASSING).removesuffix('?')}",
            "live_query": self._live_query(mark),
            "arrangement": self.arrangement,
            "arrangers": _arrangers(self.arrangement),
            "board": self.board,
            "addable": stages_to_add(self.board.ground.stages) if self.board else set(),
        }


@dataclass(frozen=True)
class Way:
    """A way to group or to sort, as a button."""

    name: str
    label: str | Promise
    is_active: bool


def _arrangers(arrangement: Arrangement) -> dict[str, list[Way]]:
    """Return the ways to group and to sort."""
    return {
        parameter: [
            Way(name, way.label, name == getattr(arrangement, parameter))
            for name, way in ways.items()
        ]
        for parameter, ways in ARRANGED.items()
    }


def _arrangement(request: HttpRequest) -> Arrangement:
    """Return what the address asks for, else what the person wished for last."""
    asked = {n: _known(n, request.GET[n]) for n in ARRANGED if n in request.GET}
    if len(asked) < len(ARRANGED):
        kept = arrangement_of(NAME, user=request.user)
        asked = {n: v for n, v in kept.items() if v in ARRANGED.get(n, ())} | asked
    return Arrangement(**asked)


def _known(parameter: str, name: str) -> str:
    if name not in ARRANGED[parameter]:
        words = {
            "group": _("The board cannot be grouped by “%(name)s”."),
            "sort": _("The cards cannot be sorted by “%(name)s”."),
        }
        raise BadRequest(words[parameter] % {"name": name[:40]})
    return name


def _further(request: HttpRequest) -> tuple[str, str] | None:
    """Return the column of which more is asked for, and the cursor where that begins."""
    asked = [request.GET.get(name, "") for name in FURTHER]
    if not any(asked):
        return None
    if not all(asked):
        raise BadRequest(_("Say which column, and from where on."))
    return asked[0], asked[1]


@dataclass(frozen=True)
class Tab:
    """One of the cycles, with the same filters."""

    label: str
    url: str
    is_active: bool


def _tabs(request: HttpRequest, shown: SalesCycle | None) -> list[Tab]:
    query = request.GET.copy()
    for name in FURTHER:
        query.pop(name, None)
    tabs = []
    for cycle in SalesCycle.objects.filter(Q(is_blocked=False) | Q(pk=shown.pk if shown else 0)):
        query["cycle"] = str(cycle.pk)
        is_active = shown is not None and cycle.pk == shown.pk
        tabs.append(Tab(cycle.name, f"?{query.urlencode()}", is_active))
    return tabs


def _cycle(request: HttpRequest) -> SalesCycle | None:
    """Return the cycle that is asked for, which is remembered, or the one to propose."""
    asked = integer(request.GET, "cycle")
    if asked is None:
        return chosen_cycle(request.user, request.session.get(REMEMBERED))
    cycle = SalesCycle.objects.filter(pk=asked).first()
    if cycle is None:
        raise BadRequest(_("There is no such sales cycle."))
    if request.session.get(REMEMBERED) != cycle.pk:
        request.session[REMEMBERED] = cycle.pk
    return cycle
