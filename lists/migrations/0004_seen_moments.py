"""What was seen of a row may be a moment: the number gets room for it."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lists", "0003_bulk_runs"),
    ]

    operations = [
        migrations.AlterField(
            model_name="bulkrun",
            name="seen",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), verbose_name="seen"
            ),
        ),
    ]
