"""Whether a manager wants the weekly mail of the review."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("salespeople", "0003_settings_of_the_site"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="mail_review",
            field=models.BooleanField(
                default=False,
                help_text="For managers: each Monday morning, what changed and what to talk about.",
                verbose_name="weekly mail of the review",
            ),
        ),
    ]
