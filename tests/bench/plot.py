"""One picture of all ratios."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def draw(results: dict[str, dict[int, list[dict]]], cpu: str, path: Path) -> None:
    """Write p50 frame times per model, thread count and engine, on a logarithmic axis."""
    blocks = [(m, n, timings) for m, by_threads in results.items() for n, timings in by_threads.items()]
    engines = list(dict.fromkeys(_engine(t["name"]) for _, _, timings in blocks for t in timings))
    figure, axes = plt.subplots(figsize=(2 + 1.3 * len(blocks), 5))
    width = 0.8 / len(engines)
    for i, engine in enumerate(engines):
        points = [
            (b, t["p50"]) for b, (_, _, ts) in enumerate(blocks) for t in ts if _engine(t["name"]) == engine
        ]
        axes.bar(
            [b + (i - len(engines) / 2) * width for b, _ in points],
            [p for _, p in points],
            width,
            label=engine,
        )
    axes.set_yscale("log")
    axes.set_ylabel("p50 per frame (ms, measured)")
    axes.set_xticks(
        range(len(blocks)), [f"{m}\n{n} thread{'s' if n > 1 else ''}" for m, n, _ in blocks], fontsize=7
    )
    axes.set_title(cpu, fontsize=9)
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def _engine(name: str) -> str:
    """Return a contender's name without the model's."""
    return name.replace("int8 float NCHW", "int8, float in").replace("int8 uint8 NHWC", "int8, uint8 in")
