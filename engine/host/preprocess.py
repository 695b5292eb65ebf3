"""From a picture to the network's uint8 input: resize, central crop, channel order. Normalisation is the device's (SPEC (9))."""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import ImageError
from engine.ir.graph import InputSpec

Image = NDArray[np.uint8]

MAX_RESIZED_PIXELS = (
    64_000_000  # of the picture before the crop: a line of pixels would grow by its length squared
)


def resized_size(height: int, width: int, short: int) -> tuple[int, int]:
    """Return (height, width) in pixels after bringing the short side to ``short``."""
    scale = short / min(height, width)
    return max(short, round(height * scale)), max(short, round(width * scale))


def preprocess(image: Image, spec: InputSpec, size: tuple[int, int]) -> Image:
    """Return the input [height, width, 3] uint8 of ``size`` (height, width) from an RGB picture [H, W, 3] uint8.

    The result may be a view of a larger array. Resizing is bilinear without anti-aliasing, as OpenCV does it.

    Raises:
        ImageError: the picture is no uint8 [H, W, 3] array, or is so long and thin that its crop says nothing of it.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise ImageError(f"the picture is {image.dtype} {image.shape}; uint8 [height, width, 3] is needed")
    height, width = size
    if spec.squash:
        crop = _resize(image, (height, width))
    else:
        short = max(spec.resize_short, height, width)
        full = resized_size(image.shape[0], image.shape[1], short)
        if full[0] * full[1] > MAX_RESIZED_PIXELS:
            raise ImageError(
                f"the picture is {image.shape[1]}x{image.shape[0]} pixels; with its short side at {short} it would have more "
                f"than {MAX_RESIZED_PIXELS // 1_000_000} million; use a less extreme shape"
            )
        resized = _resize(image, full)
        top, left = (resized.shape[0] - height) // 2, (resized.shape[1] - width) // 2
        crop = resized[top : top + height, left : left + width]
    return crop[..., ::-1] if spec.bgr else crop


def _resize(image: Image, size: tuple[int, int]) -> Image:
    if image.shape[:2] == size:
        return image
    resized: Image = cv2.resize(image, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
    return resized


def to_real(pixels: Image, spec: InputSpec) -> NDArray[np.float32]:
    """Return ``(pixel - mean) * scale`` as float32, same shape: the float network's input."""
    mean, scale = np.array(spec.mean, np.float32), np.array(spec.scale, np.float32)
    real: NDArray[np.float32] = (pixels.astype(np.float32) - mean) * scale
    return real
