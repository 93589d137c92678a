"""Interactions are found by parts of their subject (docs/adr/0016-search.md)."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models

import crm.fields


class Migration(migrations.Migration):
    dependencies = [("tasks", "0004_is_touched")]
    operations = [
        migrations.AddField(
            model_name="interaction",
            name="search_text",
            field=models.GeneratedField(
                db_persist=True,
                expression=crm.fields.Fold("subject"),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="interaction",
            index=GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="interaction_search"),
        ),
    ]
