"""A search ends in time, whatever was typed: the database stops it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

CANCELLED = "57014"  # PostgreSQL's query_canceled
# How alike two words must be, as the part of their trigrams that they share: fewer brings chance.
ALIKE = "0.5"
SET = """
SELECT set_config('statement_timeout', %s, true),
       set_config('pg_trgm.word_similarity_threshold', %s, true),
       set_config('jit', 'off', true)
"""


class Late(Exception):
    """The database did not answer in time."""


@contextmanager
def time_limit(milliseconds: int) -> Iterator[None]:
    """Let each query within end after so long; raises Late when one did not finish.

    What is within only reads: it is rolled back, and with it go the settings.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(SET, [str(milliseconds), ALIKE])
            yield
            transaction.set_rollback(True)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != CANCELLED:
            raise
        raise Late from error
