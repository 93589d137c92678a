"""Totals of stages, salespeople and close months, kept by triggers (ADR 0032).

- `crm_count_opportunities`, on opportunities: adds a row for each group that a
  statement changes, and by how much. Deleted opportunities count nowhere.
- `crm_fold_totals`: takes such rows away and adds them to the kept totals; one
  at a time, and nobody waits for it. At commit, every 256th row asks for it.
- `opportunities_grouptotal`, a view: what is kept and what is not folded yet.
- `crm_total_differences`: where that is not what the opportunities add up to;
  `crm_rebuild_totals` puts it right, while others go on writing.
"""

from django.db import migrations

# The keys of each grain, and what stands in the place of the close date.
DAY = "estimated_close_on"
MONTH = "date_trunc('month', estimated_close_on)::date"
GRAINS: dict[str, tuple[tuple[str, ...], str]] = {
    "stage": (("sales_cycle", "stage"), ""),
    "month": (("sales_cycle", "stage"), MONTH),
    "day": (("sales_cycle",), DAY),
    "person": (("salesperson", "sales_cycle", "stage"), ""),
    "person_month": (("salesperson",), MONTH),
}
IDS = ("salesperson", "sales_cycle", "stage")
KEYS = f"{', '.join(IDS)}, status, {DAY}"
SUMS = "opportunities, estimated_value, calculated_value"
ADDED = "sum(opportunities), sum(estimated_value), sum(calculated_value)"
CHANGES_ANYTHING = (
    "sum(opportunities) <> 0 OR sum(estimated_value) <> 0 OR sum(calculated_value) <> 0"
)


def _grains(source: str, sign: str = "") -> str:
    """Return a query of the rows of `source` as each grain has them."""
    sums = ", ".join(f"{sign}{name} AS {name}" for name in SUMS.split(", "))
    parts = []
    for grain, (ids, closes) in GRAINS.items():
        keys = ", ".join(name if name in ids else f"NULL::bigint AS {name}" for name in IDS)
        parts.append(
            f"SELECT '{grain}'::varchar(12) AS grain, {keys}, status,"  # noqa: S608 - names above
            f" {closes or 'NULL::date'} AS {DAY}, {sums} FROM {source}"
        )
    return "\nUNION ALL ".join(parts)


def _state(source: str, sign: str) -> str:
    """Return a query of opportunities as groups of one."""
    return f"""SELECT salesperson_id AS salesperson, sales_cycle_id AS sales_cycle,
        stage_id AS stage, status, {DAY}, {sign}1::bigint AS opportunities,
        {sign}estimated_value AS estimated_value, {sign}calculated_value AS calculated_value
        FROM {source} WHERE NOT is_deleted"""  # noqa: S608 - names above


def _count(source: str) -> str:
    return f"""INSERT INTO opportunities_totalchange ({KEYS}, {SUMS})
        SELECT {KEYS}, {ADDED} FROM ({source}) AS touched
        GROUP BY {KEYS} HAVING {CHANGES_ANYTHING};"""  # noqa: S608 - names above


def _keep(source: str) -> str:
    """Return the statement that adds groups to the kept totals."""
    return f"""INSERT INTO opportunities_kepttotal AS kept (grain, {KEYS}, {SUMS})
        {source}
        ON CONFLICT ON CONSTRAINT kept_total_of_group DO UPDATE
        SET opportunities = kept.opportunities + excluded.opportunities,
            estimated_value = kept.estimated_value + excluded.estimated_value,
            calculated_value = kept.calculated_value + excluded.calculated_value"""  # noqa: S608


COUNTING = f"""
CREATE FUNCTION crm_count_opportunities() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {_count(_state("added", "+"))}
    ELSIF TG_OP = 'DELETE' THEN
        {_count(_state("removed", "-"))}
    ELSE
        {_count(_state("added", "+") + " UNION ALL " + _state("removed", "-"))}
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER count_added AFTER INSERT ON opportunities_opportunity
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION crm_count_opportunities();
CREATE TRIGGER count_changed AFTER UPDATE ON opportunities_opportunity
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION crm_count_opportunities();
CREATE TRIGGER count_removed AFTER DELETE ON opportunities_opportunity
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION crm_count_opportunities();
"""

