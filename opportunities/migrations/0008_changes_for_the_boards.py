"""Changes that open boards should hear of, noted by triggers (ADR 0018).

- `crm_note_opportunities`, on opportunities: notes the rows of a statement.
- `crm_note_their_opportunities`, on tasks (and, in its own room, on quotes):
  notes the opportunities that the rows name, before and after.

A note is a row that is only added, so that writing it waits for nobody. Now
and then the writer throws away some that are older than an hour, and passes
over those that another one is throwing away.
"""

import django.db.models.functions.datetime
from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION crm_forget_changes() RETURNS void LANGUAGE sql AS $$
    DELETE FROM opportunities_boardchange WHERE id IN (
        SELECT id FROM opportunities_boardchange
        WHERE noted_at < clock_timestamp() - interval '1 hour'
        ORDER BY noted_at LIMIT 5000 FOR UPDATE SKIP LOCKED
    );
$$;

CREATE FUNCTION crm_note_opportunities() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO opportunities_boardchange (transaction, opportunity, noted_at)
    SELECT pg_current_xact_id()::text::bigint, id, clock_timestamp() FROM changed;
    IF random() < 0.01 THEN
        PERFORM crm_forget_changes();
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION crm_note_their_opportunities() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO opportunities_boardchange (transaction, opportunity, noted_at)
    SELECT DISTINCT pg_current_xact_id()::text::bigint, opportunity_id, clock_timestamp()
    FROM changed WHERE opportunity_id IS NOT NULL;
    IF random() < 0.01 THEN
        PERFORM crm_forget_changes();
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER note_added AFTER INSERT ON opportunities_opportunity
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION crm_note_opportunities();
CREATE TRIGGER note_changed AFTER UPDATE ON opportunities_opportunity
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION crm_note_opportunities();
CREATE TRIGGER note_removed AFTER DELETE ON opportunities_opportunity
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION crm_note_opportunities();

CREATE TRIGGER note_added AFTER INSERT ON tasks_task
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION crm_note_their_opportunities();
CREATE TRIGGER note_changed AFTER UPDATE ON tasks_task
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION crm_note_their_opportunities();
CREATE TRIGGER note_left AFTER UPDATE ON tasks_task
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION crm_note_their_opportunities();
CREATE TRIGGER note_removed AFTER DELETE ON tasks_task
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION crm_note_their_opportunities();
"""
WITHOUT = """
DROP TRIGGER note_added ON opportunities_opportunity;
DROP TRIGGER note_changed ON opportunities_opportunity;
DROP TRIGGER note_removed ON opportunities_opportunity;
DROP TRIGGER note_added ON tasks_task;
DROP TRIGGER note_changed ON tasks_task;
DROP TRIGGER note_left ON tasks_task;
DROP TRIGGER note_removed ON tasks_task;
DROP FUNCTION crm_note_opportunities();
DROP FUNCTION crm_note_their_opportunities();
DROP FUNCTION crm_forget_changes();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("opportunities", "0007_words_of_roles"),
        ("tasks", "0006_mail_templates"),
    ]
    operations = [
        migrations.CreateModel(
            name="BoardChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "transaction",
                    models.BigIntegerField(db_index=True, verbose_name="transaction"),
                ),
                ("opportunity", models.BigIntegerField(verbose_name="opportunity")),
                (
                    "noted_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        db_index=True,
                        verbose_name="noted at",
                    ),
                ),
            ],
            options={
                "verbose_name": "change for the boards",
                "verbose_name_plural": "changes for the boards",
            },
        ),
        migrations.RunSQL(FUNCTIONS, WITHOUT),
    ]
