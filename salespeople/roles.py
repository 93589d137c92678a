"""The three roles, as Django groups: Salesperson ⊂ Manager ⊂ Administrator."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, Group
from django.utils.translation import gettext_noop

from salespeople.models import User

SALESPERSON = gettext_noop("Salesperson")
MANAGER = gettext_noop("Manager")
ADMINISTRATOR = gettext_noop("Administrator")
ROLES = (SALESPERSON, MANAGER, ADMINISTRATOR)


def is_manager(user: User | AnonymousUser) -> bool:
    """Say whether `user` has the rights of a manager (administrators have them too)."""
    return bool(_roles(user) & {MANAGER, ADMINISTRATOR})


def is_administrator(user: User | AnonymousUser) -> bool:
    """Say whether `user` may configure and purge."""
    return ADMINISTRATOR in _roles(user)


def _roles(user: User | AnonymousUser) -> set[str]:
    """Return the names of the user's roles, kept on the user object for one request."""
    if not user.is_authenticated or not user.is_active:
        return set()
    if user.is_superuser:
        return set(ROLES)
    if not hasattr(user, "_roles"):
        user._roles = set(user.groups.values_list("name", flat=True))  # type: ignore[union-attr]
    found: set[str] = user._roles  # type: ignore[union-attr]
    return found


def create_roles(using: str, **kwargs: Any) -> None:
    """Create the groups that are missing (after every migrate)."""
    for name in ROLES:
        Group.objects.using(using).get_or_create(name=name)
