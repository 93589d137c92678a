"""Tags on opportunities: beside the ledger, like the description (ADR 0014)."""

from contacts import tags
from contacts.models import Tag
from opportunities.lifecycle.checks import check_kept
from opportunities.lifecycle.ledger import locked
from opportunities.models import Opportunity
from salespeople.models import User


def add(opportunity: Opportunity, name: str, *, by: User) -> Tag:
    """Give it the tag of that name, which is made if there is none; a closed one too."""
    with locked(opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        return tags.put(fresh, name)


def remove(opportunity: Opportunity, tag: Tag, *, by: User) -> None:
    """Take a tag off; one that is not on it is off already."""
    with locked(opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        fresh.tags.remove(tag)
