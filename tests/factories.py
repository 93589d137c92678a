"""Factories of everything the tests need; opportunities come through the door.

alice manages, bob sells in her team, charlie sells in another team.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import factory
from django.contrib.auth.models import Group
from django.utils import timezone

from contacts.models import Campaign, Contact, Industry
from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from quotes import lifecycle as quotes
from quotes.models import Product, Quote
from salescycles.models import (
    Activity,
    ActivityStep,
    CloseReason,
    SalesCycle,
    SalesCycleStage,
)
from salespeople.models import Salesperson, Team, TeamMembership, User
from tasks import lifecycle as task_door
from tasks.models import Task


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A user without a role; `role=` adds one."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")

    @factory.post_generation
    def role(self, create: bool, extracted: str | None, **kwargs: Any) -> None:
        """Put the user into the group of that name."""
        if extracted:
            self.groups.add(Group.objects.get(name=extracted))


class SalespersonFactory(factory.django.DjangoModelFactory[Salesperson]):
    """A salesperson who sees what is his or her own."""

    class Meta:
        model = Salesperson

    code = factory.Sequence(lambda n: f"S{n}")
    name = factory.Sequence(lambda n: f"Salesperson {n}")


class TeamFactory(factory.django.DjangoModelFactory[Team]):
    """A team without members."""

    class Meta:
        model = Team

    code = factory.Sequence(lambda n: f"T{n}")
    name = factory.Sequence(lambda n: f"Team {n}")


class TeamMembershipFactory(factory.django.DjangoModelFactory[TeamMembership]):
    """A home membership since 2020."""

    class Meta:
        model = TeamMembership

    from_on = date(2020, 1, 1)
    team = factory.SubFactory(TeamFactory)
    salesperson = factory.SubFactory(SalespersonFactory)


class IndustryFactory(factory.django.DjangoModelFactory[Industry]):
    """A line of business."""

    class Meta:
        model = Industry

    name = factory.Sequence(lambda n: f"Industry {n}")


class CompanyFactory(factory.django.DjangoModelFactory[Contact]):
    """A company."""

    class Meta:
        model = Contact

    kind = Contact.Kind.COMPANY
    name = factory.Sequence(lambda n: f"Company {n}")
    created_by = factory.SubFactory(UserFactory)


class PersonFactory(CompanyFactory):
    """A person without a company."""

    kind = Contact.Kind.PERSON
    first_name = "Kari"
    surname = factory.Sequence(lambda n: f"Nordmann{n}")
    name = factory.LazyAttribute(lambda person: f"{person.first_name} {person.surname}")


class CampaignFactory(factory.django.DjangoModelFactory[Campaign]):
    """A campaign that runs, activated; `is_activated=False` leaves it inert."""

    class Meta:
        model = Campaign

    class Params:
        is_activated = True

    description = factory.Sequence(lambda n: f"Campaign {n}")
    ends_on = factory.LazyFunction(lambda: today() + timedelta(days=30))
    activated_at = factory.Maybe("is_activated", factory.LazyFunction(timezone.now), None)
    activated_by = factory.Maybe("is_activated", factory.SubFactory(UserFactory), None)


class SalesCycleFactory(factory.django.DjangoModelFactory[SalesCycle]):
    """A cycle; `stages=` gives (completed, chances, flags) of each, flags of "S" and "Q"."""

    class Meta:
        model = SalesCycle
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"CYCLE{n}")
    name = factory.LazyAttribute(lambda cycle: cycle.code.title())

    @factory.post_generation
    def stages(
        self, create: bool, extracted: list[tuple[int, int, str]] | None, **kwargs: Any
    ) -> None:
        """Add the stages, numbered from 1 and named "Stage 1" and so on."""
        rows = [(10, 20, ""), (50, 40, ""), (90, 80, "")] if extracted is None else extracted
        for position, (completed, chances, flags) in enumerate(rows, start=1):
            SalesCycleStageFactory(
                sales_cycle=self,
                position=position,
                name=f"Stage {position}",
                completed=completed,
                chances_of_success=chances,
                allow_skip="S" in flags,
                quote_required="Q" in flags,
            )


class SalesCycleStageFactory(factory.django.DjangoModelFactory[SalesCycleStage]):
    """A stage."""

    class Meta:
        model = SalesCycleStage

    sales_cycle = factory.SubFactory(SalesCycleFactory, stages=[])
    position = factory.Sequence(lambda n: n + 1)
    name = factory.Sequence(lambda n: f"Stage {n}")


class ActivityFactory(factory.django.DjangoModelFactory[Activity]):
    """An activity; `steps=` gives (kind, date formula) of each: [("phone_call", "2D"), …]."""

    class Meta:
        model = Activity
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"ACT{n}")
    description = factory.Sequence(lambda n: f"Activity {n}")

    @factory.post_generation
    def steps(self, create: bool, extracted: list[tuple[str, str]] | None, **kwargs: Any) -> None:
        """Add the steps, numbered from 1 and named "Step 1" and so on."""
        for position, (kind, formula) in enumerate(extracted or [], start=1):
            ActivityStepFactory(activity=self, position=position, kind=kind, date_formula=formula)


class ActivityStepFactory(factory.django.DjangoModelFactory[ActivityStep]):
    """A step that is due on the day itself."""

    class Meta:
        model = ActivityStep

    activity = factory.SubFactory(ActivityFactory)
    position = factory.Sequence(lambda n: n + 1)
    description = factory.LazyAttribute(lambda step: f"Step {step.position}")


class CloseReasonFactory(factory.django.DjangoModelFactory[CloseReason]):
    """A reason for winning; `kind="lost"` for losing."""

    class Meta:
        model = CloseReason

    code = factory.Sequence(lambda n: f"R{n}")
    description = factory.Sequence(lambda n: f"Reason {n}")
    kind = CloseReason.Kind.WON


def make_opportunity(by: User, **options: Any) -> Opportunity:
    """Create an opportunity through the door; what is not given is made.

    `stage=` (a position) activates it and moves it there, through every stage
    between, with a value of 1,000 unless `estimated_value` says otherwise.
    """
    position = options.pop("stage", 0)
    if "salesperson" not in options:
        options["salesperson"] = getattr(by, "salesperson", None) or SalespersonFactory()
    options.setdefault("contact", None)
    options["contact"] = options["contact"] or CompanyFactory()
    if "sales_cycle" not in options:
        options["sales_cycle"] = SalesCycleFactory()
    options.setdefault("description", "A new roof")
    options.setdefault("estimated_value", Decimal(1000))
    on = options.get("on")
    opportunity = lifecycle.create(by=by, activate=position > 0, **options)
    for stage in opportunity.sales_cycle.stages.filter(position__lte=position)[1:]:
        opportunity = lifecycle.move(opportunity, stage, by=by, on=on)
    return opportunity


def make_task(by: User, **options: Any) -> Task:
    """Plan a task through the door, for today and for `by` unless the options say otherwise.

    With an opportunity it is its salesperson's.
    """
    options.setdefault("description", "Call back")
    options.setdefault("due_on", today())
    if not options.keys() & {"salesperson", "team", "opportunity"}:
        options["salesperson"] = getattr(by, "salesperson", None) or SalespersonFactory()
    return task_door.plan(by=by, **options)


class ProductFactory(factory.django.DjangoModelFactory[Product]):
    """A product of 100 with 25 % VAT."""

    class Meta:
        model = Product

    number = factory.Sequence(lambda n: f"P{n}")
    name = factory.Sequence(lambda n: f"Product {n}")
    unit = "pc"
    price = Decimal(100)
    vat_percent = Decimal(25)


class QuoteFactory(factory.django.DjangoModelFactory[Quote]):
    """A draft quote of 900 in one line; `status=` is what has become of it since."""

    class Meta:
        model = Quote

    opportunity: Any = None
    amount = Decimal(900)
    status = Quote.Status.DRAFT

    @classmethod
    def _create(
        cls,
        model_class: type[Quote],  # noqa: ARG003 - the signature is factory_boy's
        *args: Any,  # noqa: ARG003
        **options: Any,
    ) -> Quote:
        """Go through the door, as whoever sells it."""
        opportunity, amount = options["opportunity"], Decimal(options["amount"])
        by = opportunity.created_by
        lines = [quotes.NewLine(text="Work", price=amount)] if amount else []
        quote = quotes.create(opportunity, by=by, lines=lines)
        return quotes.change_status(quote, options["status"], by=by)
