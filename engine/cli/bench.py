"""``lens7 bench``: host time of one network on this machine."""

import platform
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from engine.cli import options as o
from engine.cli.models import open_session
from engine.cli.output import print_json, print_table
from engine.runtime.session import Session

WARM_UP_FRAMES = 3


@o.takes_model
def bench(
    model: o.ModelArgument = o.DEFAULT_MODEL,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, max=86_400, help="How long to measure.")
    ] = 5.0,
    asked: o.Asked = o.NOTHING_ASKED,
    json: o.Json = False,
) -> None:
    """Measure this machine's time from the network's uint8 input to its logits."""
    with open_session(model, asked) as session:
        document = measure(session, seconds)
    if json:
        print_json(document)
        return
    rows: list[tuple[str, object]] = [
        (f"{name} (ms, measured)", value) for name, value in document["host_ms"].items()
    ]
    rows += [
        ("million MACs per frame", document["macs"] / 1e6),
        ("10^9 MACs per second", document["gmacs_per_s"]),
    ]
    print_table(
        ("figure", "value"),
        rows,
        f"{model}, {document['kernels']} kernels, {document['threads']} thread(s), {document['cpu']}",
    )


def measure(session: Session, seconds: float) -> dict[str, Any]:
    """Return the document of the command line contract, measured for ``seconds`` on a random picture."""
    height, width = session.info.input_hw
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)
    for _ in range(WARM_UP_FRAMES):
        session.run_pixels(pixels)
    times_ns: list[int] = []
    end_ns = time.perf_counter_ns() + int(seconds * 1e9)
    while time.perf_counter_ns() < end_ns:
        start_ns = time.perf_counter_ns()
        session.run_pixels(pixels)
        times_ns.append(time.perf_counter_ns() - start_ns)
    ms = np.array(times_ns) / 1e6
    p50, p95, p99 = np.percentile(ms, [50, 95, 99])
    macs = int(session.artifact.report["macs"])
    return {
        "kernels": session.info.kernels,
        "threads": session.info.threads,
        "host_ms": {"min": float(ms.min()), "p50": float(p50), "p95": float(p95), "p99": float(p99)},
        "macs": macs,
        "gmacs_per_s": macs / (p50 * 1e6),
        "cpu": cpu_name(),
    }


def cpu_name() -> str:
    """Return the processor's name as the system gives it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    return platform.processor() or platform.machine()
