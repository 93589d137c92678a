"""What the tests of the search share: people, rows, and what is found."""

from typing import Any

from salespeople.models import User
from search.finding import Found, find
from search.typed import read


def found(text: str, user: User, **options: Any) -> Found:
    """Return what `user` finds for a text."""
    options.setdefault("each", 50)
    return find(read(text), User.objects.get(pk=user.pk), **options)


def titles(text: str, user: User, kind: str = "") -> list[str]:
    """Return the titles of the hits, the best kind first, or those of one kind."""
    groups = found(text, user).groups
    return [hit.title for group in groups for hit in group.hits if kind in ("", hit.kind)]


def numbers(text: str, user: User) -> list[str]:
    """Return the numbers of the hits."""
    return [hit.number for group in found(text, user).groups for hit in group.hits]
