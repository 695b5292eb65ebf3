"""Run a recording again, and list what differs between two runs of the same pictures. NOTE: Qt-free."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.runtime.postprocess import unusable
from gui.core.errors import GuiError
from gui.core.logits import cosine
from gui.monitor.recording import RecordedFrame

FIRST = 5


class ReplayError(GuiError):
    """Two runs cannot be compared."""


class PixelSession(Protocol):
    """What a replay needs of ``engine.Session``."""

    def run_pixels(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the logits float32 [n] of a preprocessed input uint8 [h, w, 3]."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one run said of one input; ``run_ns`` is measured on the machine of that run."""

    seq: int
    digest: bytes
    logits: NDArray[np.float32]
    run_ns: int

    @property
    def best(self) -> tuple[int, ...]:
        """The five best classes, the lower index first where equal; none where the scores are NaN or infinite."""
        if unusable(self.logits):
            return ()
        return tuple(np.argsort(-self.logits, kind="stable")[:FIRST].tolist())


@dataclass(frozen=True, slots=True)
class Difference:
    """A frame whose logits are not the same in both runs."""

    seq: int
    best_a: tuple[int, ...]
    best_b: tuple[int, ...]
    cosine: float
    largest: float
    """Largest difference of two logits."""

    @property
    def first_differs(self) -> bool:
        """Whether people see another first label."""
        return self.best_a[:1] != self.best_b[:1]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs over the same inputs. ``missing`` are inputs that only one of them holds."""

    frames: int
    missing: int
    differences: tuple[Difference, ...]
    run_ms_a: tuple[float, float]
    run_ms_b: tuple[float, float]
    """p50 and p95, measured."""

    @property
    def is_identical(self) -> bool:
        """Whether every frame got bit-identical logits in both runs."""
        return not self.differences and not self.missing

    def document(self, labels: Mapping[int, str]) -> dict[str, Any]:
        """Return the comparison as JSON values; ``labels`` names classes."""

        def named(best: tuple[int, ...]) -> list[dict[str, Any]]:
            return [{"index": index, "label": labels.get(index, f"class {index}")} for index in best]

        return {
            "frames": self.frames,
            "missing": self.missing,
            "identical": self.frames - len(self.differences),
            "first_label_differs": sum(each.first_differs for each in self.differences),
            "host_ms": {"a": _quantiles(self.run_ms_a), "b": _quantiles(self.run_ms_b)},
            "differences": [
                {
                    "seq": each.seq,
                    "first_label_differs": each.first_differs,
                    "a": named(each.best_a),
                    "b": named(each.best_b),
                    "logit_cosine": each.cosine,
                    "largest_logit_difference": each.largest,
                }
                for each in self.differences
            ],
        }


def recorded_answers(frames: Iterable[RecordedFrame]) -> Iterator[Answer]:
    """Yield the answers that a recording holds."""
    for frame in frames:
        yield Answer(frame.seq, frame.digest, frame.logits, frame.times.run_ns)


def replay(
    frames: Iterable[RecordedFrame], session: PixelSession, progress: Callable[[int], None] | None = None
) -> Iterator[Answer]:
    """Run every recorded input again and yield the new answers; ``progress`` is told how many are done."""
    for done, frame in enumerate(frames, 1):
        start_ns = time.perf_counter_ns()
        logits = session.run_pixels(frame.pixels)
        run_ns = time.perf_counter_ns() - start_ns
        if progress is not None:
            progress(done)
        yield Answer(frame.seq, frame.digest, logits, run_ns)


def compare(a: Iterable[Answer], b: Iterable[Answer]) -> Comparison:
    """Return what differs between two runs; answers to the same input belong together, in their order.

    Raises:
        ReplayError: the runs share no input, or answer with different numbers of classes.
    """
    waiting: dict[bytes, list[Answer]] = defaultdict(list)
    for answer in b:
        waiting[answer.digest].append(answer)
    total_b = sum(map(len, waiting.values()))
    pairs, missing = [], 0
    for answer in a:
        others = waiting[answer.digest]
        if others:
            pairs.append((answer, others.pop(0)))
        else:
            missing += 1
    if not pairs:
        raise ReplayError("the two runs have no picture in common; compare recordings of the same source")
    missing += total_b - len(pairs)
    found = [_difference(one, other) for one, other in pairs]
    return Comparison(
        len(pairs),
        missing,
        tuple(each for each in found if each is not None),
        _run_ms(one for one, _ in pairs),
        _run_ms(other for _, other in pairs),
    )


def _difference(a: Answer, b: Answer) -> Difference | None:
    if a.logits.shape != b.logits.shape:
        raise ReplayError(
            f"frame {a.seq}: {a.logits.size} classes in one run and {b.logits.size} in the other"
        )
    if a.logits.tobytes() == b.logits.tobytes():
        return None
    largest = np.abs(a.logits.astype(np.float64) - b.logits).max()
    return Difference(a.seq, a.best, b.best, cosine(a.logits, b.logits), float(largest))


def _run_ms(answers: Iterable[Answer]) -> tuple[float, float]:
    p50, p95 = np.percentile([answer.run_ns / 1e6 for answer in answers], (50, 95))
    return float(p50), float(p95)


def _quantiles(run_ms: tuple[float, float]) -> dict[str, float]:
    return {"p50": run_ms[0], "p95": run_ms[1]}
