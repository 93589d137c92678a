"""Plays the plans of the demo data through the door, day by day, as of the past."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from random import Random

from demo.cycles import create_cycles, create_reasons
from demo.dice import one_in, weighted
from demo.people import Seller, Staff
from demo.plans import Plan, Step, Verb
from opportunities import lifecycle
from opportunities.models import Opportunity
from quotes.models import Quote
from salescycles.models import CloseReason, SalesCycle, SalesCycleStage
from salespeople.models import User


class Player:
    """Writes opportunities, entries and quotes; what a plan says, the door does."""

    def __init__(self, random: Random, staff: Staff) -> None:
        self.random = random
        self.staff = staff
        self.cycles = create_cycles()
        self.stages = {code: list(cycle.stages.all()) for code, cycle in self.cycles.items()}
        self.reasons = create_reasons()

    def play(self, plans: Iterable[Plan]) -> int:
        """Write everything in the order in which it was recorded; return the number of plans."""
        tellings = [Telling(self, plan) for plan in plans]
        calls = sorted(
            (moment, number, place)
            for number, telling in enumerate(tellings)
            for place, moment in enumerate(telling.plan.moments)
        )
        for moment, number, place in calls:
            with lifecycle.recording_at(moment):
                tellings[number].tell(place, moment)
        return len(tellings)

    def reason(self, kind: CloseReason.Kind) -> CloseReason:
        """Return a reason for closing; the first of the list more often."""
        reasons = [reason for reason in self.reasons if reason.kind == kind]
        return weighted(
            self.random, [(reason, 2 + place % 4) for place, reason in enumerate(reasons)]
        )


class Telling:
    """One opportunity while its plan is being played."""

    opportunity: Opportunity
    quote: Quote | None = None

    def __init__(self, player: Player, plan: Plan) -> None:
        self.player = player
        self.plan = plan
        self.seller: Seller = plan.seller

    @property
    def user(self) -> User:
        """Who writes: the one who sells it at that time."""
        return self.seller.user

    @property
    def cycle(self) -> SalesCycle:
        """The sales cycle."""
        return self.player.cycles[self.plan.cycle.code]

    def stage(self, step: Step) -> SalesCycleStage:
        """The stage that a step enters."""
        return self.player.stages[self.plan.cycle.code][step.stage]

    def tell(self, place: int, moment: datetime) -> None:
        """Do one step of the plan."""
        step = self.plan.steps[place]
        match step.verb:
            case Verb.CREATE:
                self._create(step)
            case Verb.MOVE:
                self._move(step, moment)
            case Verb.UPDATE | Verb.MISTAKE:
                self._update(step)
            case Verb.REASSIGN | Verb.CONTACT:
                self._reassign(step)
            case Verb.WIN:
                self._win(step, moment)
            case Verb.LOSE:
                self._lose(step, moment)
            case Verb.REOPEN:
                self._reopen(step, moment)
            case Verb.DELETE:
                lifecycle.delete(self.opportunity, by=self.user, on=step.on, note=step.note)

    def _create(self, step: Step) -> None:
        self.opportunity = lifecycle.create(
            by=self.user,
            description=self.plan.description,
            priority=self.plan.priority,
            contact=self.plan.contact,
            salesperson=self.seller.salesperson,
            sales_cycle=self.cycle,
            campaign=self.plan.campaign,
            activate=self.plan.activate,
            estimated_value=step.value,
            estimated_close_on=step.close_on,
            on=step.on,
            note=step.note,
        )

    def _move(self, step: Step, moment: datetime) -> None:
        if step.value is not None:
            self._make_quote(step.value, moment)
        self.opportunity = lifecycle.move(
            self.opportunity,
            self.stage(step),
            by=self.user,
            on=step.on,
            estimated_value=step.value,
            estimated_close_on=step.close_on,
            note=step.note,
        )

    def _update(self, step: Step) -> None:
        self.opportunity = lifecycle.update(
            self.opportunity,
            by=self.user,
            on=step.on,
            estimated_value=step.value,
            chances_of_success=step.chances,
            estimated_close_on=step.close_on,
            note="" if step.verb == Verb.MISTAKE else step.note,
        )
        if step.verb == Verb.MISTAKE:
            entry = lifecycle.newest_standing(self.opportunity)
            self.opportunity = lifecycle.undo(entry, by=self.user, note=step.note)

    def _reassign(self, step: Step) -> None:
        by = self.player.staff.head if step.seller else self.seller
        self.opportunity = lifecycle.reassign(
            self.opportunity,
            by=by.user,
            salesperson=step.seller.salesperson if step.seller else None,
            contact=step.contact,
            on=step.on,
            note=step.note,
        )
        self.seller = step.seller or self.seller

    def _win(self, step: Step, moment: datetime) -> None:
        self._answer_quote(Quote.Status.ACCEPTED, moment)
        reason = self.player.reason(CloseReason.Kind.WON)
        self.opportunity = lifecycle.win(
            self.opportunity, by=self.user, reason=reason, on=step.on, note=step.note
        )

    def _lose(self, step: Step, moment: datetime) -> None:
        is_forgotten = one_in(self.player.random, 4)
        self._answer_quote(Quote.Status.EXPIRED if is_forgotten else Quote.Status.DECLINED, moment)
        reason = self.player.reason(CloseReason.Kind.LOST)
        self.opportunity = lifecycle.lose(
            self.opportunity, by=self.user, reason=reason, on=step.on, note=step.note
        )

    def _reopen(self, step: Step, moment: datetime) -> None:
        self.opportunity = lifecycle.reopen(
            self.opportunity,
            by=self.player.staff.head.user,
            on=step.on,
            estimated_close_on=step.close_on,
            note=step.note,
        )
        self._answer_quote(Quote.Status.SENT, moment)

    def _make_quote(self, amount: Decimal, moment: datetime) -> None:
        is_draft = one_in(self.player.random, 5)
        self.quote = Quote.objects.create(
            opportunity=self.opportunity,
            contact=self.opportunity.contact,
            amount=amount,
            status=Quote.Status.DRAFT if is_draft else Quote.Status.SENT,
            created_by=self.user,
        )
        self.quote.created_at = moment
        self.quote.save(update_fields=["created_at"])

    def _answer_quote(self, status: Quote.Status, moment: datetime) -> None:
        if self.quote is None:
            return
        self.quote.status = status
        self.quote.changed_at = moment
        self.quote.changed_by = self.user
        self.quote.save(update_fields=["status", "changed_at", "changed_by"])
