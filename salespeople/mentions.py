"""Colleagues mentioned in a text: "@kari", "@KN", "@Kari Nordmann"; who may see it is told."""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from notices import telling
from notices.kinds import Kind
from salespeople.models import User
from salespeople.visibility import Person, assignable_salespeople, salesperson_of, viewers_of

MARK = re.compile(r"(?<![\w@.])@(?=\w)")  # an address of e-mail mentions nobody
PARTS = ("username", "salesperson__code", "salesperson__name", "first_name", "last_name")


def mentioned_in(text: str) -> set[int]:
    """Return the ids of the active users whom a text names behind "@".

    By username, code, whole name, or a first name that only one has. Raises
    ValidationError for a first name that several have.
    """
    places = [found.end() for found in MARK.finditer(text)]
    if not places:
        return set()
    names = _names()
    longest = max(map(len, names), default=0)
    found: set[int] = set()
    for place in places:
        name = _longest(names, text[place : place + longest + 1].lower())
        if len(names.get(name, ())) > 1:
            raise ValidationError(
                _("Several are called “%(name)s”: write the whole name behind the @.")
                % {"name": name.title()},
                code="several",
            )
        found |= names.get(name, set())
    return found


def tell_mentioned(
    text: str,
    row: Model,
    *,
    by: User,
    field: str,
    before: str = "",
    entry: Any = None,
    act: uuid.UUID | None = None,
) -> None:
    """Tell those whom `text` mentions, and `before` did not; the row is as it will be seen.

    Raises ValidationError, beside `field`, for whoever may not see the row.
    """
    if telling.is_silent() or not MARK.search(text):
        return
    try:
        new = mentioned_in(text) - (mentioned_in(before) if before else set()) - {by.pk}
    except ValidationError as error:
        raise ValidationError({field: error}) from error
    users = User.objects.filter(pk__in=new).select_related("salesperson").order_by("pk")
    rows: Any = type(row)
    blind = [user for user in users if not rows.objects.visible_to(user).filter(pk=row.pk).exists()]
    if blind:
        raise ValidationError({field: [_blindness(user) for user in blind]}, code="unseen")
    told = [telling.Told(user.pk, row, entry) for user in users]
    telling.tell(Kind.MENTIONED, told, by=by, act=act)


def mentionable(user: Person, text: str) -> QuerySet[User]:
    """Return the colleagues whom `user` may know, with a name that begins with `text`.

    Those to whom an opportunity may be given, and those who see one's own rows;
    whether each sees the record in question is said when it is written.
    """
    known = Q(salesperson__in=assignable_salespeople(user).order_by().values("pk"))
    own = salesperson_of(user)
    if own is not None:
        known |= Q(pk__in=viewers_of(own).values("pk"))
    begins = [Q(**{f"{part}__istartswith": text}) for part in PARTS]
    named = reduce(or_, begins, Q(salesperson__name__icontains=f" {text}"))
    users = User.objects.filter(known & named, is_active=True).exclude(username=user.get_username())
    return users.select_related("salesperson").order_by("salesperson__name_sort", "username")


def name_of(user: User) -> str:
    """Return how somebody is mentioned: by the name that the list of salespeople has."""
    return str(salesperson_of(user) or user)


def _blindness(user: User) -> str:
    return _("%(name)s may not see this, and cannot be told. Take the @ away.") % {
        "name": name_of(user)
    }


def _names() -> dict[str, set[int]]:
    """Return all names in small letters, each with the users who bear it."""
    names: dict[str, set[int]] = defaultdict(set)
    users = User.objects.filter(is_active=True).order_by()
    for pk, username, code, name, first, last in users.values_list("pk", *PARTS):
        whole = f"{first} {last}".strip()
        for each in (username, code, name, whole, first, (name or "").split(" ")[0]):
            if each:
                names[each.lower()].add(pk)
    return names


def _longest(names: Iterable[str], text: str) -> str:
    """Return the longest name with which `text` begins as a whole word; "" for none."""
    fitting = [n for n in names if text.startswith(n) and not text[len(n) : len(n) + 1].isalnum()]
    return max(fitting, key=len, default="")
