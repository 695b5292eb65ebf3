"""A text file of class names, one a line, for a network that is compiled already. NOTE: Qt-free."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from engine.files import is_special
from gui.core.errors import RefusedError
from gui.core.text import say, say_n

if TYPE_CHECKING:
    from engine.program.artifact import Artifact

MAX_BYTES = 4 << 20


def read_labels(path: Path, classes: int) -> tuple[str, ...]:
    """Return the names in ``path``; empty lines at its end do not count.

    Raises:
        RefusedError: the file is no text, too large, or names another number of classes.
    """
    try:
        if is_special(path):
            raise RefusedError(say("{path}: is no regular file; a label file has one name a line", path=path))
        if path.stat().st_size > MAX_BYTES:
            text = say(
                "{path}: larger than {most} MB; a label file has one name a line",
                path=path,
                most=MAX_BYTES >> 20,
            )
            raise RefusedError(text)
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        reason = say("{path}: is no UTF-8 text; a label file has one name a line", path=path)
        raise RefusedError(reason) from error
    names = tuple(line.strip() for line in text.rstrip().splitlines())
    if len(names) != classes:
        reason = say_n(
            "{path}: has {n} line, the network tells {classes} classes apart; one name a line is wanted",
            "{path}: has {n} lines, the network tells {classes} classes apart; one name a line is wanted",
            len(names),
            path=path,
            classes=classes,
        )
        raise RefusedError(reason)
    return names


def class_count(artifact: Artifact) -> int:
    """Return how many classes a compiled network tells apart."""
    from engine.program.artifact import DeviceSegment

    last = artifact.segments[-1]
    if isinstance(last, DeviceSegment):
        return prod(last.program.tensors[artifact.output].shape)
    import onnx

    outputs = onnx.load_model_from_string(last.model).graph.output
    shape = next(one.type.tensor_type.shape for one in outputs if one.name == artifact.output)
    return prod(dimension.dim_value for dimension in shape.dim)
