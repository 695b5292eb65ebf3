"""Palette, type, spacing and motion of the window: the only place where they are chosen. NOTE: Qt-free.

Two colours are reserved for the two clocks and used by no state: ``measured`` (this machine, solid lines) and
``modelled`` (the chip, dashed lines). States are told by shape, word and colour together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

SPACE_PX = 8
RADIUS_PX = 8
ICON_PX = 20
SIDE_PX = 288
EASE_MS = 120
SLIDE_MS = 150
FONT_FAMILY = "Inter"


class TypeSize(IntEnum):
    """The type scale in logical pixels; in Show, sizes are fractions of the window's height instead."""

    CAPTION = 12
    BODY = 14
    EMPHASIS = 16
    TITLE = 20
    FIGURE = 28
    HERO = 44


FIGURE_HEIGHT_PX = round(1.3 * TypeSize.FIGURE)
"""Of the line of a large figure, with and without one: nothing jumps."""


@dataclass(frozen=True, slots=True)
class OverlayScale:
    """Sizes of what is painted over the picture, as fractions of the view's height.

    A first label too long for its size shrinks to ``first_label_least`` before it is broken in two lines.
    """

    first_label: float
    first_label_least: float
    other_labels: float
    status_text: float
    status: float
    clocks_text: float
    clocks: float
    steps_text: float
    steps: float
    conditions_text: float

    def px(self, fraction: float, view_height_px: float) -> int:
        """Return a fraction of the view's height in whole pixels, never below the smallest type size."""
        return max(int(TypeSize.CAPTION), round(fraction * view_height_px))


# Capital letters are 0.727 of Inter's size: at 8.4 % they are 6 % of the height, legible at three metres.
SHOW_SCALE = OverlayScale(
    first_label=0.084, first_label_least=0.06, other_labels=0.042,
    status_text=0.028, status=0.054, clocks_text=0.034, clocks=0.066, steps_text=0.024, steps=0.078,
    conditions_text=0.028,
)  # fmt: skip
BENCH_SCALE = OverlayScale(
    first_label=0.064, first_label_least=0.05, other_labels=0.032,
    status_text=0.0, status=0.0, clocks_text=0.0, clocks=0.0, steps_text=0.0, steps=0.0,
    conditions_text=0.026,
)  # fmt: skip


class Mark(Enum):
    """A state's shape, so that colour is never its only sign."""

    GOOD = "●"
    WARNING = "▲"
    BAD = "■"
    UNKNOWN = "○"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as ``#RRGGBB``; ``plate`` at ``plate_opacity`` lies under text that is painted over a picture."""

    name: str
    background: str
    surface: str
    raised: str
    hairline: str
    text: str
    secondary: str
    measured: str
    modelled: str
    good: str
    warning: str
    bad: str
    plate: str
    plate_opacity: float

    def mark(self, mark: Mark) -> str:
        """Return the colour of a state's mark."""
        return {
            Mark.GOOD: self.good,
            Mark.WARNING: self.warning,
            Mark.BAD: self.bad,
            Mark.UNKNOWN: self.secondary,
        }[mark]


DARK = Palette(
    name="dark",
    background="#101418",
    surface="#181D23",
    raised="#222931",
    hairline="#2E3742",
    text="#E8EDF2",
    secondary="#9AA7B4",
    measured="#56B4E9",
    modelled="#E69F00",
    good="#2DBE8C",
    warning="#F0E442",
    bad="#FF7F50",
    plate="#101418",
    plate_opacity=0.86,
)

LIGHT = Palette(
    name="light",
    background="#F6F8FA",
    surface="#FFFFFF",
    raised="#EEF2F6",
    hairline="#D5DDE5",
    text="#14191E",
    secondary="#52606D",
    measured="#0072B2",
    modelled="#9A4F00",
    good="#00694C",
    warning="#6B5B00",
    bad="#A33B00",
    plate="#FFFFFF",
    plate_opacity=0.94,
)

THEMES = {DARK.name: DARK, LIGHT.name: LIGHT}


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue (0 to 255) of ``#RRGGBB``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def over(colour: str, opacity: float, beneath: str) -> str:
    """Return the colour seen when ``colour`` at ``opacity`` (0 to 1) lies over ``beneath``."""
    mixed = (
        round(top * opacity + below * (1.0 - opacity))
        for top, below in zip(rgb(colour), rgb(beneath), strict=True)
    )
    return "#{:02X}{:02X}{:02X}".format(*mixed)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_pairs(palette: Palette) -> tuple[tuple[str, str], ...]:
    """Return every (text, background) pair that the window uses, plates over the worst picture included."""
    inks = (
        palette.text,
        palette.secondary,
        palette.measured,
        palette.modelled,
        palette.good,
        palette.warning,
        palette.bad,
    )
    plates = tuple(over(palette.plate, palette.plate_opacity, picture) for picture in ("#000000", "#FFFFFF"))
    grounds = (palette.background, palette.surface, palette.raised, *plates)
    inverse = ((palette.background, palette.text), (palette.background, palette.secondary))
    return tuple((ink, ground) for ink in inks for ground in grounds) + inverse


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
