"""From logits to labels: softmax, top-k with the lower index first, names."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEFAULT_TOP = 5
"""How many labels an answer has where nobody says."""


@dataclass(frozen=True, slots=True)
class Label:
    """One class with its probability in 0..1."""

    index: int
    name: str
    probability: float


def unusable(logits: NDArray[np.float32]) -> bool:
    """Return whether a vector [n] tells nothing: it holds NaN, or its largest element is infinite.

    Layers on the A72 may divide by zero, or take its logarithm, where a picture is black.
    """
    return not np.isfinite(logits.max())


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the softmax of a vector [n] that is not ``unusable``, computed in float64."""
    e = np.exp(logits.astype(np.float64) - logits.max())
    probabilities: NDArray[np.float32] = (e / e.sum()).astype(np.float32)
    return probabilities


def top_k(logits: NDArray[np.float32], labels: tuple[str, ...], k: int = DEFAULT_TOP) -> tuple[Label, ...]:
    """Return the ``k`` most probable classes of logits [n], most probable first, the lower index first where equal.

    Of logits that are ``unusable`` none: that all classes are equally probable would be a lie.
    """
    return () if unusable(logits) else _best(logits, softmax(logits), labels, k)


def most_probable(
    probabilities: NDArray[np.float32], labels: tuple[str, ...], k: int = DEFAULT_TOP
) -> tuple[Label, ...]:
    """Return the ``k`` most probable classes of probabilities [n], the lower index first where equal."""
    return _best(probabilities, probabilities, labels, k)


def _best(
    scores: NDArray[np.float32], probabilities: NDArray[np.float32], labels: tuple[str, ...], k: int
) -> tuple[Label, ...]:
    return tuple(Label(i, _name(labels, i), float(probabilities[i])) for i in _largest(scores, k))


def _largest(scores: NDArray[np.float32], k: int) -> list[int]:
    """Return where the ``k`` largest of [n] are (all, if there are fewer), largest first, the lower index first where equal."""
    few = min(k, scores.size)
    if few < 1:
        return []
    least = np.partition(scores, scores.size - few)[scores.size - few]
    (candidates,) = np.nonzero(scores >= least)
    order = np.argsort(-scores[candidates], kind="stable")[:few]
    return [int(i) for i in candidates[order]]


def _name(labels: tuple[str, ...], index: int) -> str:
    return labels[index] if index < len(labels) else f"class {index}"
