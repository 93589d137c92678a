"""What a board stands on: the cycle, the rows that the filters leave, and who looks."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Q

from crm.dates import today
from opportunities import populations
from opportunities.lifecycle.moving import stages_of
from opportunities.populations import Narrowed, Population
from salescycles.models import SalesCycle, SalesCycleStage
from salespeople.models import User

PERIOD = ("close_from", "close_until")


@dataclass(frozen=True)
class Ground:
    """The open opportunities of one cycle, narrowed by a person's filters.

    `any_period` is `narrowed` without the filters by close date: what closed
    this month is asked by the day it closed. `chosen` names the filters in use,
    `period` holds those by close date.
    """

    cycle: SalesCycle
    user: User
    narrowed: Narrowed
    any_period: Narrowed
    chosen: frozenset[str] = frozenset()
    period: tuple[date | None, date | None] = (None, None)

    @cached_property
    def here(self) -> Population:
        """Everything of the cycle, whatever its status."""
        return populations.in_cycle(self.cycle)

    @cached_property
    def open(self) -> Population:
        """What the board shows."""
        return self.here & populations.in_status("open")

    @cached_property
    def day(self) -> date:
        """The day on which the board is looked at."""
        return today()

    @cached_property
    def stages(self) -> list[SalesCycleStage]:
        """The stages of the cycle in order, blocked ones included."""
        return stages_of(self.cycle)

    def url_of(self, population: Population, *, instead_of: Container[str] = ()) -> str:
        """Return the list of these rows; `instead_of` names filters that the population repeats."""
        kept = tuple(pair for pair in self.narrowed.parameters if pair[0] not in instead_of)
        return Narrowed(self.narrowed.rows, kept).url_of(population)


@dataclass(frozen=True)
class Place:
    """A column of a board: its key, its title, the condition of its rows, and their list.

    `stage` is set where the columns are stages, `first` (a day) where they are
    months; `is_blocked` where nothing can be dropped.
    """

    key: str
    title: str
    condition: Q
    url: str
    stage: SalesCycleStage | None = None
    is_blocked: bool = False
    first: date | None = None
