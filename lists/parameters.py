"""What may stand in the address of a list: nothing is silently ignored."""

from collections.abc import Iterable

from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.utils.translation import gettext as _

TRACKING = ("utm_", "fbclid", "gclid", "mc_")


def check_parameters(query: QueryDict, allowed: Iterable[str]) -> None:
    """Raise BadRequest, with a sentence, for a parameter that this page does not know.

    Those that mail and advertisements append are let pass.
    """
    known = set(allowed)
    for name in query:
        if name not in known and not name.startswith(TRACKING):
            raise BadRequest(
                _("This page does not know the parameter “%(name)s”.") % {"name": name[:40]}
            )


def integer(query: QueryDict, name: str) -> int | None:
    """Return the id that stands in the address, None if there is none.

    Raises BadRequest for what is no id.
    """
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadRequest(_("“%(name)s” must be a number.") % {"name": name})
    return int(text)
