"""Reviews that were held, each with the address that shows it again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0002_adjustments_stand"),
        ("salespeople", "0003_settings_of_the_site"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReviewMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="day")),
                ("since_on", models.DateField(verbose_name="compared to")),
                (
                    "period",
                    models.CharField(
                        choices=[("month", "Month"), ("quarter", "Quarter")],
                        max_length=7,
                        verbose_name="period",
                    ),
                ),
                ("known_at", models.DateTimeField(verbose_name="as known at")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                ("reviewed_at", models.DateTimeField(verbose_name="reviewed at")),
                (
                    "taken_back_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="taken back at"),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reviewed by",
                    ),
                ),
                (
                    "salesperson",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="salespeople.salesperson",
                        verbose_name="salesperson",
                    ),
                ),
                (
                    "taken_back_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken back by",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="salespeople.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "held review",
                "verbose_name_plural": "held reviews",
                "ordering": ("-reviewed_at", "-pk"),
                "indexes": [
                    models.Index(fields=["team", "salesperson", "reviewed_at"], name="review_of")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("since_on__lt", models.F("on"))),
                        name="review_since_before",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period__in", ["month", "quarter"])),
                        name="review_period_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("known_at__lte", models.F("reviewed_at"))),
                        name="review_known_by_then",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("taken_back_at__isnull", True), ("taken_back_by__isnull", True)
                            ),
                            models.Q(
                                ("taken_back_at__isnull", False), ("taken_back_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="review_taken_back_pair",
                    ),
                ],
            },
        ),
    ]
