"""Icons of the one family the program ships, tinted with the palette's text colour."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import assets
from gui.core.theme import ICON_PX, SPACE_PX, Palette

_RATIOS = (1, 2, 3)


@lru_cache(maxsize=256)
def icon(name: str, palette: Palette) -> QIcon:
    """Return the icon in the palette's colours: normal, and disabled; sharp up to three device pixels per pixel."""
    result = QIcon()
    for ratio in _RATIOS:
        result.addPixmap(pixmap(name, palette.text, ICON_PX, ratio), QIcon.Mode.Normal)
        result.addPixmap(pixmap(name, palette.hairline, ICON_PX, ratio), QIcon.Mode.Disabled)
    return result


@lru_cache(maxsize=64)
def icon_before_text(name: str, palette: Palette) -> QIcon:
    """Return the icon with a gap at its right: the style sets a button's words close to its icon."""
    result, gap_px = QIcon(), SPACE_PX // 2
    for ratio in _RATIOS:
        for ink, mode in ((palette.text, QIcon.Mode.Normal), (palette.secondary, QIcon.Mode.Disabled)):
            wide = QPixmap(round((ICON_PX + gap_px) * ratio), round(ICON_PX * ratio))
            wide.setDevicePixelRatio(ratio)
            wide.fill(Qt.GlobalColor.transparent)
            painter = QPainter(wide)
            painter.drawPixmap(0, 0, pixmap(name, ink, ICON_PX, ratio))
            painter.end()
            result.addPixmap(wide, mode)
    return result


def pixmap(name: str, colour: str, size_px: int, ratio: float) -> QPixmap:
    """Return one icon as a pixmap of ``size_px`` logical pixels at ``ratio`` device pixels each.

    Raises:
        FileNotFoundError: no icon of that name is shipped.
    """
    source = _drawing(name).replace(b"currentColor", colour.encode())
    side = round(size_px * ratio)
    image = QPixmap(side, side)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(source)).render(painter, QRectF(0, 0, side, side))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


@lru_cache(maxsize=128)
def _drawing(name: str) -> bytes:
    return assets.path(f"icons/{name}.svg").read_bytes()
