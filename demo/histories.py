"""Invents the opportunities of the demo data: whose, with whom, and how it goes."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from contacts.models import Campaign, Contact
from demo import phrases
from demo.companies import Customer
from demo.cycles import EX_LARGE, EX_SMALL, EXISTING, FIRST_LARGE, FIRST_SMALL, NEW, Cycle
from demo.dice import amount, at_work, days_between, one_in
from demo.fates import Fate, Times, fates_of, reach_of, times_of
from demo.people import Seller, Staff
from demo.plans import (
    Course,
    Plan,
    Step,
    Verb,
    handing_over,
    in_order,
    middle,
    moments_of,
    priority_of,
)

MEDIAN_VALUE = 80_000
LARGE_FROM = 120_000


class Inventor:
    """Invents plans, from one seed always the same on the same day."""

    def __init__(
        self,
        random: Random,
        staff: Staff,
        customers: list[Customer],
        campaigns: list[Campaign],
        *,
        today: date,
        now: datetime,
    ) -> None:
        self.random = random
        self.staff = staff
        self.campaigns = campaigns
        self.today = today
        self.now = now
        self.customers = {
            code: [customer for customer in customers if customer.seller == seller]
            for code, seller in staff.sellers.items()
        }

    def plans(self) -> Iterator[Plan]:
        """Yield the plans of everybody's opportunities."""
        for seller in self.staff.sellers.values():
            for fate in fates_of(seller.profile):
                is_reopened_by_nobody = seller.profile.has_left and fate == Fate.REOPENED
                yield self._plan(seller, Fate.WON if is_reopened_by_nobody else fate)

    def _plan(self, seller: Seller, fate: Fate) -> Plan:
        customer = self._customer(seller)
        value = amount(self.random, MEDIAN_VALUE)
        cycle = self._cycle(customer, value)
        reach = reach_of(self.random, fate, cycle)
        times = times_of(self.random, fate, seller.profile, today=self.today, steps=reach + 1)
        contact = self._contact(customer)
        steps = self._steps(fate, cycle, value, times, reach)
        steps += [
            *self._reassigned(fate, seller, times),
            *self._handed_on(fate, contact, customer, times),
        ]
        steps = in_order(steps)
        return Plan(
            description=phrases.description_of(
                self.random, customer.industry, times.created_on.year
            ),
            priority=priority_of(self.random),
            seller=seller,
            contact=contact,
            cycle=cycle,
            campaign=self._campaign(times.created_on),
            activate=fate not in {Fate.NOT_STARTED, Fate.DROPPED},
            steps=steps,
            moments=moments_of(self.random, steps, self.now),
        )

    def _steps(
        self, fate: Fate, cycle: Cycle, value: Decimal, times: Times, reach: int
    ) -> list[Step]:
        """Return what happens from the creation to the end."""
        if fate in {Fate.NOT_STARTED, Fate.DROPPED}:
            return self._unstarted(fate, value, times)
        course = Course(self.random, cycle, value, self._first_aim(fate, times))
        created = Step(
            verb=Verb.CREATE,
            on=times.created_on,
            value=value,
            close_on=course.close_on,
            note=phrases.note(self.random, phrases.FIRST_NOTES),
        )
        middle(course, times, reach, is_open=not fate.is_closed)
        return [created, *course.steps, *self._ending(fate, times)]

    def _unstarted(self, fate: Fate, value: Decimal, times: Times) -> list[Step]:
        """Return the creation without a stage, and what becomes of it."""
        is_vague = one_in(self.random, 3)
        steps = [
            Step(
                verb=Verb.CREATE,
                on=times.created_on,
                value=None if is_vague else value,
                close_on=None if is_vague else times.aim,
                note=phrases.note(self.random, phrases.FIRST_NOTES),
            )
        ]
        if fate == Fate.DROPPED:
            return [*steps, *self._ending(fate, times)]
        if one_in(self.random, 6):
            text = phrases.DUPLICATE_NOTE
            return [*steps, Step(verb=Verb.DELETE, on=times.ended_on, note=text)]
        text = self.random.choice(phrases.UPDATE_NOTES)
        return [*steps, Step(verb=Verb.UPDATE, on=times.ended_on, note=text)]

    def _ending(self, fate: Fate, times: Times) -> list[Step]:
        won = Step(
            verb=Verb.WIN,
            on=times.ended_on,
            note=self.random.choice(phrases.WIN_NOTES),
        )
        lost = Step(
            verb=Verb.LOSE,
            on=times.ended_on,
            note=self.random.choice(phrases.LOSE_NOTES),
        )
        match fate:
            case Fate.WON:
                return [won]
            case Fate.LOST | Fate.DROPPED:
                return [lost]
            case Fate.REOPENED:
                return [*self._lost_and_reopened(times), won]
        return []

    def _lost_and_reopened(self, times: Times) -> list[Step]:
        lost_on = at_work(times.middle_until + timedelta(days=9))
        reopened_on = at_work(times.middle_until + timedelta(days=18))
        return [
            Step(verb=Verb.LOSE, on=lost_on, note=self.random.choice(phrases.LOSE_NOTES)),
            Step(
                verb=Verb.REOPEN,
                on=reopened_on,
                close_on=times.aim,
                note=phrases.REOPEN_NOTE,
            ),
        ]

    def _reassigned(self, fate: Fate, seller: Seller, times: Times) -> list[Step]:
        if fate in {Fate.NOT_STARTED, Fate.DROPPED} and not seller.profile.has_left:
            return []
        step = handing_over(self.random, seller, self.staff, times)
        return [step] if step else []

    def _handed_on(
        self, fate: Fate, contact: Contact, customer: Customer, times: Times
    ) -> list[Step]:
        """Return the step that names a colleague of the contact, at times."""
        others = [person for person in customer.people if person != contact]
        if fate.is_closed or contact.is_company or not others or not one_in(self.random, 20):
            return []
        day = days_between(self.random, times.created_on, times.ended_on, 1)[0]
        return [
            Step(
                verb=Verb.CONTACT,
                on=day,
                contact=self.random.choice(others),
                note=phrases.CONTACT_NOTE,
            )
        ]

    def _first_aim(self, fate: Fate, times: Times) -> date:
        """Return the close date hoped for at first; half of them are put off later."""
        early = at_work(times.aim - timedelta(days=self.random.randint(14, 60)))
        is_busy = times.ended_on > times.created_on
        if is_busy and early > times.created_on and one_in(self.random, 2):
            return early
        return times.aim

    def _customer(self, seller: Seller) -> Customer:
        """Return one whom the seller looks after; some of them more often than others."""
        codes = [seller.profile.code]
        if seller.profile.has_left:
            codes = [mate.profile.code for mate in self.staff.mates_of(seller)]
        pool = [customer for code in codes for customer in self.customers[code]]
        return pool[int(len(pool) * self.random.random() ** 1.5)]

    def _contact(self, customer: Customer) -> Contact:
        if not customer.people or one_in(self.random, 6):
            return customer.contact
        return self.random.choice(customer.people)

    def _cycle(self, customer: Customer, value: Decimal) -> Cycle:
        if customer.is_old:
            long = EX_LARGE if value >= LARGE_FROM else EX_SMALL
            return EXISTING if one_in(self.random, 3) else long
        long = FIRST_LARGE if value >= LARGE_FROM else FIRST_SMALL
        return NEW if one_in(self.random, 2) else long

    def _campaign(self, day: date) -> Campaign | None:
        for campaign in self.campaigns:
            first, last = campaign.starts_on or day, campaign.ends_on or day
            if first <= day <= last and one_in(self.random, 3):
                return campaign
        return None
