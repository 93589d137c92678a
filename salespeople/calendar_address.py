"""The address of a person's calendar feed: signed, so that nothing secret is stored, and revocable.

`User.calendar_version` is counted up by each change: odd, there is an address;
even, there is none. So an address that was revoked never comes back.
"""

from django.core import signing
from django.db.models import F

from salespeople.models import User

SALT = "salespeople.calendar_address"
LONGEST_TOKEN = 200


def has_address(user: User) -> bool:
    """Say whether the person's feed has an address."""
    return user.calendar_version % 2 == 1


def token_of(user: User) -> str:
    """Return what the address ends with; "" where there is none."""
    if not has_address(user):
        return ""
    return signing.Signer(salt=SALT).sign_object([user.pk, user.calendar_version])


def user_of(token: str) -> User | None:
    """Return whose feed it is; None for a token that is forged, revoked, or of somebody gone."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        pk, version = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if not isinstance(pk, int) or not isinstance(version, int):
        return None
    user = User.objects.filter(pk=pk, calendar_version=version, is_active=True).first()
    return user if user is not None and has_address(user) else None


def renew(user: User) -> None:
    """Give the feed an address that it never had; the one before leads nowhere from now on."""
    _count_up(user, by=2 if has_address(user) else 1)


def revoke(user: User) -> None:
    """Let the address lead nowhere; without one, nothing happens."""
    if has_address(user):
        _count_up(user, by=1)


def _count_up(user: User, *, by: int) -> None:
    """Count from the version that was read, so that two clicks at once count as one."""
    rows = User.objects.filter(pk=user.pk, calendar_version=user.calendar_version)
    rows.update(calendar_version=F("calendar_version") + by)
    user.refresh_from_db(fields=["calendar_version"])
