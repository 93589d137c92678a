"""Any history of changes and undos leaves what replaying the standing changes would (U7)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from changes import lifecycle as door
from changes.models import Change
from contacts import lifecycle
from contacts.models import Contact
from salespeople.models import User

FIELDS = ("city", "job_title", "email", "website")
VALUES = {
    "city": ["", "Oslo", "Bergen"],
    "job_title": ["", "Head", "Buyer"],
    "email": ["", "a@example.com", "b@example.com"],
    "website": ["", "https://a.example.com"],
}
edits = st.dictionaries(st.sampled_from(FIELDS), st.integers(0, 2), min_size=1, max_size=3)
steps = st.lists(st.one_of(edits, st.integers(0, 8)), max_size=10)


def replayed(contact: Contact) -> dict[str, Any]:
    """Return the fields as the standing changes, in order, leave them."""
    found = dict.fromkeys(FIELDS, "")
    for change in Change.objects.standing().filter(contact=contact).order_by("pk"):
        found |= {name: value for name, value in change.after.items() if name in FIELDS}
    return found


@pytest.mark.django_db
@settings(max_examples=40)
@given(history=steps)
def test_any_history_of_edits_and_undos_equals_its_replay(
    bob: User, history: list[dict[str, int] | int]
) -> None:
    contact = lifecycle.create(by=bob, kind="person", first_name="Kari")
    for step in history:
        if isinstance(step, dict):
            wishes: dict[str, Any] = {n: VALUES[n][v % len(VALUES[n])] for n, v in step.items()}
            lifecycle.edit(contact, by=bob, **wishes)
            continue
        changes = Change.objects.filter(contact=contact, verb="edit")
        if changes:
            try:
                door.undo(changes[step % len(changes)], by=bob)
            except ValidationError as error:
                assert error.code in ("newer", "undone", "undo")  # noqa: PT017 - it may be refused
        contact.refresh_from_db()
        assert {name: getattr(contact, name) for name in FIELDS} == replayed(contact)
