"""A search that cannot be answered in time says so, and shows what it has."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from salespeople.models import User
from tests.factories import CompanyFactory
from tests.opportunities.pages import signed_in


@contextmanager
def locked(table: str) -> Iterator[None]:
    """Let everybody who reads the table wait."""
    begun, done = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                begun.set()
                done.wait(30)
        finally:
            connection.close()

    holder = Thread(target=hold)
    holder.start()
    try:
        assert begun.wait(10)
        yield
    finally:
        done.set()
        holder.join()


@pytest.mark.django_db(transaction=True)
def test_a_kind_that_is_late_is_told_and_hides_no_other(bob: User) -> None:
    CompanyFactory(name="Roof AS")
    client = signed_in(bob)
    client.get("/search/", {"q": "roof"})
    with locked("quotes_quote"):
        page = client.get("/search/", {"q": "roof"})
        offered = client.get("/search/suggest/", {"q": "roof"})

    late = {kind: group.is_late for kind, group in page.context["found"].by_kind.items()}
    assert [kind for kind, is_late in late.items() if is_late] == ["quote"]
    text = page.content.decode()
    assert "Not everything could be searched in time." in text
    assert 'href="/contacts/' in text
    assert "Roof" in offered.content.decode()
