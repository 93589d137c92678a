"""The triggers that keep a quote and its lines together (ADR 0013).

- `crm_check_quote`, at commit: a quote's amount is the sum of its lines' amounts.
- `crm_guard_quote_document`: what was handed out is never changed, and goes only with
  its quote, as its lines do (rules D11).
"""

from django.db import migrations

CHECK = """
CREATE FUNCTION crm_check_quote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject bigint;
BEGIN
    IF TG_TABLE_NAME = 'quotes_quote' THEN
        subject := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        subject := OLD.quote_id;
    ELSE
        subject := NEW.quote_id;
        IF TG_OP = 'UPDATE' AND OLD.quote_id <> NEW.quote_id THEN
            RAISE EXCEPTION 'A line stays on its quote (line %)', NEW.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    PERFORM FROM quotes_quote q WHERE q.id = subject AND q.amount <> (
        SELECT coalesce(sum(l.amount), 0) FROM quotes_quoteline l WHERE l.quote_id = subject
    );
    IF FOUND THEN
        RAISE EXCEPTION 'Quote % disagrees with its lines', subject
            USING ERRCODE = 'integrity_constraint_violation',
            HINT = 'Quotes are changed by quotes.lifecycle only.';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER quote_agrees AFTER INSERT OR UPDATE OF amount
    ON quotes_quote DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION crm_check_quote();
CREATE CONSTRAINT TRIGGER quote_line_agrees AFTER INSERT OR UPDATE OR DELETE
    ON quotes_quoteline DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION crm_check_quote();
"""

GUARD = """
CREATE FUNCTION crm_guard_quote_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM FROM quotes_quote WHERE id = OLD.quote_id;
        IF NOT FOUND THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'What was handed out is never changed (document %)', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER quote_document_guard BEFORE UPDATE OR DELETE ON quotes_quotedocument
    FOR EACH ROW EXECUTE FUNCTION crm_guard_quote_document();
"""

ALONG = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT c.conname, c.conrelid::regclass AS child
        FROM pg_constraint c
        WHERE c.contype = 'f'
            AND c.conrelid IN ('quotes_quoteline'::regclass, 'quotes_quotedocument'::regclass)
            AND c.confrelid = 'quotes_quote'::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.child, found.conname);
        EXECUTE format(
            'ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (quote_id)'
            ' REFERENCES quotes_quote (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED',
            found.child, found.conname
        );
    END LOOP;
END $$;
"""

UNDO = """
DROP TRIGGER quote_document_guard ON quotes_quotedocument;
DROP FUNCTION crm_guard_quote_document();
DROP TRIGGER quote_line_agrees ON quotes_quoteline;
DROP TRIGGER quote_agrees ON quotes_quote;
DROP FUNCTION crm_check_quote();
"""


class Migration(migrations.Migration):
    dependencies = [("quotes", "0004_lines_of_old_quotes")]
    operations = [migrations.RunSQL(CHECK + GUARD + ALONG, UNDO)]
