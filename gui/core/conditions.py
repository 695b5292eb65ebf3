"""Hard conditions on demand: what a dim hall, a cheap camera or a hasty hand do to a picture. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from gui.core.picture_pool import PicturePool

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Condition:
    """One slider: field name of ``Conditions``, title, range, the value that changes nothing, and its unit."""

    name: str
    title: str
    low: int
    high: int
    neutral: int
    unit: str
    help: str


CONDITIONS: tuple[Condition, ...] = (
    Condition("brightness", "Brightness", -100, 100, 0, "%", "Light added to or taken from every pixel."),
    Condition("contrast", "Contrast", 10, 300, 100, "%", "Spread of the pixels around middle grey."),
    Condition("blur", "Blur", 0, 30, 0, "px", "Radius of a lens out of focus, at 720 lines."),
    Condition("motion", "Motion", 0, 80, 0, "px", "Length of a sideways smear, at 720 lines."),
    Condition("noise", "Noise", 0, 100, 0, "", "Standard deviation of sensor noise, in grey levels."),
    Condition(
        "resolution", "Resolution", 3, 100, 100, "%", "Width and height of the camera, of what it really has."
    ),
    Condition(
        "quality", "JPEG quality", 1, 100, 100, "", "Compression on the way from the camera; 100 is none."
    ),
    Condition("rotation", "Rotation", -180, 180, 0, "°", "How far the camera is turned."),
)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What happens to each picture before the engine sees it; the defaults change nothing (units: ``CONDITIONS``).

    Raises:
        ValueError: a value is outside its range.
    """

    brightness: int = 0
    contrast: int = 100
    blur: int = 0
    motion: int = 0
    noise: int = 0
    resolution: int = 100
    quality: int = 100
    rotation: int = 0

    def __post_init__(self) -> None:
        for condition in CONDITIONS:
            value = getattr(self, condition.name)
            if not condition.low <= value <= condition.high:
                raise ValueError(
                    f"{condition.name} is {value}, allowed are {condition.low} to {condition.high}"
                )

    @property
    def neutral(self) -> bool:
        """Whether pictures pass unchanged."""
        return self == NEUTRAL


NEUTRAL = Conditions()
PRESETS: dict[str, Conditions] = {
    "dim hall": Conditions(brightness=-45, contrast=60, noise=18),
    "cheap camera": Conditions(contrast=85, blur=2, noise=10, resolution=25, quality=20),
    "motion": Conditions(brightness=-10, motion=36),
}
_NOISE_TILE_PX = 256
_LINES = 720


def apply(image: Image, conditions: Conditions, seed: int = 0, pool: PicturePool | None = None) -> Image:
    """Return ``image`` RGB uint8 HWC as a camera under ``conditions`` would give it, same shape.

    ``seed`` places the noise: the same seed gives the same picture. The result, and what lies between, is ``pool``'s.
    """
    if conditions.neutral:
        return image
    pool = pool or PicturePool()
    for step in _STEPS:
        image = step(image, conditions, seed, pool)
    return image


def _turn(image: Image, c: Conditions, seed: int, pool: PicturePool) -> Image:
    if not c.rotation:
        return image
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), c.rotation, 1.0)
    return cv2.warpAffine(image, matrix, (width, height), _like(image, pool), borderMode=cv2.BORDER_REFLECT)  # type: ignore[return-value]


def _smear(image: Image, c: Conditions, seed: int, pool: PicturePool) -> Image:
    length = round(c.motion * image.shape[0] / _LINES)
    return cv2.blur(image, (length, 1), _like(image, pool)) if length > 1 else image  # type: ignore[return-value]


def _defocus(image: Image, c: Conditions, seed: int, pool: PicturePool) -> Image:
    radius = round(c.blur * image.shape[0] / _LINES)
    size = (2 * radius + 1, 2 * radius + 1)
    return cv2.stackBlur(image, size, _like(image, pool)) if radius else image  # type: ignore[return-value]


def _shrink(image: Image, c: Conditions, seed: int, pool: PicturePool) -> Image:
    if c.resolution == 100:
        return image
    height, width = image.shape[:2]
    small_wh = (max(1, width * c.resolution // 100), max(1, height * c.resolution // 100))
    small = cv2.resize(image, small_wh, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), _like(image, pool), interpolation=cv2.INTER_NEAREST)  # type: ignore[return-value]


def _light(image: Image, c: Conditions, seed: int, pool: PicturePool) -> Image:
    if c.contrast == 100 and c.brightness == 0:
        return image
    levels = (np.arange(256) - 127.5) * c.contrast / 100 + 127.5 + 2.55 * c.brightness
    table = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return cv2.LUT(image, table, _like(image, pool))  # type: ignore[return-value]


def _grain(image: Image, c: Conditions, seed: int, pool: PicturePool) -> Image:
    if not c.noise:
        return image
    height, width = image.shape[:2]
    side = _NOISE_TILE_PX
    tile = np.random.default_rng(seed).normal(0.0, c.noise, (side, side, 3)).astype(np.int16)
    noisy = _like(image, pool)
    for top in range(0, height, side):
        for left in range(0, width, side):
            part = np.s_[top : top + side, left : left + side]
            rows, columns = image[part].shape[:2]
            noisy[part] = cv2.add(image[part], tile[:rows, :columns], dtype=cv2.CV_8U)
    return noisy


def _compress(image: Image, c: Conditions, seed: int, pool: PicturePool) -> Image:
    if c.quality == 100:
        return image
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, c.quality])
    return cv2.imdecode(data, cv2.IMREAD_COLOR)  # type: ignore[return-value]


def _like(image: Image, pool: PicturePool) -> Image:
    height, width, channels = image.shape
    return pool.take((height, width, channels))


# In the order in which they happen: hand, lens, sensor, light, noise, cable.
_STEPS: tuple[Callable[[Image, Conditions, int, PicturePool], Image], ...] = (
    _turn, _smear, _defocus, _shrink, _light, _grain, _compress,
)  # fmt: skip

assert [field.name for field in fields(Conditions)] == [condition.name for condition in CONDITIONS]
