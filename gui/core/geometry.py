"""Rectangles between picture, network and view. NOTE: Qt-free."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_SIZE_WH = (1600, 900)
TITLE_BAR_PX = 40  # of the desktops that have the highest


@dataclass(frozen=True, slots=True)
class Rect:
    """An axis-aligned rectangle in pixels, origin top left."""

    x: float
    y: float
    width: float
    height: float


def letterbox(image_wh: tuple[int, int], view_wh: tuple[int, int]) -> Rect:
    """Return the largest centred rectangle of the view that keeps the picture's proportions.

    An empty picture or view gives an empty rectangle.
    """
    image_w, image_h = image_wh
    view_w, view_h = view_wh
    if min(image_w, image_h, view_w, view_h) <= 0:
        return Rect(0.0, 0.0, 0.0, 0.0)
    if image_w * view_h >= view_w * image_h:
        width, height = float(view_w), view_w * image_h / image_w
    else:
        width, height = view_h * image_w / image_h, float(view_h)
    return Rect((view_w - width) / 2, (view_h - height) / 2, width, height)


def network_area(image_wh: tuple[int, int], resize_short: int = 256, crop: int = 224) -> Rect:
    """Return the centred square of the picture, in picture pixels, that the network sees.

    The picture is scaled so that its short side is ``resize_short``; the central ``crop`` pixels go in.
    """
    width, height = image_wh
    side = min(width, height) * min(1.0, crop / resize_short)
    return Rect((width - side) / 2, (height - side) / 2, side, side)


def within(inner: Rect, image_wh: tuple[int, int], placed: Rect) -> Rect:
    """Return ``inner``, given in picture pixels, in the coordinates where the picture fills ``placed``."""
    scale_x, scale_y = placed.width / max(image_wh[0], 1), placed.height / max(image_wh[1], 1)
    return Rect(
        placed.x + inner.x * scale_x,
        placed.y + inner.y * scale_y,
        inner.width * scale_x,
        inner.height * scale_y,
    )


def first_size(available_wh: tuple[int, int]) -> tuple[int, int]:
    """Return the size of a window that was never open before: whole, with its title bar, on a small screen, too."""
    (width, height), (most_width, most_height) = FIRST_SIZE_WH, available_wh
    return min(width, most_width), min(height, most_height - TITLE_BAR_PX)
