"""The list of contacts, as the pages of views, columns, files and many rows know it."""

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from contacts.bulk import BULK
from contacts.columns import COLUMNS
from contacts.filters import ContactFilter
from contacts.groups import GROUPS
from contacts.models import Contact, ContactQuerySet
from lists.kinds import ListKind
from salespeople.roles import is_manager


def listed(request: HttpRequest, _query: QueryDict) -> ContactQuerySet:
    """Return what the person may see."""
    return Contact.objects.visible_to(request.user)


CONTACTS = ListKind(
    name="contacts",
    label=_("Contacts"),
    page="contacts:list",
    columns=COLUMNS,
    filters=ContactFilter,
    rows=listed,
    groups=GROUPS,
    usual_sort="name",
    may_share=is_manager,
    bulk=BULK,
)
