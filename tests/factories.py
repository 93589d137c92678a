"""Factories of everything the tests need; opportunities come through the door.

alice manages, bob sells in her team, charlie sells in another team.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import factory
from django.contrib.auth.models import Group

from contacts.models import Contact, Industry
from opportunities import lifecycle
from opportunities.models import Opportunity
from quotes.models import Quote
from salescycles.models import CloseReason, SalesCycle, SalesCycleStage
from salespeople.models import Salesperson, Team, TeamMembership, User


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


class QuoteFactory(factory.django.DjangoModelFactory[Quote]):
    """A draft quote of 900."""

    class Meta:
        model = Quote

    contact = factory.LazyAttribute(lambda quote: quote.opportunity.contact)
    amount = Decimal(900)
    created_by = factory.SubFactory(UserFactory)
