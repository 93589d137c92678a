"""What a purged opportunity leaves behind: its tasks and interactions, without it (R105, R233)."""

from django.db import migrations

REPLACE = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT c.conname, c.conrelid::regclass AS child, c.confrelid::regclass AS parent,
            a.attname
        FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f'
            AND c.conrelid IN ('tasks_task'::regclass, 'tasks_interaction'::regclass)
            AND c.confrelid IN ('opportunities_opportunity'::regclass,
                                'opportunities_opportunityentry'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.child, found.conname);
        EXECUTE format(
            'ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %s (id)'
            ' ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED',
            found.child, found.conname, found.attname, found.parent
        );
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial")]
    operations = [migrations.RunSQL(REPLACE, migrations.RunSQL.noop)]
