"""Quotes open and shut the gates of stages: open boards hear of them (ADR 0018)."""

from django.db import migrations

TRIGGERS = """
CREATE TRIGGER note_added AFTER INSERT ON quotes_quote
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION crm_note_their_opportunities();
CREATE TRIGGER note_changed AFTER UPDATE ON quotes_quote
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION crm_note_their_opportunities();
"""
WITHOUT = """
DROP TRIGGER note_added ON quotes_quote;
DROP TRIGGER note_changed ON quotes_quote;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("opportunities", "0008_changes_for_the_boards"),
        ("quotes", "0005_amount_of_its_lines"),
    ]
    operations = [migrations.RunSQL(TRIGGERS, WITHOUT)]
