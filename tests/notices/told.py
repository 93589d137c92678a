"""What the tests of notices share: what somebody has been told, in words."""

from notices.models import Notice
from notices.reading import rows_of
from salespeople.models import User


def told(user: User) -> list[str]:
    """Return the sentences of a person's notices in the app, the oldest first."""
    fresh = User.objects.get(pk=user.pk)
    return [row.sentence for row in rows_of(Notice.objects.shown_to(fresh).order_by("pk"), fresh)]
