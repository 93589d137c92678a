"""The choices of a page: links that change one thing of the address and keep the others."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Choice:
    """A choice of the page, with the others kept."""

    label: Any
    url: str
    is_active: bool


def one_of(request: HttpRequest, name: str, values: tuple[str, ...]) -> str:
    """Return what is asked for, else the first; BadRequest, with the choices, for anything else."""
    value = request.GET.get(name, values[0])
    if value not in values:
        words = {"name": name, "values": ", ".join(filter(None, values))}
        raise BadRequest(_("“%(name)s” is one of: %(values)s.") % words)
    return value


def changed(request: HttpRequest, **changes: str | None) -> str:
    """Return the address with some parameters changed, or taken away (None)."""
    query = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}" if query else request.path
