"""What is purged or deleted past Django takes its changes along (rules D11)."""

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
        WHERE c.contype = 'f' AND c.conrelid = 'changes_change'::regclass
            AND a.attname <> 'changed_by_id'
    LOOP
        EXECUTE format('ALTER TABLE changes_change DROP CONSTRAINT %I', found.conname);
        EXECUTE format(
            'ALTER TABLE changes_change ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %s (id)'
            ' ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED',
            found.conname, found.attname, found.parent
        );
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("changes", "0001_initial")]
    operations = [migrations.RunSQL(REPLACE, migrations.RunSQL.noop)]
