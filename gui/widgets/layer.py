"""What is painted over the picture: layers placed once per size and cached between changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPixmap

from gui.core.frame import Shown
from gui.core.theme import Palette


class Layer(QObject):
    """A part of the view's overlay. It paints inside ``rect`` and says when that must be painted again."""

    changed = Signal()
    across = False
    """Whether it lies across the whole view, or only over the stage: what the panels at the sides leave free."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.palette = palette
        self.rect = QRect()
        self.ratio = 1.0

    def follow(self, shown: Shown) -> None:
        """Another frame is to be painted."""

    def place(self, view: QRect, ratio: float) -> None:
        """Choose ``rect`` for a view, or a stage, of this place at ``ratio`` device pixels per logical pixel."""
        self.rect = view
        self.ratio = ratio

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.palette = palette
        self.changed.emit()

    def paint(self, painter: QPainter) -> None:
        """Paint into ``rect``."""
        raise NotImplementedError

    @property
    def is_moving(self) -> bool:
        """Whether the layer needs painting again although nothing new came."""
        return False


class CachedLayer(Layer):
    """A layer whose picture changes rarely: ``draw`` runs on change, every frame costs one blit."""

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self._pixmap: QPixmap | None = None
        self.changed.connect(self._forget)

    def _forget(self) -> None:
        self._pixmap = None

    def place(self, view: QRect, ratio: float) -> None:
        """Choose ``rect`` and draw anew."""
        super().place(view, ratio)
        self._forget()

    def draw(self, painter: QPainter) -> None:
        """Draw the layer, origin at the top left of ``rect``."""
        raise NotImplementedError

    def paint(self, painter: QPainter) -> None:
        """Paint the kept picture."""
        if self.rect.isEmpty():
            return
        if self._pixmap is None:
            self._pixmap = QPixmap(self.rect.size() * self.ratio)
            self._pixmap.setDevicePixelRatio(self.ratio)
            self._pixmap.fill(Qt.GlobalColor.transparent)
            inner = QPainter(self._pixmap)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.draw(inner)
            inner.end()
        painter.drawPixmap(self.rect.topLeft(), self._pixmap)
