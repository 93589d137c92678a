"""The triggers that make the ledger the truth (house.md 4, ADR 0001).

- `crm_guard_entry`: an entry is never changed or deleted. Only `superseded_on`
  may be filled or moved earlier, and `superseded_at` filled once; only
  `crm_purge_opportunity` may delete.
- `crm_check_opportunity`, at commit: the opportunity agrees with its newest
  entry in every state column.
- `crm_check_entry`, at commit: sequences are contiguous, recorded spans join,
  and `superseded_on` is the first day that a later entry claims.
- composite foreign keys: a stage belongs to the cycle, a reason to the outcome.
"""

from django.db import migrations

STATE_COLUMNS = (
    "sequence",
    "effective_on",
    "status",
    "sales_cycle_id",
    "stage_id",
    "stage_entered_on",
    "salesperson_id",
    "contact_id",
    "company_id",
    "campaign_id",
    "estimated_value",
    "chances_of_success",
    "completed",
    "probability",
    "calculated_value",
    "estimated_close_on",
    "closed_on",
    "close_reason_id",
    "is_deleted",
)


def _columns(alias: str) -> str:
    return ", ".join(f"{alias}.{column}" for column in STATE_COLUMNS)


GUARD = """
CREATE FUNCTION crm_guard_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stack text;
    before_on date := OLD.superseded_on;
    before_at timestamptz := OLD.superseded_at;
BEGIN
    IF TG_OP = 'DELETE' THEN
        GET DIAGNOSTICS stack = PG_CONTEXT;
        IF position('function crm_purge_opportunity(bigint,bigint)' IN stack) = 0 THEN
            RAISE EXCEPTION 'An opportunity entry is never deleted (entry %)', OLD.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END IF;
    OLD.superseded_on := NEW.superseded_on;
    OLD.superseded_at := NEW.superseded_at;
    IF OLD IS DISTINCT FROM NEW
        OR (before_at IS NOT NULL AND NEW.superseded_at IS DISTINCT FROM before_at)
        OR (before_on IS NOT NULL
            AND (NEW.superseded_on IS NULL OR NEW.superseded_on > before_on))
    THEN
        RAISE EXCEPTION 'An opportunity entry is never changed (entry %)', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION crm_guard_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Opportunity entries are never deleted'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER entry_guard BEFORE UPDATE OR DELETE ON opportunities_opportunityentry
    FOR EACH ROW EXECUTE FUNCTION crm_guard_entry();
CREATE TRIGGER entry_guard_truncate BEFORE TRUNCATE ON opportunities_opportunityentry
    FOR EACH STATEMENT EXECUTE FUNCTION crm_guard_entries();
"""

AGREE = f"""
CREATE FUNCTION crm_check_opportunity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject bigint;
BEGIN
    IF TG_TABLE_NAME = 'opportunities_opportunity' THEN
        subject := NEW.id;
    ELSE
        subject := NEW.opportunity_id;
    END IF;
    PERFORM FROM opportunities_opportunity o
    JOIN opportunities_opportunityentry e ON e.opportunity_id = o.id
    WHERE o.id = subject AND e.superseded_at IS NULL
        AND ({_columns("o")}) IS NOT DISTINCT FROM ({_columns("e")});
    IF NOT FOUND AND EXISTS (SELECT FROM opportunities_opportunity WHERE id = subject) THEN
        RAISE EXCEPTION 'Opportunity % disagrees with its newest entry', subject
            USING ERRCODE = 'integrity_constraint_violation',
            HINT = 'Opportunities are changed by opportunities.lifecycle only.';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER opportunity_agrees AFTER INSERT OR UPDATE
    ON opportunities_opportunity DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION crm_check_opportunity();
CREATE CONSTRAINT TRIGGER entry_agrees AFTER INSERT OR UPDATE
    ON opportunities_opportunityentry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION crm_check_opportunity();
"""

