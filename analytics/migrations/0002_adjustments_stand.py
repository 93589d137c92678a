"""An adjusted forecast is never changed or deleted; only its being superseded is filled in, once."""

from django.db import migrations

GUARD = """
CREATE FUNCTION crm_guard_adjustment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
        AND (OLD.id, OLD.salesperson_id, OLD.month, OLD.value, OLD.system_value, OLD.reason,
             OLD.adjusted_at, OLD.adjusted_by_id)
        IS NOT DISTINCT FROM
            (NEW.id, NEW.salesperson_id, NEW.month, NEW.value, NEW.system_value, NEW.reason,
             NEW.adjusted_at, NEW.adjusted_by_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Adjusted forecasts are superseded, never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER adjustment_guard BEFORE UPDATE OR DELETE ON analytics_adjustment
    FOR EACH ROW EXECUTE FUNCTION crm_guard_adjustment();
"""

UNDO = """
DROP TRIGGER adjustment_guard ON analytics_adjustment;
DROP FUNCTION crm_guard_adjustment();
"""


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
