"""``python -m tests.kill``: SIGKILL at random moments of compilations and of artifact, history and recording writes."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.kill.killer import kill_many
from tests.kill.victims import VICTIMS


def main() -> int:
    """Run; a failure is a traceback and exit status 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="in all, shared out among the victims")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--longest", type=float, default=0.5, help="seconds after which a victim is killed at the latest"
    )
    options = parser.parse_args()
    each = -(-options.kills // len(VICTIMS))
    idle = []
    for victim in VICTIMS:
        with tempfile.TemporaryDirectory(prefix="lens7-kill-") as folder:
            safe = kill_many(victim, each, options.seed, Path(folder) / victim, options.longest)
        print(f"{victim:9} killed {each} times; {safe} pieces of work were safe, none was lost", flush=True)
        if not safe:
            idle.append(victim)
    if idle:
        print(
            f"nothing was ever written by: {', '.join(idle)}; so nothing was tried, take a longer --longest"
        )
    return 1 if idle else 0


if __name__ == "__main__":
    sys.exit(main())
