"""Fuzzing: every parser of foreign bytes, damaged inputs, one process per target.

``python -m tests.fuzz`` goes round the targets until ``--executions`` are reached in all. Counts and finds are kept in a
state file and counted on at the next start; an input that was found is written beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import platformdirs

from tests.fuzz.runner import last_input
from tests.fuzz.targets import TARGETS, Target, named, names

SLICE_S = 20.0
START_PATIENCE_S = 600.0
REPORT = re.compile(r"fuzzed (\d+) ([\d.e-]+)")


def main() -> int:
    """Run; exit status 1 if anything was found."""
    options = _options()
    if options.child:
        return _child(options)
    targets = [named(name) for name in options.target] or list(TARGETS)
    state = _load(options.state)
    end_s = time.monotonic() + (options.seconds or float("inf"))
    found_before = len(state["finds"])
    while _total(state) < options.executions and time.monotonic() < end_s:
        for target in targets:
            slice_s = min(options.slice * target.share, max(1.0, end_s - time.monotonic()))
            _run_slice(target, slice_s, state, options.state)
            _save(options.state, state)
            if time.monotonic() >= end_s:
                break
    _print(state)
    return 1 if len(state["finds"]) > found_before else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--executions", type=int, default=5_000_000, help="in all runs together")
    parser.add_argument("--seconds", type=float, help="stop after so long, whatever was reached")
    parser.add_argument("--slice", type=float, default=SLICE_S, help="seconds of one target at a time")
    parser.add_argument("--target", action="append", default=[], choices=names())
    parser.add_argument("--state", type=Path, default=platformdirs.user_state_path("lens7") / "fuzz.json")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def _load(path: Path) -> dict[str, Any]:
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    return {"executions": {}, "seconds": {}, "slices": 0, "finds": []}


def _save(path: Path, state: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(state, indent=1), encoding="utf-8")
    temporary.replace(path)


def _total(state: dict[str, Any]) -> int:
    return sum(state["executions"].values())


def _current(state_path: Path, target: Target) -> Path:
    return state_path.with_name(f"fuzz-current-{target.name.replace(' ', '-')}")


def _run_slice(target: Target, seconds: float, state: dict[str, Any], state_path: Path) -> None:
    """Fuzz one target in a process of its own; note its count and what it found, also if it died."""
    state["slices"] += 1
    command = [
        sys.executable, "-m", "tests.fuzz", "--child", target.name, "--seconds", str(seconds),
        "--seed", str(state["slices"]), "--state", str(state_path),
    ]  # fmt: skip
    _current(state_path, target).unlink(missing_ok=True)  # what an earlier find left
    began_s = time.monotonic()
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=seconds + START_PATIENCE_S, check=False
        )  # fmt: skip
        output, trouble, status = ended.stdout, ended.stderr, ended.returncode
    except subprocess.TimeoutExpired as error:
        # Whatever was asked for, the text comes as bytes here.
        output, trouble, status = (error.stdout or b"").decode("utf-8", "replace"), "hung", -1
    reports = [found for line in output.splitlines() if (found := REPORT.fullmatch(line))]
    done, slowest_s = (int(reports[-1][1]), float(reports[-1][2])) if reports else (0, 0.0)
    slowest = state.setdefault("slowest_s", {})
    slowest[target.name] = max(slowest.get(target.name, 0.0), slowest_s)
    state["executions"][target.name] = state["executions"].get(target.name, 0) + done
    state["seconds"][target.name] = state["seconds"].get(target.name, 0.0) + time.monotonic() - began_s
    if status:
        _note_find(target, trouble, status, state, state_path)


def _note_find(target: Target, trouble: str, status: int, state: dict[str, Any], state_path: Path) -> None:
    current = _current(state_path, target)
    kept = ""
    if current.exists():
        data = last_input(current)
        path = state_path.with_name(f"fuzz-{hashlib.sha256(data).hexdigest()[:16]}.bin")
        path.write_bytes(data)
        kept = str(path)
    text = " | ".join(trouble.strip().splitlines()[-12:])
    state["finds"].append({"target": target.name, "status": status, "input": kept, "text": text})


def _child(options: argparse.Namespace) -> int:
    from tests.fuzz.runner import FlightRecorder, Found, fuzz

    target = named(options.child)
    current = _current(options.state, target)
    try:
        fuzz(
            target,
            options.seed,
            options.seconds,
            lambda count, slowest_s: print("fuzzed", count, slowest_s, flush=True),
            current,
        )
    except Found as found:
        with FlightRecorder(current) as recorder:
            recorder.note(found.data)
        sys.stderr.write(f"{found}\n")
        return 1
    return 0


def _print(state: dict[str, Any]) -> None:
    for name in names():
        count, seconds = state["executions"].get(name, 0), state["seconds"].get(name, 0.0)
        slowest_s = state.get("slowest_s", {}).get(name, 0.0)
        rate = count / seconds if seconds else 0.0
        print(
            f"{name:20} {count:>12,} executions  {seconds:8.0f} s  {rate:9.0f}/s  slowest {slowest_s:.2f} s"
        )
    print(f"{'all':20} {_total(state):>12,} executions, {len(state['finds'])} finds")
    for find in state["finds"]:
        print(f"  {find['target']}: {find['text'][:300]}  {find['input']}")


if __name__ == "__main__":
    sys.exit(main())
