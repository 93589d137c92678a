"""A purged opportunity takes its files and those of its quotes along (rules D11).

The rows go with it; what lies on disk then has no row, and is swept.
"""

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
            AND c.conrelid = 'files_attachment'::regclass
            AND c.confrelid IN ('opportunities_opportunity'::regclass, 'quotes_quote'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE files_attachment DROP CONSTRAINT %I', found.conname);
        EXECUTE format(
            'ALTER TABLE files_attachment ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %s (id)'
            ' ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED',
            found.conname, found.attname, found.parent
        );
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]
    operations = [migrations.RunSQL(REPLACE, migrations.RunSQL.noop)]
