"""The tables of kept totals, and what is read of them (ADR 0032)."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def _group() -> list[tuple[str, Any]]:
    """Return the columns that both tables have alike."""
    statuses = [
        ("not_started", "Not started"),
        ("in_progress", "In progress"),
        ("won", "Won"),
        ("lost", "Lost"),
    ]
    return [
        (
            "id",
            models.BigAutoField(
                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
            ),
        ),
        ("salesperson", models.BigIntegerField(null=True, verbose_name="salesperson")),
        ("sales_cycle", models.BigIntegerField(null=True, verbose_name="sales cycle")),
        ("stage", models.BigIntegerField(null=True, verbose_name="stage")),
        (
            "status",
            models.CharField(choices=statuses, max_length=11, verbose_name="status"),
        ),
        ("estimated_close_on", models.DateField(null=True, verbose_name="estimated close date")),
        ("opportunities", models.BigIntegerField(verbose_name="number of opportunities")),
        (
            "estimated_value",
            models.DecimalField(
                decimal_places=2, max_digits=38, verbose_name="estimated value"
            ),
        ),
        (
            "calculated_value",
            models.DecimalField(
                decimal_places=10, max_digits=38, verbose_name="calculated value"
            ),
        ),
    ]  # fmt: skip


def _named(name: str, room: str) -> Any:
    words = {"Salesperson": "salesperson", "SalesCycle": "sales cycle", "SalesCycleStage": "stage"}
    return models.ForeignKey(
        db_constraint=False,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="totals",
        to=f"{room}.{name.lower()}",
        verbose_name=words[name],
    )


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0008_changes_for_the_boards")]
    operations = [
        migrations.CreateModel(
            name="TotalChange",
            fields=_group(),
            options={
                "verbose_name": "change of totals",
                "verbose_name_plural": "changes of totals",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="KeptTotal",
            fields=[
                *_group(),
                ("grain", models.CharField(max_length=12, verbose_name="grain")),
            ],
            options={
                "verbose_name": "kept total",
                "verbose_name_plural": "kept totals",
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("opportunities", 0)),
                        fields=["id"],
                        name="kept_total_empty",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "grain", "salesperson", "sales_cycle", "status", "stage",
                            "estimated_close_on",
                        ),
                        name="kept_total_of_group",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupTotal",
            fields=[
                (
                    "grain",
                    models.CharField(
                        max_length=12, primary_key=True, serialize=False, verbose_name="grain"
                    ),
                ),
                *_group()[4:],
                ("sales_cycle", _named("SalesCycle", "salescycles")),
                ("salesperson", _named("Salesperson", "salespeople")),
                ("stage", _named("SalesCycleStage", "salescycles")),
            ],
            options={"verbose_name": "total", "verbose_name_plural": "totals", "managed": False},
        ),
    ]  # fmt: skip
