"""What the tests of undo share."""

from typing import Any

from django.test import Client

from changes import lifecycle
from changes.models import Change
from salespeople.models import User


def newest(**record: Any) -> Change:
    """Return the newest standing change of a row."""
    return Change.objects.standing().filter(**record)[0]


def undone(by: User, **record: Any) -> None:
    """Take back the newest standing change of a row."""
    lifecycle.undo(newest(**record), by=by)


def undo_of(client: Client, address: str) -> dict[str, Any]:
    """Return where the receipt on a page sends its Undo, and with what."""
    message = next(m for m in client.get(address).context["messages"] if "undo:" in m.extra_tags)
    _undo, room, verb, pk, *fields = next(
        word for word in message.extra_tags.split() if word.startswith("undo:")
    ).split(":")
    return {"room": room, "verb": verb, "pk": pk, "fields": dict(f.split("=") for f in fields)}


def press_undo(client: Client, address: str) -> Any:
    """Press Undo on the receipt of a page; return the answer."""
    found = undo_of(client, address)
    where = {
        "changes": f"/changes/{found['pk']}/undo/",
        "opportunities": f"/opportunities/acts/{found['pk']}/undo/",
    }
    return client.post(where[found["room"]], found["fields"] | {"next": address})
