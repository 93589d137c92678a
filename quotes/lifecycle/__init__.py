"""The door of quotes: whatever writes a quote, its lines or its documents comes here.

A quote is made and answered while its opportunity is open; the door locks the
opportunity's row, so that no gate is passed while the quote that opens it is being
declined. Every function takes `by`, and `seen`, the version that the person looked at:
`Conflict` if it has changed since. It returns the fresh quote; asking for what is
already so writes nothing.
"""

from quotes.lifecycle.answering import (
    STEPS,
    accept,
    change_status,
    decline,
    expire,
    expire_past,
    mail,
    revise,
    send,
    take_back,
)
from quotes.lifecycle.lines import MOST_LINES, NewLine, checked_lines
from quotes.lifecycle.locking import Conflict
from quotes.lifecycle.writing import create, edit, proposed_lines

__all__ = [
    "MOST_LINES",
    "STEPS",
    "Conflict",
    "NewLine",
    "accept",
    "change_status",
    "checked_lines",
    "create",
    "decline",
    "edit",
    "expire",
    "expire_past",
    "mail",
    "proposed_lines",
    "revise",
    "send",
    "take_back",
]
