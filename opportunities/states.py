"""The state of every opportunity on a day: as we know it now, or as it was known at a moment.

A state is an entry that held on that day (house.md 4). Its columns are called
as those of an opportunity, so that conditions, sums and pages serve both.
"""

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from opportunities.state import CLOSED, OPEN
from salespeople.visibility import Person, visible_ids_on


class StatesQuerySet[M: models.Model](models.QuerySet[M]):
    """The vocabulary of questions about a day; each begins with `as_of` or `as_known`."""

    def as_of(self, day: date) -> Self:
        """Return the state of each opportunity on `day`, as we know it now."""
        return self.filter(_unclaimed(day), effective_on__lte=day)

    def as_known(self, day: date, at: datetime) -> Self:
        """Return the state of each opportunity on `day`, as it was known at `at`.

        Among the entries recorded by then, that of the highest sequence which
        holds by that day. What no entry claims even now needs no second look;
        only where something was dated back over the day afterwards do the
        entries that were known have to be compared.
        """
        claims = self.model._default_manager.order_by().filter(effective_on__lte=day)
        dated_back = claims.filter(recorded_at__gt=at)
        beyond = claims.filter(
            opportunity=OuterRef("opportunity"),
            sequence__gt=OuterRef("sequence"),
            recorded_at__lte=at,
        )
        overruled = Q(opportunity__in=dated_back.values("opportunity")) & ~Exists(beyond)
        return self.filter(_unclaimed(day) | overruled, effective_on__lte=day, recorded_at__lte=at)

    def as_known_at(self, moment: datetime) -> Self:
        """Return the newest entries as they were recorded at `moment`, whatever their day."""
        return self.filter(
            Q(superseded_at__isnull=True) | Q(superseded_at__gt=moment), recorded_at__lte=moment
        )

    def seen_by(self, user: Person, day: date) -> Self:
        """Return the states of `day` that `user` may see (product.md 2).

        What decides is the state's salesperson, and where he or she was at home
        on that day.
        """
        ids = visible_ids_on(user, day)
        return self.all() if ids is None else self.filter(salesperson__in=ids)

    def kept(self) -> Self:
        """Return those that were not deleted."""
        return self.filter(is_deleted=False)

    def open(self) -> Self:
        """Return those that were not started or in progress."""
        return self.filter(status__in=OPEN)

    def closed(self) -> Self:
        """Return those that were won or lost by then."""
        return self.filter(status__in=CLOSED)


def _unclaimed(day: date) -> Q:
    return Q(superseded_on__isnull=True) | Q(superseded_on__gt=day)
