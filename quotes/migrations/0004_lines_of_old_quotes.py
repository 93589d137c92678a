"""Quotes of old, which were an amount only, get the one line that says so."""

from typing import Any

from django.conf import settings
from django.db import migrations

ONE_LINE = """
INSERT INTO quotes_quoteline (quote_id, position, text, description, unit, quantity, price,
    discount_percent, vat_percent)
SELECT q.id, 1, o.description, '', '', 1, q.amount, 0, %s
FROM quotes_quote q JOIN opportunities_opportunity o ON o.id = q.opportunity_id
WHERE NOT EXISTS (SELECT FROM quotes_quoteline l WHERE l.quote_id = q.id)
"""


def write_lines(apps: Any, schema_editor: Any) -> None:
    """Write a line over the whole amount for each quote without lines."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(ONE_LINE, [settings.QUOTE_VAT_PERCENT])


class Migration(migrations.Migration):
    dependencies = [("quotes", "0003_lines_revisions_documents")]
    operations = [migrations.RunPython(write_lines, migrations.RunPython.noop)]
