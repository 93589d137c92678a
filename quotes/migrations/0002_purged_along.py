"""A purged opportunity takes its quotes along: only the purge can delete one (rules D11)."""

from django.db import migrations

REPLACE = """
DO $$
DECLARE
    found text;
BEGIN
    SELECT conname INTO STRICT found FROM pg_constraint
        WHERE conrelid = 'quotes_quote'::regclass
            AND confrelid = 'opportunities_opportunity'::regclass;
    EXECUTE format('ALTER TABLE quotes_quote DROP CONSTRAINT %I', found);
    EXECUTE format(
        'ALTER TABLE quotes_quote ADD CONSTRAINT %I FOREIGN KEY (opportunity_id)'
        ' REFERENCES opportunities_opportunity (id)'
        ' ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED',
        found
    );
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("quotes", "0001_initial")]
    operations = [migrations.RunSQL(REPLACE, migrations.RunSQL.noop)]
