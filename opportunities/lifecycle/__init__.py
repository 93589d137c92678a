"""The one door: every change of an opportunity goes through a function of this package.

Each function opens its own transaction, re-reads the row under a lock among
those that `by` may see, checks, writes one entry and saves the copy
(house.md 5). They raise `ValidationError` with sentences a salesperson
understands, `PermissionDenied` with who may do it instead, `Conflict` when
somebody was faster, and `Opportunity.DoesNotExist` for what `by` may not see.

`on` is the business date (None: today in the site's time zone), `seen` the
sequence of the entry that the person was looking at (None: whatever it is).
"""

from opportunities.lifecycle.acts import ActState, act_state, undo_act
from opportunities.lifecycle.allowed import (
    Allowed,
    allowed_actions,
    check_entering,
    check_may,
)
from opportunities.lifecycle.changing import delete, edit, reassign, restore
from opportunities.lifecycle.closing import lose, reopen, win
from opportunities.lifecycle.creation import (
    create,
    create_from_interaction,
    create_many,
)
from opportunities.lifecycle.ledger import Conflict, one_act, part_of, recording_at
from opportunities.lifecycle.moving import (
    PossibleMove,
    activate,
    move,
    moves_from,
    possible_moves,
    update,
)
from opportunities.lifecycle.parts import at_end, once, together_with
from opportunities.lifecycle.undoing import newest_of_act, newest_standing, undo
from opportunities.lifecycle.wishes import NewOpportunity

__all__ = [
    "ActState",
    "Allowed",
    "Conflict",
    "NewOpportunity",
    "PossibleMove",
    "act_state",
    "activate",
    "allowed_actions",
    "at_end",
    "check_entering",
    "check_may",
    "create",
    "create_from_interaction",
    "create_many",
    "delete",
    "edit",
    "lose",
    "move",
    "moves_from",
    "newest_of_act",
    "newest_standing",
    "once",
    "one_act",
    "part_of",
    "possible_moves",
    "reassign",
    "recording_at",
    "reopen",
    "restore",
    "together_with",
    "undo",
    "undo_act",
    "update",
    "win",
]
