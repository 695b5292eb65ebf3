"""From the outcomes of single pictures to the figures of a validation, as JSON and for people."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.program.artifact import Artifact
from engine.runtime.validation.folder import Classes, Skipped
from engine.runtime.validation.layers import LayerError
from engine.runtime.validation.measure import Outcome

WORST_CLASSES = 12
WORST_LAYERS = 5
MEMORY_FIGURES = ("weights_bytes", "ddr_bytes", "msmc_bytes", "l2_bytes")


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Fractions of pictures whose class is a network's first answer, or among its first five."""

    top1: float
    top5: float

    def document(self) -> dict[str, float]:
        """Return JSON values."""
        return {"top1": self.top1, "top5": self.top5}


@dataclass(frozen=True, slots=True)
class Confusion:
    """A class and what the networks called its pictures; ``named`` counts the device's answers, most frequent first."""

    class_index: int
    images: int
    float_right: int
    device_right: int
    named: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What a validation found, over ``outcomes`` in order of the pictures' paths.

    ``wall_ns`` and all host times are measured; ``artifact.device_ms`` and its memory figures are modelled. ``where`` says
    what measured: this process, N processes, or a cluster.
    """

    artifact: Artifact
    folder: Path
    classes: Classes
    where: str
    outcomes: tuple[Outcome, ...]
    skipped: tuple[Skipped, ...]
    layers: tuple[LayerError, ...]
    layer_images: int
    notes: tuple[str, ...]
    wall_ns: int

    @property
    def kernels(self) -> str:
        """The kernel sets that computed: one, unless the machines of a cluster differ."""
        return ", ".join(sorted({x.kernels for x in self.outcomes}))

    @property
    def won(self) -> list[Outcome]:
        """Pictures that the device names and float does not."""
        return [x for x in self.outcomes if x.device_right and not x.float_right]

    @property
    def lost(self) -> list[Outcome]:
        """Pictures that float names and the device does not."""
        return [x for x in self.outcomes if x.float_right and not x.device_right]

    @property
    def disagreements(self) -> list[Outcome]:
        """Pictures that the two networks name differently."""
        return [x for x in self.outcomes if x.float_top[0] != x.device_top[0]]

    @property
    def float_accuracy(self) -> Accuracy:
        """Accuracy of the float network."""
        return _accuracy([(x.class_index, x.float_top) for x in self.outcomes])

    @property
    def device_accuracy(self) -> Accuracy:
        """Accuracy of the device."""
        return _accuracy([(x.class_index, x.device_top) for x in self.outcomes])

    @property
    def agreement(self) -> float:
        """Fraction of pictures that both networks name alike, rightly or not."""
        return 1.0 - len(self.disagreements) / len(self.outcomes)

    @property
    def logit_cosine(self) -> float:
        """Mean cosine of the two networks' logits."""
        return _mean([x.cosine for x in self.outcomes])

    def host_ms(self, *percentiles: float) -> list[float]:
        """Return percentiles of the device network's host time in ms, measured."""
        run_ms = np.array([x.times.device_ns for x in self.outcomes]) / 1e6
        return [float(value) for value in np.percentile(run_ms, percentiles)]

    def shares(self) -> dict[str, float]:
        """Return the parts of the measured time spent on pictures: decoding, the two networks, and the rest."""
        times = [x.times for x in self.outcomes]
        parts = {
            "decode": sum(t.decode_ns for t in times),
            "float_network": sum(t.float_ns for t in times),
            "device_network": sum(t.device_ns for t in times),
            "preprocess": sum(t.preprocess_ns for t in times),
            "layer_errors": sum(t.layers_ns for t in times),
        }
        return {name: ns / sum(parts.values()) for name, ns in parts.items()}

    def worst_layers(self) -> list[LayerError]:
        """Return the layers that add most noise of their own, worst first."""
        hurting = [layer for layer in self.layers if layer.noise_added > 0.0]
        return sorted(hurting, key=lambda layer: -layer.noise_added)[:WORST_LAYERS]

    def confusions(self) -> list[Confusion]:
        """Return the classes that the device names worst: lost against float first, then by their errors."""
        grouped: dict[int, list[Outcome]] = {}
        for x in self.outcomes:
            grouped.setdefault(x.class_index, []).append(x)
        found = [_confusion(index, group) for index, group in sorted(grouped.items())]
        wrong = [c for c in found if c.device_right < c.images]
        wrong.sort(key=lambda c: (c.device_right - c.float_right, c.device_right / c.images, -c.images))
        return wrong[:WORST_CLASSES]

    def document(self) -> dict[str, Any]:
        """Return the document of the command line contract, and more."""
        p50, p95, p99 = self.host_ms(50, 95, 99)
        return {
            "images": len(self.outcomes),
            "float": self.float_accuracy.document(),
            "device": self.device_accuracy.document(),
            "agreement": self.agreement,
            "won": [x.file for x in self.won],
            "lost": [x.file for x in self.lost],
            "logit_cosine": self.logit_cosine,
            "host_ms": {"p50": p50, "p95": p95, "p99": p99},
            "device_ms": self.artifact.device_ms,
            "net_loss": len(self.lost) - len(self.won),
            "model": self.artifact.model,
            "soc": self.artifact.soc,
            "recipe": self.artifact.recipe,
            "kernels": self.kernels,
            "where": self.where,
            "label_offset": self.classes.label_offset,
            "disagreements": [self._disagreement(x) for x in self.disagreements],
            "confusions": [self._confusion_document(c) for c in self.confusions()],
            "layer_images": self.layer_images,
            "layers": [layer.document() for layer in self.layers],
            "worst_layers": [layer.name for layer in self.worst_layers()],
            "host_shares": self.shares(),
            "wall_s": self.wall_ns / 1e9,
            "memory": self.memory(),
            "skipped": [{"file": x.file, "reason": x.reason} for x in self.skipped],
            "notes": list(self.notes),
        }

    def rows(self) -> list[tuple[str, object]]:
        """Return name and value of each figure, for people."""
        of_float, of_device, (p50, p95) = self.float_accuracy, self.device_accuracy, self.host_ms(50, 95)
        shares = ", ".join(f"{name.replace('_', ' ')} {share:.0%}" for name, share in self.shares().items())
        device_ms = self.artifact.device_ms
        return [
            ("float top-1 / top-5", f"{of_float.top1:.1%} / {of_float.top5:.1%}"),
            ("device top-1 / top-5", f"{of_device.top1:.1%} / {of_device.top5:.1%}"),
            ("agreement on the first label", f"{self.agreement:.1%}"),
            (
                "won / lost / net loss",
                f"{len(self.won)} / {len(self.lost)} / {len(self.lost) - len(self.won)}",
            ),
            ("logit cosine", f"{self.logit_cosine:.4f}"),
            (f"{self.kernels} kernels, p50 / p95 (measured)", f"{p50:.2f} / {p95:.2f} ms"),
            ("chip (modelled)", "not modelled" if device_ms is None else f"{device_ms:.2f} ms"),
            ("time here (measured)", f"{self.wall_ns / 1e9:.1f} s: {shares}"),
        ]

    def memory(self) -> dict[str, int]:
        """Return the chip's memory in bytes as the compiler planned it, and the largest process here, measured."""
        planned = {
            name: int(self.artifact.report[name]) for name in MEMORY_FIGURES if name in self.artifact.report
        }
        return {**planned, "host_rss_bytes": max(x.rss_bytes for x in self.outcomes)}

    def _disagreement(self, x: Outcome) -> dict[str, Any]:
        return {
            "file": x.file,
            "label": self._named(x.class_index),
            "float": self._named(x.float_top[0]),
            "device": self._named(x.device_top[0]),
        }

    def _confusion_document(self, confusion: Confusion) -> dict[str, Any]:
        return {
            **self._named(confusion.class_index),
            "images": confusion.images,
            "float_right": confusion.float_right,
            "device_right": confusion.device_right,
            "device_named": [{**self._named(index), "images": count} for index, count in confusion.named],
        }

    def _named(self, index: int) -> dict[str, Any]:
        return {"index": index, "name": self.classes.name(index)}


def _confusion(index: int, group: Sequence[Outcome]) -> Confusion:
    named = Counter(x.device_top[0] for x in group)
    return Confusion(
        class_index=index,
        images=len(group),
        float_right=sum(x.float_right for x in group),
        device_right=sum(x.device_right for x in group),
        named=tuple(sorted(named.items(), key=lambda item: (-item[1], item[0]))),
    )


def _accuracy(answers: Sequence[tuple[int, tuple[int, ...]]]) -> Accuracy:
    return Accuracy(
        top1=_mean([top[0] == label for label, top in answers]),
        top5=_mean([label in top for label, top in answers]),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
