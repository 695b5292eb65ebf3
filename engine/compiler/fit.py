"""Calibrates the modelled clock on published latencies: ``python -m engine.compiler.fit LATENCIES.csv TOPOLOGIES/``.

Four constants, the same for every network, are fitted by least relative error: set-up per layer, overhead per frame, and
DDR bytes per cycle of the C7x with a 512-bit and with a 256-bit bus. The figures are those of the CSV file (columns device,
topology, latency_ms; topologies are weightless ONNX files of that name) and those that ship with the program for the
networks it can build itself. The error is stated for networks that the fit has not seen: leave one topology out.
``--write`` puts the constants, with their date, into the SoC files, and the errors into engine/cycles/accuracy.toml.
"""

import argparse
import csv
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import resources
from itertools import combinations
from pathlib import Path
from statistics import mean, median

from engine.compiler.outline import outline
from engine.compiler.predict import predict
from engine.compiler.published_networks import NETWORKS
from engine.cycles.prediction import Prediction, frame_ms
from engine.cycles.published import published_figures
from engine.errors import EngineError, ModelError
from engine.importers import import_model
from engine.passes.pipeline import optimize
from engine.program.program import Program
from engine.soc import SocSpec, load_soc, soc_names
from engine.soc.spec import write_number

Pair = tuple[str, str]  # device, topology
WORST_EXPECTED = (
    0.05  # relative: below it, errors count by their square, so that single figures do not decide
)


@dataclass(frozen=True, slots=True)
class Constants:
    """What is fitted; ``ddr_bytes_per_cycle`` by width of the C7x's bus."""

    layer_setup_cycles: float
    frame_overhead_us: float
    ddr_512_bytes_per_cycle: float
    ddr_256_bytes_per_cycle: float

    def applied(self, soc: SocSpec) -> SocSpec:
        """Return ``soc`` with these constants."""
        return replace(
            soc,
            layer_setup_cycles=self.layer_setup_cycles,
            frame_overhead_us=self.frame_overhead_us,
            ddr_bytes_per_cycle=self.ddr_bytes_per_cycle(soc),
        )

    def ddr_bytes_per_cycle(self, soc: SocSpec) -> float:
        """Return the rate of the SoC's bus."""
        return self.ddr_512_bytes_per_cycle if soc.vector_bits == 512 else self.ddr_256_bytes_per_cycle


@dataclass(frozen=True, slots=True)
class Calibration:
    """Published medians in milliseconds, and each pair's prediction, to be priced with other constants."""

    published_ms: Mapping[Pair, float]
    predictions: Mapping[Pair, Prediction]

    def modelled_ms(self, pair: Pair, constants: Constants) -> float:
        """Return the modelled latency of (device, topology)."""
        prediction = self.predictions[pair]
        return frame_ms(prediction, constants.applied(prediction.soc))

    def error(self, pair: Pair, constants: Constants) -> float:
        """Return the relative error, positive where the model is too slow."""
        return self.modelled_ms(pair, constants) / self.published_ms[pair] - 1.0


