"""Ours against OpenVINO, ONNX Runtime and LiteRT: `python -m tests.bench [MODEL ...]`.

Needs the extra `bench`. Every model and thread count is one block in a process of its own; within a block the engines take
turns. A MODEL is a built-in name or a file; without any, EfficientNet-Lite0 and the topologies of ../shared that exist.
"""

import argparse
import json
import subprocess
import sys
from math import exp, log
from pathlib import Path

from tests.bench.prepare import BUILT_IN, prepare

TOPOLOGIES = Path(__file__).parents[3] / "shared" / "data" / "topologies"


def main() -> int:
    options = _options()
    options.work.mkdir(parents=True, exist_ok=True)
    results: dict[str, dict[int, list[dict]]] = {}
    for model in options.models or [BUILT_IN, *map(str, sorted(TOPOLOGIES.glob("*.onnx")))]:
        folder = prepare(model, options.soc, options.work)
        results[Path(model).stem] = {n: _block(folder, n, options) for n in options.threads}
        for threads, timings in results[Path(model).stem].items():
            _print_table(Path(model).stem, threads, timings)
    _print_summary(results)
    if options.json:
        options.json.write_text(json.dumps({"cpu": _cpu(), "results": results}, indent=1), encoding="utf-8")
    if options.plot:
        from tests.bench.plot import draw

        draw(results, _cpu(), options.plot)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--round-ms", type=float, default=60.0)
    parser.add_argument("--soc", default="tda4vm")
    parser.add_argument("--only", nargs="*", default=[], help="e.g. lens7 openvino")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "lens7-bench")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, help="picture file to write")
    return parser.parse_args()


def _block(folder: Path, threads: int, options: argparse.Namespace) -> list[dict]:
    command = [
        sys.executable, "-m", "tests.bench.block", str(folder), "--threads", str(threads), "--rounds", str(options.rounds),
        "--round-ms", str(options.round_ms), "--cache", str(options.work), "--only", *options.only,
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"{folder.name}, {threads} threads: {run.stderr.strip().splitlines()[-1]}")
    return json.loads(run.stdout.splitlines()[-1])


def _print_table(model: str, threads: int, timings: list[dict]) -> None:
    baseline = best_of(timings, "OpenVINO")
    print(f"\n{model}, {threads} thread{'s' if threads > 1 else ''} ({_cpu()})")
    print(f"{'engine':40s} {'min':>8s} {'best p50':>9s} {'p50':>8s} {'p95':>8s} {'p50 / OpenVINO int8':>20s}")
    for t in timings:
        ratio = f"{t['p50'] / baseline['p50']:.2f}" if baseline else "-"
        print(
            f"{t['name']:40s} {t['min']:8.3f} {t['best_round_p50']:9.3f} {t['p50']:8.3f} {t['p95']:8.3f} {ratio:>20s}"
        )


def best_of(timings: list[dict], word: str) -> dict | None:
    """Return the timing with the least p50 among the contenders whose name holds ``word``."""
    return min((t for t in timings if word in t["name"]), key=lambda t: t["p50"], default=None)


def _print_summary(results: dict[str, dict[int, list[dict]]]) -> None:
    """Print our times against the faster of OpenVINO int8 and ONNX Runtime int8."""
    print(
        f"\n{'model':28s} {'threads':>7s} {'ours p50':>9s} {'best other int8':>16s} {'ratio p50':>10s} {'ratio min':>10s}"
    )
    logs: dict[int, list[float]] = {}
    for model, by_threads in results.items():
        for threads, timings in by_threads.items():
            ours = best_of(timings, "lens7 native")
            others = [t for t in timings if "int8" in t["name"] or "LiteRT" in t["name"]]
            if ours is None or not others:
                continue
            other = min(others, key=lambda t: t["p50"])
            ratio, least = ours["p50"] / other["p50"], ours["min"] / min(t["min"] for t in others)
            logs.setdefault(threads, []).append(log(ratio))
            print(
                f"{model:28s} {threads:7d} {ours['p50']:9.3f} {other['p50']:16.3f} {ratio:10.2f} {least:10.2f}"
            )
    for threads, values in logs.items():
        print(f"geometric mean of the p50 ratios, {threads} thread(s): {exp(sum(values) / len(values)):.2f}")


def _cpu() -> str:
    from engine.kernels.native.host import this_host

    lines = (
        Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if Path("/proc/cpuinfo").exists()
        else []
    )
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else 'CPU'}, {this_host().cpu}"


if __name__ == "__main__":
    sys.exit(main())
