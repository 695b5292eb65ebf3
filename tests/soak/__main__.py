"""Soak: the real window offscreen, in fast motion, under seeded faults and user actions.

``python -m tests.soak`` runs seeds, each in a process of its own, until ``--frames`` and ``--faults`` are reached in all.
What was run is kept in the state file and counted on at the next start; the report is written after every seed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import platformdirs

from tests.soak import book, report

STAND_DAY_FRAMES = 8 * 3600 * 30
CRASH_LINES = 15


def main() -> int:
    """Run; exit status 1 if any invariant was violated."""
    options = _options()
    if options.child is not None:
        return _child(options)
    state = book.load(options.state)
    runs: list[dict[str, Any]] = state["runs"]
    new_runs = []
    while book.total(runs, "captured") < options.frames or book.total(runs, "faults") < options.faults:
        run = _run_seed(options, max((run["seed"] for run in runs), default=0) + 1)
        runs.append(run)
        new_runs.append(run)
        book.save(options.state, state)
        report.write(state, options.report)
        print(_line(run), flush=True)
    report.write(state, options.report)
    frames, faults = book.total(runs, "captured"), book.total(runs, "faults")
    print(f"in all {frames:,} frames, {faults:,} faults, {len(runs)} seeds; report: {options.report}")
    return 1 if any(run["violations"] for run in new_runs) else 0


def _options() -> argparse.Namespace:
    folder = platformdirs.user_state_path("lens7")
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000, help="frames in all runs together")
    parser.add_argument("--faults", type=int, default=2_000, help="faults in all runs together")
    parser.add_argument(
        "--per-seed", type=int, default=700_000,
        help=f"frames of one run; memory is judged from {book.FEWEST_FRAMES} on",
    )  # fmt: skip
    parser.add_argument(
        "--day", action="store_true", help=f"one run is a stand's day, {STAND_DAY_FRAMES} frames"
    )
    parser.add_argument(
        "--fps", type=float, default=2000.0, help="frames per second the camera gives at most"
    )
    parser.add_argument(
        "--state", type=Path, default=folder / "soak.json", help="what was run, kept between starts"
    )
    parser.add_argument("--report", type=Path, default=folder / "soak.html")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.day:
        options.per_seed = STAND_DAY_FRAMES
    return options


def _interim(options: argparse.Namespace, seed: int) -> Path:
    return options.state.with_suffix(f".seed-{seed}.json")


def _child(options: argparse.Namespace) -> int:
    import faulthandler

    from tests.soak.director import run

    faulthandler.enable()
    path = _interim(options, options.child)
    run(options.child, options.per_seed, options.fps, lambda findings: book.save(path, findings.document()))
    return 0


def _run_seed(options: argparse.Namespace, seed: int) -> dict[str, Any]:
    """Run one seed in a process of its own; a crash is a violation, and what was run before it counts."""
    path = _interim(options, seed)
    command = [
        sys.executable, "-m", "tests.soak", "--child", str(seed), "--per-seed", str(options.per_seed),
        "--fps", str(options.fps), "--state", str(options.state),
    ]  # fmt: skip
    ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    if not path.exists():
        raise SystemExit(f"seed {seed} did not start:\n{ended.stderr}")
    run = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    if not run["captured"]:
        raise SystemExit(f"seed {seed} gave no picture:\n{ended.stderr}")
    if ended.returncode or not run["finished"]:
        last = " | ".join(ended.stderr.strip().splitlines()[-CRASH_LINES:])
        run["violations"].append(f"the window ended with status {ended.returncode}: {last}")
    run["violations"] += book.judge(run)
    return run


def _line(run: dict[str, Any]) -> str:
    slopes = (("in use", book.in_use_slope_mb(run)), ("RSS", book.rss_slope_mb(run)))
    memory = ", ".join(f"{name} {'–' if slope is None else f'{slope:+.2f} MB'}" for name, slope in slopes)
    return (
        f"seed {run['seed']}: {run['captured']:,} frames in {run['seconds']:.0f} s, "
        f"{sum(run['faults'].values())} faults, {sum(run['actions'].values())} actions, "
        f"per 100,000 frames {memory}, {len(run['violations'])} violations, "
        f"{len(run.get('excused', []))} excused"
    )


if __name__ == "__main__":
    sys.exit(main())
