"""What the page of a contact shows, in a fixed number of queries."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.http import urlencode

from contacts.countries import country_name
from contacts.models import Contact, Tag
from crm.dates import today
from salespeople.models import User
from salespeople.visibility import visible_ids

MOST_PEOPLE = 50
MOST_OPEN = 15
MOST_TASKS = 5
MOST_ROLES = 30


@dataclass(frozen=True)
class Figure:
    """How many opportunities, what they are worth together, and where they are listed."""

    number: int
    value: Decimal
    url: str


@dataclass(frozen=True)
class ContactPage:
    """The page; of a company's people and of what is open, the first ones."""

    contact: Contact
    country: str
    people: list[Contact]
    people_number: int
    opportunities: list[Any]
    open: Figure
    won: Figure
    lost: Figure
    roles: list[Any]
    tags: list[Tag]
    talk: Any
    tasks: list[Any]
    has_more_tasks: bool
    may_see_salesperson: bool
    may_be_chosen: bool


def contact_page(contact: Contact, user: User) -> ContactPage:
    """Read the page of a contact, with the opportunities and talks that `user` may see.

    A company shows those of all its people, as they were assigned (R149). Won
    ones are summed by their sales value, open and lost ones by the estimate.
    """
    parameter = "company" if contact.is_company else "contact"
    prefix = "company_" if contact.is_company else ""
    rows = getattr(contact, f"{prefix}opportunities").visible_to(user).kept()

    def figure(status: str, found: Any, column: str = "estimated_value") -> Figure:
        sums = found.aggregate(number=Count("pk"), value=Sum(column))
        address = urlencode([(parameter, str(contact.pk)), ("status", status)])
        return Figure(
            sums["number"],
            sums["value"] or Decimal(0),
            f"{reverse('opportunities:list')}?{address}",
        )

    visible = visible_ids(user)
    company = contact.company
    tasks = _first_tasks(getattr(contact, f"{prefix}tasks").visible_to(user))
    return ContactPage(
        contact=contact,
        country=country_name(contact.country),
        people=list(contact.people.all()[:MOST_PEOPLE]),
        people_number=contact.people.count(),
        opportunities=_first_open(rows),
        open=figure("open", rows.open()),
        won=figure("won", rows.won(), "calculated_value"),
        lost=figure("lost", rows.lost()),
        roles=_roles(contact, user),
        tags=list(contact.tags.all()),
        talk=getattr(contact, f"{prefix}interactions").visible_to(user).figures(),
        tasks=tasks[:MOST_TASKS],
        has_more_tasks=len(tasks) > MOST_TASKS,
        may_see_salesperson=visible is None or contact.salesperson_id in visible,
        may_be_chosen=not (contact.is_blocked or (company is not None and company.is_blocked)),
    )


def _first_tasks(tasks: Any) -> list[Any]:
    """Return the open ones that are due first, and one more than is shown."""
    found = tasks.open().select_related("salesperson", "team", "contact")
    return list(found.order_by("due_on", "pk")[: MOST_TASKS + 1])


def _roles(contact: Contact, user: User) -> list[Any]:
    """Return where a person, or somebody of a company, has a say, the newest first.

    Only in opportunities that `user` may see, and that are not deleted.
    """
    roles: Any = Contact._meta.get_field("roles").related_model
    of_contact = Q(contact=contact, opportunity__is_deleted=False)
    if contact.is_company:
        of_contact |= Q(contact__company=contact, opportunity__is_deleted=False)
    found = roles.objects.visible_to(user).filter(of_contact)
    related = ("contact", "opportunity__stage", "opportunity__contact", "opportunity__company")
    return list(found.select_related(*related).order_by("-pk")[:MOST_ROLES])


def _first_open(rows: Any) -> list[Any]:
    """Return the open ones that close first, each told whether its date has passed."""
    found = list(
        rows.open()
        .select_related("stage", "contact", "salesperson")
        .order_by("estimated_close_on", "pk")[:MOST_OPEN]
    )
    for row in found:
        row.is_past = row.is_past_close_date(today())
    return found
