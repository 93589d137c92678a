"""Writing millions of rows: foreign keys and indexes are taken away and put back at the end.

Putting a foreign key back checks all rows at once, and an index is built in
one go; both within the transaction that writes the rows. Unique and
partial indexes stay, and so do the triggers.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.db.models import Model

FOREIGN_KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
        pg_get_constraintdef(oid))
FROM pg_constraint
WHERE contype = 'f' AND conrelid = ANY (%s::regclass[])
ORDER BY conrelid, conname
"""
INDEXES = """
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index
WHERE NOT indisunique AND indpred IS NULL AND indrelid = ANY (%s::regclass[])
ORDER BY indrelid, indexrelid
"""


@contextmanager
def bare_tables(models: Sequence[type[Model]]) -> Iterator[None]:
    """Write to the tables of `models` without foreign keys and indexes; within a transaction."""
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(FOREIGN_KEYS, [tables])
        taken = cursor.fetchall()
        cursor.execute(INDEXES, [tables])
        taken += cursor.fetchall()
        for away, _back in taken:
            cursor.execute(away)
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for _away, back in reversed(taken):
            cursor.execute(back)


@contextmanager
def uncounted() -> Iterator[None]:
    """Write opportunities without a note of each in the totals: they are added up at the end.

    Within a transaction, which keeps everybody else out of the table.
    """
    counting = "ALTER TABLE opportunities_opportunity {} TRIGGER {}"
    triggers = ("count_added", "count_changed", "count_removed")
    with connection.cursor() as cursor:
        for name in triggers:
            cursor.execute(counting.format("DISABLE", name))
        yield
        for name in triggers:
            cursor.execute(counting.format("ENABLE", name))
        cursor.execute("SELECT crm_rebuild_totals()")
