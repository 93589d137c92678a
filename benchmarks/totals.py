"""Measures the kept totals on a database of `load_benchmark` (ADR 0032).

    DATABASE_URL=… python -m benchmarks.totals [--writers 8] [--seconds 10] [--rounds 3]

Moves by many writers at once, with the counting triggers and without, in turn.
It turns triggers off and on and moves opportunities: use it on a database made
for it.
"""

import argparse
import random
from concurrent.futures import ProcessPoolExecutor
from statistics import median
from time import monotonic

import django
from django.db import connection

TRIGGERS = ("count_added", "count_changed", "count_removed")
EACH = 300  # opportunities of a writer; all writers share the stages


def switch(word: str) -> None:
    """Turn the counting triggers on or off."""
    with connection.cursor() as cursor:
        for name in TRIGGERS:
            cursor.execute(f"ALTER TABLE opportunities_opportunity {word} TRIGGER {name}")


def move(number: int, seconds: float) -> int:
    """Move random opportunities, no other writer's, for so long; return how many moved."""
    django.setup()
    from django.core.exceptions import ValidationError  # noqa: PLC0415 - once Django is set up

    from opportunities import lifecycle  # noqa: PLC0415
    from opportunities.models import Opportunity, Status  # noqa: PLC0415
    from salespeople.models import User  # noqa: PLC0415

    dice = random.Random(number)
    by = User.objects.get(username="bench")
    running = Opportunity.objects.kept().filter(status=Status.IN_PROGRESS).order_by("pk")
    ids = list(running.values_list("pk", flat=True)[number * EACH : (number + 1) * EACH])
    moved, end = 0, monotonic() + seconds
    while monotonic() < end:
        row = Opportunity.objects.get(pk=dice.choice(ids))
        wanted = [m.stage for m in lifecycle.possible_moves(row) if m.action]
        try:
            lifecycle.move(row, dice.choice(wanted), by=by)
        except (ValidationError, IndexError):
            continue
        moved += 1
    return moved


def throughput(writers: int, seconds: float) -> float:
    """Return moves per second of so many writers at once."""
    connection.close()
    with ProcessPoolExecutor(writers) as pool:
        found = list(pool.map(move, range(writers), [seconds] * writers))
    return sum(found) / seconds


def main() -> None:
    """Print moves per second with and without the mechanism, and how one is to the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    django.setup()
    found: dict[str, list[float]] = {"ENABLE": [], "DISABLE": []}
    try:
        for _ in range(options.rounds):
            for word, speeds in found.items():
                switch(word)
                speeds.append(throughput(options.writers, options.seconds))
                print(f"{word.lower():8} {speeds[-1]:8.1f} moves/s", flush=True)
    finally:
        switch("ENABLE")
        with connection.cursor() as cursor:
            cursor.execute("SELECT crm_rebuild_totals()")
    kept, without = median(found["ENABLE"]), median(found["DISABLE"])
    print(f"median   {kept:.1f} with, {without:.1f} without: {kept / without:.2f}")


if __name__ == "__main__":
    main()
