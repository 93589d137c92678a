"""Tasks are found by parts of their description (docs/adr/0016-search.md)."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models

import crm.fields


class Migration(migrations.Migration):
    dependencies = [("tasks", "0002_purged_apart")]
    operations = [
        migrations.AddField(
            model_name="task",
            name="search_text",
            field=models.GeneratedField(
                db_persist=True,
                expression=crm.fields.Fold("description"),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="task_search"),
        ),
    ]
