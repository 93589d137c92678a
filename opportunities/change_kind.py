"""What changes beside the ledger are called, and how one is taken back (ADR 0022)."""

from typing import Any

from django.utils.translation import gettext_lazy

from changes.kinds import ChangeKind
from changes.lifecycle import values_before
from changes.models import Change
from contacts import tags
from contacts.models import Contact
from opportunities import lifecycle, people
from opportunities.lifecycle.checks import check_kept
from opportunities.lifecycle.ledger import locked
from opportunities.models import Opportunity, OpportunityContact
from salespeople.models import User


def undo(change: Change, *, by: User) -> None:
    """Take back an edit of the description and the like, a tag or a role."""
    if change.verb.endswith("_person"):
        people.take_back(change, by=by)
        return
    opportunity: Any = change.opportunity
    with locked(opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        if change.verb in ("tag", "untag"):
            tags.take_back(fresh, change, by=by)
            return
        wishes = values_before(change, fresh)
        clears = "segment" in wishes and wishes["segment"] is None
        lifecycle.edit(fresh, by=by, clears_segment=clears, **wishes)


OPPORTUNITIES = ChangeKind(
    name="opportunity",
    rows=Opportunity.objects.visible_to,
    undo=undo,
    words={
        "edit": gettext_lazy("edited it"),
        "tag": gettext_lazy("put a tag on it"),
        "untag": gettext_lazy("took a tag off it"),
        "add_person": gettext_lazy("gave somebody a role in it"),
        "change_person": gettext_lazy("changed the role of somebody in it"),
        "remove_person": gettext_lazy("took somebody’s role in it away"),
    },
    labels={
        "tag": gettext_lazy("Tag"),
        "person": gettext_lazy("Contact"),
        "role": gettext_lazy("Role"),
    },
    relations={"person": Contact},
    choices={"role": dict(OpportunityContact.Role.choices)},
)
