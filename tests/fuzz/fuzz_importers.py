"""Feeds damaged model files to the importers: ``python tests/fuzz/fuzz_importers.py --seconds 60 --state counts.json``.

Each file must be imported and optimized, or refused by an EngineError, within ten seconds and 4 GB of address space. A
worker process tries the cases; when one takes it down, that is counted and the next worker goes on behind it. The state
file holds the counts and where to go on.
"""

import argparse
import json
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.errors import EngineError
from engine.importers import import_model
from engine.passes.pipeline import optimize
from tests.fuzz.importer_mutations import Corpus

CASE_LIMIT_S = 10
ADDRESS_SPACE_BYTES = 4 << 30


def try_case(corpus: Corpus, index: int, folder: Path) -> tuple[str, str]:
    """Return what became of case ``index``: "imported", "refused" or "failed", and the message."""
    suffix, data = corpus.case(index)
    path = folder / f"case{suffix}"
    path.write_bytes(data)
    try:
        optimize(import_model(path))
    except EngineError as error:
        return ("refused", "") if "\n" not in str(error) else ("failed", f"message of several lines: {error}")
    except Exception as error:  # noqa: BLE001 - whatever else is raised is what this program looks for
        return "failed", f"{type(error).__name__}: {error}"
    return "imported", ""


def work(start: int, seconds: float, records: Path) -> None:
    """Try cases from ``start`` on and write one JSON line each: before, so that a crash is seen, and after."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    end_s = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder, records.open("w") as lines:
        corpus = Corpus(Path(folder))
        index = start
        while time.monotonic() < end_s:
            print(json.dumps({"case": index}), file=lines, flush=True)
            signal.alarm(CASE_LIMIT_S)
            kind, detail = try_case(corpus, index, Path(folder))
            signal.alarm(0)
            print(json.dumps({"case": index, "kind": kind, "detail": detail[:500]}), file=lines, flush=True)
            index += 1


def supervise(state: dict[str, Any], seconds: float) -> None:
    """Run workers until ``seconds`` are over and count into ``state``."""
    end_s = time.monotonic() + seconds
    while (left := end_s - time.monotonic()) > 1:
        with tempfile.TemporaryDirectory() as folder:
            records = Path(folder) / "records"
            command = [sys.executable, __file__, "--worker", str(state["next"]), "--seconds", str(left)]
            quiet = subprocess.DEVNULL  # the libraries under test write to both
            run = subprocess.run([*command, "--records", str(records)], stdout=quiet, stderr=quiet)
            lines = records.read_text().splitlines() if records.exists() else []
        counts, last = Counter(state["counts"]), None
        for line in lines:
            last = json.loads(line)
            if "kind" in last:
                counts[last["kind"]] += 1
                if last["kind"] == "failed":
                    state["failures"].append(last)
        if last is None:
            raise SystemExit(f"the worker did not start (exit status {run.returncode})")
        if "kind" not in last:
            counts["failed"] += 1
            state["failures"].append(
                {**last, "detail": f"took the process down (exit status {run.returncode})"}
            )
        state["counts"], state["next"] = dict(counts), last["case"] + 1


def main() -> int:
    """Return 0 if no case ever failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--state", type=Path, help="JSON file that counts are kept in between runs")
    parser.add_argument("--worker", type=int, metavar="START", help=argparse.SUPPRESS)
    parser.add_argument("--records", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker is not None:
        work(given.worker, given.seconds, given.records)
        return 0
    state: dict[str, Any] = {"next": 0, "counts": {}, "failures": []}
    if given.state is not None and given.state.is_file():
        state = json.loads(given.state.read_text())
    supervise(state, given.seconds)
    if given.state is not None:
        given.state.write_text(json.dumps(state, indent=1))
    print(json.dumps(state, indent=1))
    return 1 if state["counts"].get("failed") else 0


if __name__ == "__main__":
    sys.exit(main())
