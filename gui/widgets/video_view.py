"""The picture with what is painted over it: always the overlay of the very frame that is shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from gui.core.frame import Shown
from gui.core.geometry import Rect, letterbox, network_area, within
from gui.core.theme import Palette
from gui.widgets.label_layer import LabelLayer
from gui.widgets.layer import Layer
from gui.widgets.network_frame import NetworkFrame, paint_frame
from gui.widgets.scaled_picture import ScaledPicture
from gui.widgets.style import colour
from gui.widgets.wording import OverlayText, overlay_text, secret_text

_MOTION_INTERVAL_MS = 16
_STALE_VEIL = 0.6
_FOCUS_PX = 2


class VideoView(QWidget):
    """Paint the newest ``Shown`` edge to edge in its proportions, and tell when its first painting ended.

    ``on_painted(shown, painted_ns, paint_ns)`` is called inside the first paint event of each frame; ``picture_placed``
    tells that the picture lies elsewhere.
    """

    picture_placed = Signal()

    def __init__(
        self,
        palette: Palette,
        labels: LabelLayer,
        layers: Sequence[Layer],
        on_painted: Callable[[Shown, int, int], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Picture"))
        self.setMinimumSize(320, 180)
        self._palette = palette
        self._labels = labels
        self._layers = tuple(layers)
        self._on_painted = on_painted
        self._shown: Shown | None = None
        self._unpainted = False
        self._picture = QRectF()
        self._picture_px = QRect()
        """The same in device pixels."""
        self._scaled = ScaledPicture()
        self._insets = (0, 0)
        self._resize_crop: tuple[int, int] | None = None
        self._network_frame = True
        self._frame = NetworkFrame()
        self._stale = False
        self._secret = False
        self._bare = False
        self._focus_by_key = False
        self._motion = QTimer(self, singleShot=True, interval=_MOTION_INTERVAL_MS)
        self._motion.timeout.connect(self._move_on)
        for layer in (labels, *layers):
            layer.changed.connect(self._update_layer)

    @property
    def shown(self) -> Shown | None:
        """The frame in the view."""
        return self._shown

    @property
    def overlay(self) -> OverlayText:
        """What is painted over the picture; its ``seq`` is the shown frame's."""
        return self._labels.text

    @property
    def labels_rect(self) -> QRect:
        """Where the labels' plate lies, with or without labels."""
        return self._labels.rect

    @property
    def picture_rect(self) -> QRectF:
        """Where the picture lies, in logical pixels."""
        return self._picture

    @property
    def stage(self) -> QRect:
        """What the panels at the sides leave free for picture and labels."""
        left, right = self._insets
        return self.rect().adjusted(left, 0, -right, 0)

    @property
    def picture_room(self) -> QRect:
        """What the picture may fill; the strips lie over it where it fills the whole view."""
        return self.stage

    def set_insets(self, left_px: int, right_px: int) -> None:
        """Keep picture and labels clear of panels at the sides."""
        if (left_px, right_px) != self._insets:
            self._insets = (left_px, right_px)
            self._place()
            self.update()

    def set_network_area(self, resize_crop: tuple[int, int] | None) -> None:
        """Mark what a network sees that scales the short side to the first and crops the second; None: no network."""
        if resize_crop != self._resize_crop:
            self._resize_crop = resize_crop
            self.update()

    def set_network_frame(self, marked: bool) -> None:
        """Draw the network's area, or leave the picture alone."""
        self._network_frame = marked
        self.update()

    def set_stale(self, stale: bool) -> None:
        """Dim a picture that is no longer the present one, so that nobody takes it for live."""
        if stale != self._stale:
            self._stale = stale
            self.update()

    def set_bare(self, bare: bool) -> None:
        """Show the picture alone, so that all of it is seen: without labels, strips and the network's area."""
        if bare != self._bare:
            self._bare = bare
            self.update()

    def show_frame(self, shown: Shown) -> None:
        """Paint ``shown`` at the next opportunity."""
        same_size = self._shown is not None and self._shown.rgb.shape == shown.rgb.shape
        self._shown, self._unpainted = shown, True
        self._set_labels()
        for layer in self._layers:
            layer.follow(shown)
        if same_size:
            self.update(self._picture.toAlignedRect())
        else:
            self._place_picture()
            self.update()

    def set_secret(self, secret: bool) -> None:
        """Keep the labels from being seen, until somebody has guessed."""
        if secret != self._secret:
            self._secret = secret
            self._set_labels()

    def _set_labels(self) -> None:
        shown = self._shown
        if shown is not None:
            self._labels.set_text(secret_text(shown) if self._secret else overlay_text(shown))

    def place_layers(self) -> None:
        """Place the layers anew: one of them takes another share of the view."""
        self._place()
        self.update()

    def clear(self) -> None:
        """Show no picture."""
        self._shown, self._unpainted = None, False
        self._scaled.clear()
        self._labels.set_text(OverlayText(-1))
        self._picture = QRectF()
        self.update()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        for layer in (self._labels, *self._layers):
            layer.set_theme(palette)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place picture and layers for the new size."""
        super().resizeEvent(event)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        """Place picture and layers for the screen the view appears on."""
        super().showEvent(event)
        self._place()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the focus is to those who move it by key."""
        super().focusInEvent(event)
        self._focus_by_key = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away."""
        super().focusOutEvent(event)
        self._focus_by_key = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, picture, network area and layers, as far as they are asked for."""
        started_ns = time.monotonic_ns()
        if self._labels.ratio != self.devicePixelRatioF():
            self._place()
        painter = QPainter(self)
        self._paint_ground(painter)
        if self._shown is not None:
            self._scaled.paint(painter, self._shown.rgb, self._picture_px, self.devicePixelRatioF())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            if self._network_frame and self._resize_crop is not None and not self._bare:
                self._paint_network_area(painter, _size_wh(self._shown), *self._resize_crop)
        if event.region().intersects(self._labels.rect) and not self._bare:
            self._labels.paint(painter)
        if self._stale:
            # With what lies beside the picture: the labels' plate is as wide as the stage.
            painter.fillRect(self.stage, colour(self._palette.background, _STALE_VEIL))
        for layer in self._layers:
            if event.region().intersects(layer.rect) and not self._bare:
                layer.paint(painter)
        if self._focus_by_key:
            paint_frame(painter, self.rect(), _FOCUS_PX, QColor(self._palette.text))
        painter.end()
        self._report_painted(started_ns)
        if self._labels.is_moving:
            self._motion.start()  # a frame that comes earlier paints, and starts it anew

    def _paint_ground(self, painter: QPainter) -> None:
        ground = QRegion(self.rect()) - QRegion(self._picture.toRect())
        if not ground.isEmpty():
            painter.setClipRegion(ground)
            painter.fillRect(self.rect(), QColor(self._palette.background))
            painter.setClipping(False)

    def _paint_network_area(
        self, painter: QPainter, image_wh: tuple[int, int], resize_short: int, crop: int
    ) -> None:
        placed = Rect(self._picture.x(), self._picture.y(), self._picture.width(), self._picture.height())
        area = within(network_area(image_wh, resize_short, crop), image_wh, placed)
        self._frame.place(area, self.devicePixelRatioF())
        self._frame.paint(painter)

    def _report_painted(self, started_ns: int) -> None:
        if self._unpainted and self._shown is not None:
            self._unpainted = False
            painted_ns = time.monotonic_ns()
            self._on_painted(self._shown, painted_ns, painted_ns - started_ns)

    def _place(self) -> None:
        ratio = self.devicePixelRatioF()
        for layer in (self._labels, *self._layers):
            layer.place(self.rect() if layer.across else self.stage, ratio)
        self._place_picture()

    def _place_picture(self) -> None:
        """Letterbox in whole device pixels, so that the picture's edges are sharp."""
        if self._shown is None:
            return
        ratio = self.devicePixelRatioF()
        room = self.picture_room
        device_wh = (round(room.width() * ratio), round(room.height() * ratio))
        box = letterbox(_size_wh(self._shown), device_wh)
        beside, above = round(room.left() * ratio), round(room.top() * ratio)
        left, top = beside + round(box.x), above + round(box.y)
        right, bottom = beside + round(box.x + box.width), above + round(box.y + box.height)
        self._picture = QRectF(left / ratio, top / ratio, (right - left) / ratio, (bottom - top) / ratio)
        self._picture_px = QRect(left, top, right - left, bottom - top)
        self.picture_placed.emit()

    def _update_layer(self) -> None:
        layer = self.sender()
        assert isinstance(layer, Layer)
        self.update(layer.rect)

    def _move_on(self) -> None:
        self.update(self._labels.rect)


def _size_wh(shown: Shown) -> tuple[int, int]:
    height, width = shown.rgb.shape[:2]
    return width, height
