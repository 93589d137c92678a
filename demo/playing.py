"""Plays the plans of the demo data through the door, day by day, as of the past."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from random import Random

from crm.dates import today
from demo.cycles import create_cycles, create_reasons
from demo.dice import moment_on, one_in, weighted
from demo.people import Seller, Staff
from demo.plans import Plan, Step, Verb
from demo.products import create_products, lines_for
from opportunities import lifecycle
from opportunities.models import Opportunity
from quotes import lifecycle as quotes
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
        self.products = create_products()

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
                tellings[number].tell(place)
        for telling in tellings:
            telling.renew_quote()
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

    def tell(self, place: int) -> None:
        """Do one step of the plan."""
        step = self.plan.steps[place]
        match step.verb:
            case Verb.CREATE:
                self._create(step)
            case Verb.MOVE:
                self._move(step)
            case Verb.UPDATE | Verb.MISTAKE:
                self._update(step)
            case Verb.REASSIGN | Verb.CONTACT:
                self._reassign(step)
            case Verb.WIN:
                self._win(step)
            case Verb.LOSE:
                self._lose(step)
            case Verb.REOPEN:
                self._reopen(step)
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

    def _move(self, step: Step) -> None:
        if step.value is not None:
            self._make_quote(step.value)
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

    def _win(self, step: Step) -> None:
        self._answer_quote(Quote.Status.ACCEPTED)
        reason = self.player.reason(CloseReason.Kind.WON)
        self.opportunity = lifecycle.win(
            self.opportunity, by=self.user, reason=reason, on=step.on, note=step.note
        )

    def _lose(self, step: Step) -> None:
        is_forgotten = one_in(self.player.random, 4)
        self._answer_quote(Quote.Status.EXPIRED if is_forgotten else Quote.Status.DECLINED)
        reason = self.player.reason(CloseReason.Kind.LOST)
        self.opportunity = lifecycle.lose(
            self.opportunity, by=self.user, reason=reason, on=step.on, note=step.note
        )

    def _reopen(self, step: Step) -> None:
        self.opportunity = lifecycle.reopen(
            self.opportunity,
            by=self.player.staff.head.user,
            on=step.on,
            estimated_close_on=step.close_on,
            note=step.note,
        )
        self._answer_quote(Quote.Status.SENT)

    def renew_quote(self) -> None:
        """Offer once more, as of some days ago, what is open and was offered long ago."""
        quote, random = self.quote, self.player.random
        if quote is None or quote.valid_until is None or not self.opportunity.is_open:
            return
        on = today() - timedelta(days=random.randint(1, 25))
        if on <= quote.valid_until or one_in(random, 6):
            return
        if quote.is_draft:
            quotes.edit(quote, by=self.user, valid_until=on + timedelta(days=30))
            return
        with lifecycle.recording_at(moment_on(random, on)):
            self.quote = quotes.revise(quote, by=self.user)
            self._answer_quote(Quote.Status.SENT)

    def _make_quote(self, amount: Decimal) -> None:
        lines = lines_for(self.player.random, self.player.products, amount)
        self.quote = quotes.create(self.opportunity, by=self.user, lines=lines)
        if not one_in(self.player.random, 5):
            self._answer_quote(Quote.Status.SENT)

    def _answer_quote(self, status: Quote.Status) -> None:
        if self.quote is None:
            return
        if status not in (*quotes.STEPS[self.quote.status], self.quote.status):
            self.quote = quotes.revise(self.quote, by=self.user)
        self.quote = quotes.change_status(self.quote, status, by=self.user)