READING = f"""
CREATE VIEW opportunities_grouptotal AS
SELECT grain, salesperson AS salesperson_id, sales_cycle AS sales_cycle_id, stage AS stage_id,
    status, {DAY}, {SUMS}
FROM (
SELECT grain, {KEYS}, {SUMS} FROM opportunities_kepttotal
UNION ALL {_grains("opportunities_totalchange")}
) AS parts;
"""  # noqa: S608 - names above

FOLDING = f"""
CREATE FUNCTION crm_fold_totals(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    folded integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('opportunities_kepttotal')) THEN
        RETURN 0;
    END IF;
    WITH taken AS (
        DELETE FROM opportunities_totalchange
        WHERE id IN (SELECT id FROM opportunities_totalchange ORDER BY id LIMIT most)
        RETURNING {KEYS}, {SUMS}
    ), kept AS (
        {
    _keep(f'''SELECT grain, {KEYS}, {ADDED} FROM ({_grains("taken")}) AS parts
        GROUP BY grain, {KEYS} HAVING {CHANGES_ANYTHING}''')
}
    )
    SELECT count(*) INTO folded FROM taken;
    DELETE FROM opportunities_kepttotal
        WHERE opportunities = 0 AND estimated_value = 0 AND calculated_value = 0;
    RETURN folded;
END $$;
COMMENT ON FUNCTION crm_fold_totals(integer) IS
'Adds that many of the oldest changes of totals to what is kept; 0 while somebody else does.';

CREATE FUNCTION crm_fold_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') = 'read committed'
        AND current_setting('crm.folded_in', true)
            IS DISTINCT FROM pg_current_xact_id()::text
    THEN
        PERFORM set_config('crm.folded_in', pg_current_xact_id()::text, true);
        PERFORM crm_fold_totals(20000);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fold_now_and_then AFTER INSERT
    ON opportunities_totalchange DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.id % 256 = 0) EXECUTE FUNCTION crm_fold_at_commit();

ALTER TABLE opportunities_totalchange SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000
);
ALTER TABLE opportunities_kepttotal SET (fillfactor = 70);
"""  # noqa: S608 - names above

REBUILDING = f"""
CREATE FUNCTION crm_total_differences()
RETURNS TABLE (grain varchar, salesperson bigint, sales_cycle bigint, stage bigint,
    status varchar, estimated_close_on date, opportunities numeric, estimated_value numeric,
    calculated_value numeric)
LANGUAGE sql STABLE AS $$
    WITH present AS ({_state("opportunities_opportunity", "+")})
    SELECT grain, {KEYS}, {ADDED} FROM (
        {_grains("present")}
        UNION ALL SELECT grain, salesperson_id, sales_cycle_id, stage_id, status, {DAY},
            -opportunities, -estimated_value, -calculated_value FROM opportunities_grouptotal
    ) AS parts
    GROUP BY grain, {KEYS} HAVING {CHANGES_ANYTHING};
$$;
COMMENT ON FUNCTION crm_total_differences() IS
'What the totals lack of what the opportunities add up to, by group; nothing where all is well.';

CREATE FUNCTION crm_rebuild_totals() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    corrected integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('opportunities_kepttotal'));
    {_keep("SELECT * FROM crm_total_differences()")};
    GET DIAGNOSTICS corrected = ROW_COUNT;
    DELETE FROM opportunities_kepttotal
        WHERE opportunities = 0 AND estimated_value = 0 AND calculated_value = 0;
    RETURN corrected;
END $$;
COMMENT ON FUNCTION crm_rebuild_totals() IS
'Corrects the kept totals by crm_total_differences; waits for a folding, and for no writer.';

SELECT crm_rebuild_totals();
"""  # noqa: S608 - names above

WITHOUT = """
DROP TRIGGER count_added ON opportunities_opportunity;
DROP TRIGGER count_changed ON opportunities_opportunity;
DROP TRIGGER count_removed ON opportunities_opportunity;
DROP TRIGGER fold_now_and_then ON opportunities_totalchange;
DROP FUNCTION crm_rebuild_totals();
DROP FUNCTION crm_total_differences();
DROP FUNCTION crm_fold_at_commit();
DROP FUNCTION crm_fold_totals(integer);
DROP FUNCTION crm_count_opportunities();
DROP VIEW opportunities_grouptotal;
"""


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0009_kept_totals")]
    operations = [
        migrations.RunSQL(COUNTING + READING + FOLDING + REBUILDING, WITHOUT),
    ]
