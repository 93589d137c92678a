"""Empties the embedded database of `make run` and loads the demo data anew."""

import os
import sys

from postgres import Cluster, Failure
from run import manage, settings, told


def main() -> int:
    """Drop, migrate, load."""
    if os.environ.get("DATABASE_URL"):
        raise Failure("DATABASE_URL is set: only the embedded database is reset.")
    cluster = Cluster("run")
    was_stopped = cluster.start()
    environment = settings(cluster.url, "127.0.0.1")
    try:
        told("demo data", lambda: manage(environment, "reset_demo", "--yes"))
    finally:
        if was_stopped:
            cluster.stop()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(flush=True)
        sys.exit(str(failure))
