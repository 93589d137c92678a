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


def _roles(user: User | AnonymousUser) -> frozenset[str]:
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    return frozenset(ROLES) if user.is_superuser else user.role_names


def create_roles(using: str, **_kwargs: Any) -> None:
    """Create the groups that are missing (after every migrate)."""
    for name in ROLES:
        Group.objects.using(using).get_or_create(name=name)
