"""A purged opportunity takes along what was told of it, and of its quotes (rules D11)."""

from django.db import migrations

REPLACE = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT c.conname, c.confrelid::regclass AS parent, a.attname
        FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f'
            AND c.conrelid = 'notices_noticerecord'::regclass
            AND c.confrelid IN ('opportunities_opportunity'::regclass,
                                'opportunities_opportunityentry'::regclass,
                                'quotes_quote'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE notices_noticerecord DROP CONSTRAINT %I', found.conname);
        EXECUTE format(
            'ALTER TABLE notices_noticerecord ADD CONSTRAINT %I FOREIGN KEY (%I)'
            ' REFERENCES %s (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED',
            found.conname, found.attname, found.parent
        );
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_channels")]
    operations = [migrations.RunSQL(REPLACE, migrations.RunSQL.noop)]
