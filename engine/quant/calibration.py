"""What calibration measured: real ranges and means of every tensor, and the frames it measured them on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import CalibrationError
from engine.files import is_special
from engine.ir.graph import Array

FORMAT = "lens7-calibration-1"


@dataclass(frozen=True, slots=True)
class TensorStatistics:
    """Minimum, maximum and mean over all frames, one number per channel (last axis), float64[C].

    ``tail`` is the magnitude that one value in 10,000 of a frame exceeds, averaged over the frames: the range under TI's
    ``activation_clipping``.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mean: NDArray[np.float64]
    tail: float

    @property
    def range(self) -> tuple[float, float]:
        """Minimum and maximum of the whole tensor."""
        return float(self.low.min()), float(self.high.max())

    @property
    def max_abs(self) -> float:
        """Largest magnitude."""
        low, high = self.range
        return max(-low, high)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Statistics by tensor name, of ``frame_count`` frames.

    ``frames`` holds the graph inputs (and tensors asked for) of as many of them as memory allows.

    The table is saved without frames; a quantizer given such a table corrects biases from the means alone and says so.
    """

    tensors: Mapping[str, TensorStatistics]
    frame_count: int
    frames: Sequence[Mapping[str, Array]] = field(default=(), repr=False, compare=False)

    def __getitem__(self, name: str) -> TensorStatistics:
        """Return the statistics of tensor ``name``.

        Raises:
            CalibrationError: the table is of another model.
        """
        if name not in self.tensors:
            raise CalibrationError(f"the calibration table has no tensor {name!r}: it is of another model")
        return self.tensors[name]

    def to_json(self) -> str:
        """Return the table as JSON text; numbers keep 7 significant digits."""
        tensors = {
            name: {
                "low": _shorten(each.low),
                "high": _shorten(each.high),
                "mean": _shorten(each.mean),
                "tail": _shorten(np.array([each.tail]))[0],
            }
            for name, each in self.tensors.items()
        }
        return json.dumps({"format": FORMAT, "frames": self.frame_count, "tensors": tensors}, indent=None)


def read_table(path: Path) -> Calibration:
    """Return the table in the file ``path``.

    Raises:
        CalibrationError: the file is unreadable or no calibration table.
    """
    if is_special(path):
        raise CalibrationError(f"cannot read the calibration table {path}: it is no regular file")
    try:
        return from_json(path.read_bytes().decode("utf-8", errors="replace"))
    except OSError as error:
        raise CalibrationError(f"cannot read the calibration table {path}: {error.strerror}") from None
    except CalibrationError as error:
        raise CalibrationError(f"{path}: {error}") from None


def from_json(text: str) -> Calibration:
    """Return the table that ``to_json`` wrote.

    Raises:
        CalibrationError: the text is no calibration table.
    """
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise CalibrationError(
                f"calibration table is of format {document['format']!r}, must be {FORMAT!r}"
            )
        tensors = {str(name): _statistics(name, each) for name, each in document["tensors"].items()}
        return Calibration(tensors, int(document["frames"]))
    except KeyError as error:
        raise CalibrationError(f"not a calibration table: it has no {error}") from None
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise CalibrationError(f"not a calibration table: {error!s:.100}") from None


def _statistics(name: str, entry: Mapping[str, Any]) -> TensorStatistics:
    low, high, mean = (np.asarray(entry[key], np.float64) for key in ("low", "high", "mean"))
    same = low.ndim == 1 and low.size > 0 and low.shape == high.shape == mean.shape
    if not same or not np.isfinite([low, high, mean]).all() or (low > high).any():
        raise CalibrationError(f"calibration table: tensor {name!r} has impossible statistics")
    return TensorStatistics(low, high, mean, float(entry["tail"]))


def _shorten(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.7g}") for value in values]