CHAIN = """
CREATE FUNCTION crm_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry opportunities_opportunityentry%ROWTYPE;
    claimed_on date;
BEGIN
    SELECT * INTO entry FROM opportunities_opportunityentry WHERE id = NEW.id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF entry.sequence > 1 AND NOT EXISTS (
        SELECT FROM opportunities_opportunityentry p
        WHERE p.opportunity_id = entry.opportunity_id
            AND p.sequence = entry.sequence - 1
            AND p.superseded_at = entry.recorded_at
    ) THEN
        RAISE EXCEPTION 'Entry % does not follow the one before it', entry.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF entry.superseded_at IS NULL AND EXISTS (
        SELECT FROM opportunities_opportunityentry l
        WHERE l.opportunity_id = entry.opportunity_id AND l.sequence > entry.sequence
    ) THEN
        RAISE EXCEPTION 'Entry % is not the newest', entry.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT min(l.effective_on) INTO claimed_on FROM opportunities_opportunityentry l
        WHERE l.opportunity_id = entry.opportunity_id AND l.sequence > entry.sequence;
    IF claimed_on IS NOT NULL THEN
        claimed_on := greatest(claimed_on, entry.effective_on);
    END IF;
    IF entry.superseded_on IS DISTINCT FROM claimed_on THEN
        RAISE EXCEPTION 'Entry % holds until the wrong day', entry.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF entry.undoes_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM opportunities_opportunityentry u
        WHERE u.id = entry.undoes_id AND u.opportunity_id = entry.opportunity_id
            AND u.sequence < entry.sequence AND u.effective_on = entry.effective_on
    ) THEN
        RAISE EXCEPTION 'Entry % undoes what is not its own', entry.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER entry_chain AFTER INSERT OR UPDATE
    ON opportunities_opportunityentry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION crm_check_entry();
"""

PURGE = """
CREATE FUNCTION crm_purge_opportunity(subject bigint, purger bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    removed integer;
BEGIN
    PERFORM FROM opportunities_opportunity
        WHERE id = subject AND status IN ('won', 'lost') FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    DELETE FROM opportunities_opportunityentry WHERE opportunity_id = subject;
    GET DIAGNOSTICS removed = ROW_COUNT;
    DELETE FROM opportunities_opportunity WHERE id = subject;
    INSERT INTO opportunities_purge (opportunity_number, entries, purged_at, purged_by_id)
        VALUES ('O' || subject, removed, clock_timestamp(), purger);
    RETURN removed;
END $$;
COMMENT ON FUNCTION crm_purge_opportunity(bigint, bigint) IS
'Deletes a closed opportunity and its entries for good; the only thing the ledger lets through.';
"""

COMPOSITE_KEYS = """
ALTER TABLE opportunities_{table} ADD CONSTRAINT {table}_stage_of_cycle
    FOREIGN KEY (stage_id, sales_cycle_id)
    REFERENCES salescycles_salescyclestage (id, sales_cycle_id);
ALTER TABLE opportunities_{table} ADD CONSTRAINT {table}_reason_of_outcome
    FOREIGN KEY (close_reason_id, status)
    REFERENCES salescycles_closereason (id, kind);
"""

UNDO = """
DROP TRIGGER entry_chain ON opportunities_opportunityentry;
DROP TRIGGER entry_agrees ON opportunities_opportunityentry;
DROP TRIGGER entry_guard ON opportunities_opportunityentry;
DROP TRIGGER entry_guard_truncate ON opportunities_opportunityentry;
DROP TRIGGER opportunity_agrees ON opportunities_opportunity;
DROP FUNCTION crm_purge_opportunity(bigint, bigint);
DROP FUNCTION crm_check_entry();
DROP FUNCTION crm_check_opportunity();
DROP FUNCTION crm_guard_entry();
DROP FUNCTION crm_guard_entries();
ALTER TABLE opportunities_opportunity DROP CONSTRAINT opportunity_stage_of_cycle;
ALTER TABLE opportunities_opportunity DROP CONSTRAINT opportunity_reason_of_outcome;
ALTER TABLE opportunities_opportunityentry DROP CONSTRAINT opportunityentry_stage_of_cycle;
ALTER TABLE opportunities_opportunityentry DROP CONSTRAINT opportunityentry_reason_of_outcome;
"""


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0001_initial")]
    operations = [
        migrations.RunSQL(
            GUARD
            + AGREE
            + CHAIN
            + PURGE
            + COMPOSITE_KEYS.format(table="opportunity")
            + COMPOSITE_KEYS.format(table="opportunityentry"),
            UNDO,
        ),
    ]
