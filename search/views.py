"""The page of all results, what is offered while one types, and the keys."""

from dataclasses import dataclass

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contacts.requests import person
from lists.parameters import check_parameters, tidy
from search import finding
from search.commands import commands_for, is_command, names_somebody
from search.finding import HURRY, Found, Group
from search.keys import KEYS
from search.sources import SOURCES
from search.typed import Typed, read

FIRST, MANY, MOST = (
    8,
    50,
    200,
)  # hits of each kind; of one kind; of one kind when more are asked for
WHILE_TYPING = 5
KINDS = {source.kind: source for source in SOURCES}


@dataclass(frozen=True)
class Tab:
    """A kind of results, and how many there are."""

    label: str | Promise
    url: str
    is_active: bool
    group: Group | None = None


@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Show what was found, of every kind or of one."""
    check_parameters(request.GET, ["q", "kind", "more"])
    if clean := tidy(request):
        return clean
    kind, more = request.GET.get("kind", ""), request.GET.get("more", "")
    if kind and kind not in KINDS:
        raise BadRequest(_("There is no such kind of results."))
    if more not in ("", "1"):
        raise BadRequest(_("“%(name)s” is 1 or not there.") % {"name": "more"})
    typed, user = read(request.GET.get("q", "")), person(request)
    each = (MOST if more else MANY) if kind else FIRST
    found = finding.find(typed, user, each=each, kind=kind, forgiving=not is_command(typed))
    context = {
        "typed": typed,
        "found": found,
        "kind": kind,
        "can_show_more": bool(kind) and not more,
        "tabs": _tabs(found, kind),
        "commands": commands_for(typed, user) if typed.words and not kind else [],
    }
    return render(request, "search/find.html", context)


@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """Offer the first results and the commands for what has been typed so far."""
    check_parameters(request.GET, ["q"])
    typed, user = read(request.GET.get("q", "")), person(request)
    asks, commands = is_command(typed), commands_for(typed, user)
    is_enough = bool(commands) and names_somebody(typed)
    found = finding.find(
        Typed(typed.text) if is_enough else typed,
        user,
        each=WHILE_TYPING,
        forgiving=not asks,
        milliseconds=HURRY,
    )
    context = {
        "typed": typed,
        "found": found,
        "commands": commands,
        "commands_first": asks or not typed.is_enough,
    }
    return render(request, "search/suggest.html", context)


@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """Show which keys do what."""
    check_parameters(request.GET, [])
    return render(request, "search/keys.html", {"keys": KEYS})


def _tabs(found: Found, kind: str) -> list[Tab]:
    """Return a way to everything, and to each kind that has results."""
    text = found.typed.text
    tabs = [Tab(_("Everything"), f"?{urlencode({'q': text})}", not kind)]
    for source in SOURCES:
        group = found.by_kind.get(source.kind)
        if group and (group.number or source.kind == kind):
            address = urlencode({"q": text, "kind": source.kind})
            tabs.append(Tab(source.label, f"?{address}", source.kind == kind, group))
    return tabs
