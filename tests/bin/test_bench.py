"""The benchmark works over few rows, and no page runs more statements than is written down."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_benchmark_runs_over_two_thousand_opportunities() -> None:
    """Every page has to answer, every write to succeed; times differ with the machine."""
    done = subprocess.run(
        [sys.executable, "benchmarks/bench.py", "--sizes", "2000", "--requests", "1", "--smoke"],
        cwd=ROOT,
        env=os.environ,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "## 2,000 opportunities" in done.stdout
    assert "| k move on the board |" in done.stdout
