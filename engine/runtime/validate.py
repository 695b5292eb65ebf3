"""Device against float over labelled pictures: accuracy, agreement, and what it costs on this machine."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ImageError
from engine.host.float_session import FloatSession
from engine.host.pictures import picture_files, read_picture
from engine.host.preprocess import preprocess, to_real
from engine.ir.graph import Graph
from engine.program.artifact import Artifact
from engine.runtime.session import Session

_LEADING_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """A picture file and its class index."""

    path: Path
    label: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One picture: the five best classes of each network, the cosine of their logits, host time of the device run."""

    file: str
    label: int
    float_top: tuple[int, ...]
    device_top: tuple[int, ...]
    cosine: float
    run_ns: int


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What ``lens7 validate`` found; ``unreadable`` holds one line per picture that could not be read."""

    outcomes: tuple[Outcome, ...]
    unreadable: tuple[str, ...]
    device_ms: float | None
    images: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "images", len(self.outcomes))

    def document(self) -> dict[str, Any]:
        """Return the document of the command line contract."""
        run_ms = np.array([x.run_ns for x in self.outcomes]) / 1e6
        right = [(x.float_top[0] == x.label, x.device_top[0] == x.label) for x in self.outcomes]
        return {
            "images": self.images,
            "float": _accuracy([x.float_top for x in self.outcomes], self.outcomes),
            "device": _accuracy([x.device_top for x in self.outcomes], self.outcomes),
            "agreement": _mean([x.float_top[0] == x.device_top[0] for x in self.outcomes]),
            "won": [x.file for x, (f, d) in zip(self.outcomes, right, strict=True) if d and not f],
            "lost": [x.file for x, (f, d) in zip(self.outcomes, right, strict=True) if f and not d],
            "logit_cosine": _mean([x.cosine for x in self.outcomes]),
            "host_ms": {"p50": float(np.percentile(run_ms, 50)), "p95": float(np.percentile(run_ms, 95))},
            "device_ms": self.device_ms,
        }

    def rows(self) -> list[tuple[str, object]]:
        """Return name and value of each figure, for people."""
        d = self.document()
        rows: list[tuple[str, object]] = [
            ("float top-1 / top-5", f"{d['float']['top1']:.1%} / {d['float']['top5']:.1%}"),
            ("device top-1 / top-5", f"{d['device']['top1']:.1%} / {d['device']['top5']:.1%}"),
            ("agreement on the first label", f"{d['agreement']:.1%}"),
            ("won / lost", f"{len(d['won'])} / {len(d['lost'])}"),
            ("logit cosine", f"{d['logit_cosine']:.4f}"),
            (
                "this machine p50 / p95 (measured)",
                f"{d['host_ms']['p50']:.2f} / {d['host_ms']['p95']:.2f} ms",
            ),
            ("chip (modelled)", "not modelled" if d["device_ms"] is None else f"{d['device_ms']:.2f} ms"),
        ]
        return rows


def _accuracy(tops: Sequence[tuple[int, ...]], outcomes: Sequence[Outcome]) -> dict[str, float]:
    return {
        "top1": _mean([top[0] == x.label for top, x in zip(tops, outcomes, strict=True)]),
        "top5": _mean([x.label in top for top, x in zip(tops, outcomes, strict=True)]),
    }


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def labelled_pictures(folder: Path, limit: int | None = None) -> list[LabelledPicture]:
    """Return the pictures of ``folder`` with their class, in order of their paths.

    The class is the leading number of the file name, or else that of the sub-folder's name, or else the sub-folder's
    place in the alphabet.

    Raises
    ------
    ImageError
        If the folder holds no picture, or pictures without a label.
    """
    files = picture_files(folder)
    classes = sorted({path.parent.name for path in files if path.parent != folder})
    pictures = [LabelledPicture(path, _label(path, folder, classes)) for path in files]
    return pictures[:limit]


def _label(path: Path, folder: Path, classes: Sequence[str]) -> int:
    for name in (path.name, path.parent.name if path.parent != folder else ""):
        if (digits := _LEADING_DIGITS.match(name)) is not None:
            return int(digits.group())
    if path.parent != folder:
        return classes.index(path.parent.name)
    raise ImageError(
        f"{path}: no label; begin its name with the class index (0504_cup.jpg) or put it in a class folder"
    )


def validate_pictures(
    graph: Graph, artifact: Artifact, pictures: Sequence[LabelledPicture], kernels: str, threads: int, cache_dir: Path,
    progress: Callable[[str, float], None] | None = None,
) -> ValidationReport:  # fmt: skip
    """Run both networks over ``pictures``; unreadable ones are listed and left out of every figure.

    Raises
    ------
    ImageError
        If no picture could be read, or a label is beyond the network's classes.
    """
    outcomes, unreadable = [], []
    float_session = FloatSession(graph, threads=threads)
    with Session(artifact, kernels, threads, cache_dir) as session:
        for index, picture in enumerate(pictures):
            try:
                outcomes.append(_outcome(graph, float_session, session, picture))
            except ImageError as error:
                unreadable.append(str(error))
            if progress is not None:
                progress("pictures", (index + 1) / len(pictures))
    if not outcomes:
        raise ImageError(f"none of the {len(pictures)} pictures could be used; the first: {unreadable[0]}")
    return ValidationReport(tuple(outcomes), tuple(unreadable), artifact.device_ms)


def _outcome(
    graph: Graph, float_session: FloatSession, session: Session, picture: LabelledPicture
) -> Outcome:
    image = read_picture(picture.path)
    result = session.run(image)
    spec, hw = session.artifact.input_spec, session.info.input_hw
    assert spec is not None
    real = to_real(preprocess(image, spec, hw), spec)[None]
    expected = float_session.run({graph.inputs[0]: real})[graph.outputs[0]].reshape(-1)
    if picture.label >= expected.size:
        raise ImageError(
            f"{picture.path}: label {picture.label} is beyond the network's {expected.size} classes"
        )
    return Outcome(
        file=picture.path.name,
        label=picture.label,
        float_top=_best(expected),
        device_top=_best(result.logits),
        cosine=cosine(expected, result.logits),
        run_ns=result.run_ns,
    )


def _best(logits: NDArray[np.float32]) -> tuple[int, ...]:
    return tuple(np.argsort(-logits, kind="stable")[:5].tolist())


def cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Return the cosine of two vectors in float64; 0 where one is zero."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    norm = float(np.linalg.norm(x) * np.linalg.norm(y))
    return float(x @ y) / norm if norm else 0.0
