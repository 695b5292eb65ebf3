"""What a user may say about a bare model file; everything else the file says itself."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Layout(Enum):
    """Order of the picture's dimensions in the file's input tensor."""

    NCHW = "NCHW"
    NHWC = "NHWC"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Choices for files that do not say how a picture becomes their input; None means the default.

    ``mean`` and ``scale``, RGB: the input tensor holds ``(pixel - mean) * scale``. ``size`` is (height, width) in pixels
    for inputs whose height and width the file leaves open. ``resize_short`` is the short side in pixels before the
    central crop; ``squash`` resizes straight to the input size instead. ``labels`` is a text file, one class a line;
    ``label_offset`` added to a predicted index gives its ImageNet-1k class (TI's ``label_offset_pred``).
    ``random_weights`` is the seed of weights of a sane scale that replace constant ones (weightless topologies).
    """

    mean: tuple[float, float, float] | None = None
    scale: tuple[float, float, float] | None = None
    size: tuple[int, int] | None = None
    resize_short: int | None = None
    squash: bool = False
    bgr: bool = False
    layout: Layout | None = None
    labels: Path | None = None
    label_offset: int | None = None
    random_weights: int | None = None
