"""From where something is logged, written or filed: an opportunity, a contact or a task."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.models import Contact, ContactQuerySet
from lists.parameters import integer
from salespeople.models import User
from salespeople.visibility import visible_ids
from tasks.models import Interaction, Task
from tasks.reading import seen_opportunity

NAMES = ("opportunity", "contact", "task")
OPPORTUNITY: Any = Interaction._meta.get_field("opportunity").related_model


@dataclass(frozen=True)
class Origin:
    """What the address names; of a task, also its contact, and the opportunity if one sees it."""

    opportunity: Any = None
    contact: Contact | None = None
    task: Task | None = None

    @property
    def url(self) -> str:
        """The page to go back to."""
        if self.opportunity is not None:
            return str(self.opportunity.get_absolute_url())
        if self.contact is not None:
            return self.contact.get_absolute_url()
        return reverse("interactions:list")

    @property
    def parameters(self) -> list[tuple[str, int]]:
        """How the address names it."""
        named = [(name, getattr(self, name)) for name in ("task", "opportunity", "contact")]
        return [(name, row.pk) for name, row in named if row is not None][:1]

    @property
    def record(self) -> Any:
        """The opportunity, else the contact; None where the address names nothing."""
        return self.opportunity or self.contact

    def people(self, by: User) -> ContactQuerySet | None:
        """Return who may be talked to about the opportunity; None where there is none.

        Its contact, the company with all its people, and who has a role in it.
        """
        row = self.opportunity
        if row is None:
            return None
        among = Q(pk=row.contact_id) | Q(pk__in=row.people.order_by().values("contact"))
        if row.company_id is not None:
            among |= Q(pk=row.company_id) | Q(company=row.company_id)
        return Contact.objects.visible_to(by).filter(among)


def person(request: HttpRequest) -> User:
    """Return who is signed in; the middleware lets nobody else pass."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def origin_of(request: HttpRequest) -> Origin:
    """Return what the address names; 404 for what the person may not see."""
    by = person(request)
    asked = {name: pk for name in NAMES if (pk := integer(request.GET, name)) is not None}
    if len(asked) > 1:
        raise BadRequest(_("Give the opportunity, the contact or the task, not several of them."))
    if "opportunity" in asked:
        rows = OPPORTUNITY.objects.visible_to(by).kept()
        found = get_object_or_404(
            rows.select_related("contact", "company", "salesperson"), pk=asked["opportunity"]
        )
        return Origin(opportunity=found, contact=found.contact)
    if "contact" in asked:
        contacts = Contact.objects.visible_to(by).select_related("company")
        return Origin(contact=get_object_or_404(contacts, pk=asked["contact"]))
    if "task" in asked:
        tasks = Task.objects.visible_to(by).select_related("opportunity__company", "contact")
        task = get_object_or_404(tasks, pk=asked["task"])
        opportunity = seen_opportunity(task, visible_ids(by))
        return Origin(opportunity=opportunity, contact=task.contact, task=task)
    return Origin()
