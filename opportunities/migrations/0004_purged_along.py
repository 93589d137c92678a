"""A purged opportunity takes its people, tags and snoozes along (rules D11)."""

from django.db import migrations

REPLACE = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT c.conname, c.conrelid::regclass AS child
        FROM pg_constraint c
        WHERE c.contype = 'f'
            AND c.conrelid IN ('opportunities_opportunitycontact'::regclass,
                               'opportunities_opportunity_tags'::regclass,
                               'opportunities_snooze'::regclass)
            AND c.confrelid = 'opportunities_opportunity'::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.child, found.conname);
        EXECUTE format(
            'ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (opportunity_id)'
            ' REFERENCES opportunities_opportunity (id)'
            ' ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED',
            found.child, found.conname
        );
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0003_people_tags_snoozes")]
    operations = [migrations.RunSQL(REPLACE, migrations.RunSQL.noop)]