def read_latencies(path: Path) -> dict[Pair, list[float]]:
    """Return the figures of a CSV file by device and topology.

    Raises:
        ModelError: the file is unreadable, lacks a column or has a latency that is no positive number.
    """
    figures: dict[Pair, list[float]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                latency_ms = float(row["latency_ms"])
                if not (math.isfinite(latency_ms) and latency_ms > 0):
                    raise ModelError(f"{path}: line {line}: latency_ms must be above 0, got {latency_ms}")
                figures.setdefault((row["device"], row["topology"]), []).append(latency_ms)
    except (OSError, UnicodeDecodeError, KeyError, ValueError, TypeError) as error:
        raise ModelError(
            f"{path}: needs columns device, topology, latency_ms with numbers ({error})"
        ) from error
    return figures


def prepare(figures: Mapping[Pair, Sequence[float]], topologies: Path) -> Calibration:
    """Return the figures' medians with a prediction for each, through the program's own import and compile path."""
    programs: dict[str, Program] = {}
    predictions = {}
    for device, topology in figures:
        soc = load_soc(device)
        if topology not in programs:
            graph = (
                NETWORKS[topology]()
                if topology in NETWORKS
                else import_model(topologies / f"{topology}.onnx")
            )
            programs[topology] = outline(optimize(graph), soc)
        predictions[device, topology] = predict(programs[topology], soc)
    return Calibration({pair: median(values) for pair, values in figures.items()}, predictions)


def fit(calibration: Calibration, pairs: Sequence[Pair], start: Constants) -> Constants:
    """Return the constants with the least mean relative error over ``pairs``, found by pattern search from ``start``."""

    def loss(values: Sequence[float]) -> float:
        constants = Constants(*(math.exp(v) for v in values))
        return mean(math.hypot(math.log1p(calibration.error(p, constants)), WORST_EXPECTED) for p in pairs)

    values = [math.log(getattr(start, name)) for name in start.__dataclass_fields__]
    return Constants(*(math.exp(v) for v in pattern_search(loss, values)))


def pattern_search(loss: Callable[[Sequence[float]], float], start: Sequence[float]) -> list[float]:
    """Return a local minimum: steps along each axis and along the last progress, halved when none helps."""
    best, best_loss, step = list(start), loss(start), 0.2
    while step > 0.002:
        before = list(best)
        for axis in range(len(best)):
            for direction in (step, -step):
                tried = [v + direction * (i == axis) for i, v in enumerate(best)]
                if (tried_loss := loss(tried)) < best_loss:
                    best, best_loss = tried, tried_loss
                    break
        onward = [2 * b - a for a, b in zip(before, best, strict=True)]
        if best == before:
            step /= 2
        elif (onward_loss := loss(onward)) < best_loss:
            best, best_loss = onward, onward_loss
    return best


def leave_one_out(calibration: Calibration, start: Constants, judged: Sequence[Pair]) -> dict[Pair, float]:
    """Return each judged pair's modelled latency (ms) by constants fitted without any figure of its topology."""
    modelled: dict[Pair, float] = {}
    for topology in sorted({topology for _, topology in judged}):
        seen = [pair for pair in calibration.published_ms if pair[1] != topology]
        constants = fit(calibration, seen, start)
        modelled |= {p: calibration.modelled_ms(p, constants) for p in judged if p[1] == topology}
    return modelled


def kept_order(published_ms: Mapping[Pair, float], modelled_ms: Mapping[Pair, float]) -> tuple[int, int]:
    """Return (agreeing, all) of the pairs on one device, or of one network, whose medians differ by more than 20 %."""
    agreeing = total = 0
    for a, b in combinations(modelled_ms, 2):
        low, high = sorted((a, b), key=lambda pair: published_ms[pair])
        related = a[0] == b[0] or a[1] == b[1]
        if related and published_ms[high] > 1.2 * published_ms[low]:
            total += 1
            agreeing += modelled_ms[high] > modelled_ms[low]
    return agreeing, total


def report(
    calibration: Calibration, constants: Constants, modelled_ms: Mapping[Pair, float]
) -> Iterator[str]:
    """Yield the lines that state constants and errors."""
    yield "fitted constants: " + ", ".join(
        f"{name} {getattr(constants, name):.4g}" for name in constants.__dataclass_fields__
    )
    yield f"{'device':8} {'topology':26} {'published ms':>12} {'modelled ms':>12} {'error':>7} {'left out':>9}"
    errors = {pair: ms / calibration.published_ms[pair] - 1.0 for pair, ms in modelled_ms.items()}
    for pair in sorted(errors):
        numbers = f"{calibration.published_ms[pair]:12.2f} {calibration.modelled_ms(pair, constants):12.2f}"
        yield f"{pair[0]:8} {pair[1]:26} {numbers} {calibration.error(pair, constants):+7.1%} {errors[pair]:+9.1%}"
    for device in sorted({device for device, _ in errors}):
        yield _summary(f"{device}, one topology left out", [e for (d, _), e in errors.items() if d == device])
    yield _summary("all devices, one topology left out", list(errors.values()))
    agreeing, total = kept_order(calibration.published_ms, modelled_ms)
    yield f"order kept in {agreeing} of {total} pairs that differ by more than 20 % ({agreeing / max(total, 1):.0%})"


def _summary(title: str, errors: Sequence[float]) -> str:
    sizes = [abs(error) for error in errors]
    return f"{title}: median absolute relative error {median(sizes):.1%}, worst {max(sizes):.1%}"


def write(constants: Constants, figures: int, errors: Mapping[Pair, float]) -> None:
    """Put the constants and today's date into the SoC files, and the errors on unseen networks beside the cycle model."""
    origin = f"fitted on {date.today().isoformat()} by engine.compiler.fit to {figures} published latencies"
    for name in soc_names():
        soc = load_soc(name)
        write_number(
            name,
            "layer_setup_cycles",
            round(constants.layer_setup_cycles),
            f"{origin}, the same on every SoC",
        )
        write_number(
            name, "frame_overhead_us", round(constants.frame_overhead_us), f"{origin}, the same on every SoC"
        )
        rate = round(constants.ddr_bytes_per_cycle(soc), 2)
        write_number(
            name, "ddr_bytes_per_cycle", rate, f"{origin}, the same on every {soc.vector_bits}-bit C7x"
        )
    lines = [
        f"# Relative errors with one topology left out, {origin}.",
        "",
        "[overall]",
        *_accuracy(errors.values()),
    ]
    for device in sorted({device for device, _ in errors}):
        lines += ["", f"[devices.{device}]", *_accuracy(e for (d, _), e in errors.items() if d == device)]
    path = Path(str(resources.files("engine.cycles") / "accuracy.toml"))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _accuracy(errors: Iterable[float]) -> list[str]:
    sizes = [abs(error) for error in errors]
    return [f"median = {median(sizes):.4f}", f"worst = {max(sizes):.4f}"]


def main(arguments: Sequence[str]) -> int:
    """Fit, print the report, and write the SoC files if asked to; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m engine.compiler.fit", description=__doc__)
    parser.add_argument("latencies", type=Path, help="CSV file with columns device, topology, latency_ms")
    parser.add_argument(
        "topologies", type=Path, nargs="?", help="folder of ONNX files (default: topologies beside the CSV)"
    )
    parser.add_argument("--write", action="store_true", help="write the constants into the SoC files")
    options = parser.parse_args(arguments)
    try:
        given = read_latencies(options.latencies)
        figures = dict(given)
        for figure in published_figures():
            if figure.network in NETWORKS and (figure.device, figure.network) not in given:
                figures.setdefault((figure.device, figure.network), []).append(figure.latency_ms)
        calibration = prepare(figures, options.topologies or options.latencies.parent / "topologies")
        soc_512, soc_256 = load_soc("tda4vm"), load_soc("am62a")
        start = Constants(
            soc_512.layer_setup_cycles,
            soc_512.frame_overhead_us,
            soc_512.ddr_bytes_per_cycle,
            soc_256.ddr_bytes_per_cycle,
        )
        constants = fit(calibration, list(calibration.published_ms), start)
        left_out = leave_one_out(calibration, constants, list(given))
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(f"{line}\n" for line in report(calibration, constants, left_out))
    if options.write:
        errors = {pair: ms / calibration.published_ms[pair] - 1.0 for pair, ms in left_out.items()}
        write(constants, sum(map(len, figures.values())), errors)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
