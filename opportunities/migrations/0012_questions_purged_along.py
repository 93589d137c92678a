"""A purged opportunity takes its questions along (rules D11)."""

from django.db import migrations

REPLACE = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT c.conname
        FROM pg_constraint c
        WHERE c.contype = 'f'
            AND c.conrelid = 'opportunities_question'::regclass
            AND c.confrelid = 'opportunities_opportunity'::regclass
    LOOP
        EXECUTE format('ALTER TABLE opportunities_question DROP CONSTRAINT %I', found.conname);
        EXECUTE format(
            'ALTER TABLE opportunities_question ADD CONSTRAINT %I FOREIGN KEY (opportunity_id)'
            ' REFERENCES opportunities_opportunity (id)'
            ' ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED',
            found.conname
        );
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0011_questions")]
    operations = [migrations.RunSQL(REPLACE, migrations.RunSQL.noop)]
