"""What a page of figures stands on: whose rows, which time zone, and what its figures mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.figures import Figure
from salespeople.visibility import Person, visible_ids_on


@dataclass(frozen=True)
class Basis:
    """Printed below the figures, so that a page can be read without knowing anything."""

    whose: str
    zone: str
    figures: list[Figure]
    on: date


def basis_of(user: Person, on: date, figures: Iterable[Figure]) -> Basis:
    """Return what the figures of a day stand on for `user`; figures of one label are told once."""
    by_label = {str(figure.label): figure for figure in figures}
    return Basis(whose(user, on), settings.TIME_ZONE, list(by_label.values()), on)


def whose(user: Person, on: date) -> str:
    """Return in words whose opportunities of a day `user` may see."""
    ids = visible_ids_on(user, on)
    if ids is None:
        return _("the opportunities of everybody")
    words = ngettext(
        "the opportunities of the one salesperson whom you may see",
        "the opportunities of the %(count)d salespeople whom you may see",
        len(ids),
    )
    return words % {"count": len(ids)}
