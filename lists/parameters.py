"""What may stand in the address of a list: nothing is silently ignored."""

from collections.abc import Container, Iterable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

TRACKING = ("utm_", "fbclid", "gclid", "mc_")
MOST_DIGITS = 18


def check_parameters(
    query: QueryDict, allowed: Iterable[str], *, several: Container[str] = ()
) -> None:
    """Raise BadRequest, with a sentence, for a parameter that this page does not know.

    One that is given twice is refused too, unless it is among `several`; those
    that mail and advertisements append are let pass.
    """
    known = set(allowed)
    for name, values in query.lists():
        if name not in known and not name.startswith(TRACKING):
            raise BadRequest(
                _("This page does not know the parameter “%(name)s”.") % {"name": name[:40]}
            )
        if name in known and len(values) > 1 and name not in several:
            raise BadRequest(_("Give the parameter “%(name)s” once.") % {"name": name[:40]})


def tidy(request: HttpRequest) -> HttpResponseRedirect | None:
    """Return the way to the same page without the parameters that a form left empty."""
    kept = request.GET.copy()
    for name, values in request.GET.lists():
        if filled := [value for value in values if value]:
            kept.setlist(name, filled)
        else:
            del kept[name]
    if kept == request.GET:
        return None
    address = f"{request.path}?{kept.urlencode()}" if kept else request.path
    return HttpResponseRedirect(address)


def own_address(request: HttpRequest) -> str:
    """Return the address of ours to which form or address say to go on; "" where they say none."""
    target = request.POST.get("next", request.GET.get("next", ""))
    return target if is_ours(request, target) else ""


def is_ours(request: HttpRequest, target: str) -> bool:
    """Say whether an address is one of this site's, whole or from its root.

    `redirect` would take what is neither ("?page=2", "home") for the name of a view.
    """
    is_whole = target.startswith(("/", "http:", "https:"))
    hosts = {request.get_host()}
    return is_whole and url_has_allowed_host_and_scheme(target, hosts, request.is_secure())


def integer(query: QueryDict, name: str) -> int | None:
    """Return the id that stands in the address, None if there is none.

    Raises BadRequest for what is no id.
    """
    text = query.get(name, "")
    if not text:
        return None
    number = as_id(text)
    if number is None:
        raise BadRequest(_("“%(name)s” must be a number.") % {"name": name})
    return number


def as_id(text: str) -> int | None:
    """Return the id that `text` spells, None for what cannot be one."""
    if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
        return int(text)
    return None
