"""Two more kinds: somebody asks, somebody answers."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0003_purged_along"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="noticechoice",
            name="notice_choice_kind_known",
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("assigned", "Opportunities"),
                    ("task", "Tasks"),
                    ("mentioned", "Mentions"),
                    ("quote", "Quotes"),
                    ("conflict", "Conflicts"),
                    ("big_win", "Big wins"),
                    ("question", "Questions"),
                    ("answer", "Answers"),
                    ("digest", "Daily mail"),
                ],
                default="digest",
                max_length=9,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="noticechoice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("assigned", "Opportunities"),
                    ("task", "Tasks"),
                    ("mentioned", "Mentions"),
                    ("quote", "Quotes"),
                    ("conflict", "Conflicts"),
                    ("big_win", "Big wins"),
                    ("question", "Questions"),
                    ("answer", "Answers"),
                    ("digest", "Daily mail"),
                ],
                max_length=9,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "assigned",
                            "task",
                            "mentioned",
                            "quote",
                            "conflict",
                            "big_win",
                            "question",
                            "answer",
                            "digest",
                        ],
                    )
                ),
                name="notice_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticechoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "assigned",
                            "task",
                            "mentioned",
                            "quote",
                            "conflict",
                            "big_win",
                            "question",
                            "answer",
                            "digest",
                        ],
                    ),
                    models.Q(("kind", "digest"), _negated=True),
                ),
                name="notice_choice_kind_known",
            ),
        ),
    ]
