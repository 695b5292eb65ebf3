"""Cameras: which there are, and how the one in use gives its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gui.capture.camera_offer import CameraOffer
from gui.capture.camera_setup import DEFAULT, CameraSetup
from gui.capture.view import WHOLE, View
from gui.core.state import Choice
from gui.core.theme import ICON_PX, SIDE_PX, SPACE_PX, Palette
from gui.widgets.camera_controls import ControlRow
from gui.widgets.camera_list import CameraList
from gui.widgets.icons import icon
from gui.widgets.picker import Picker
from gui.workers.camera_previews import CameraCard

_SIZE_PX, _RATE_PX = 144, 104
_ICONS = {"mirror": "flip-horizontal", "turn": "rotate-cw", "region": "crop", "whole": "undo-2"}


class CameraPanel(QWidget):
    """Asks to open a camera, to change the setup of the open one, and to choose a region on the picture."""

    opened = Signal(str)
    changed = Signal(object)
    region_asked = Signal(bool)
    watched = Signal(bool)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("face")
        self._setup = DEFAULT
        self.cameras = CameraList(palette)
        self.cameras.opened.connect(self.opened)
        self._none = _caption(self.tr("No camera found. Plug one in; it appears here by itself."))
        self._name = QLabel()
        self._name.setProperty("role", "section")
        self.size_picker = Picker(self.tr("Resolution"), _SIZE_PX, palette)
        self.rate = Picker(self.tr("Rate"), _RATE_PX, palette)
        self.size_picker.chosen.connect(self._choose_size)
        self.rate.chosen.connect(self._choose_rate)
        self._gives = _caption("")
        self.buttons = {
            "mirror": self._button("mirror", self.tr("Mirror"), checkable=True),
            "turn": self._button("turn", self.tr("Turn by 90°")),
            "region": self._button("region", self.tr("Choose a region on the picture"), checkable=True),
            "whole": self._button("whole", self.tr("Whole picture, as the camera gives it")),
        }
        self._view = _caption("")
        self.exposure = ControlRow(self.tr("Exposure"), palette)
        self.focus = ControlRow(self.tr("Focus"), palette)
        self.exposure.changed.connect(lambda value: self._ask(replace(self._setup, exposure=value)))
        self.focus.changed.connect(lambda value: self._ask(replace(self._setup, focus=value)))
        self._controls = self._lay_out()
        self.set_theme(palette)
        self.set_cards((), "", None)
        self.set_camera("", CameraOffer({}), DEFAULT, "")

    def _button(self, name: str, title: str, checkable: bool = False) -> QToolButton:
        button = QToolButton()
        button.setIconSize(QSize(ICON_PX, ICON_PX))
        button.setAccessibleName(title)
        button.setToolTip(title)
        button.setCheckable(checkable)
        button.clicked.connect(lambda checked: self._press(name, checked))
        return button

    def _lay_out(self) -> QWidget:
        """Lay out the list above, and below it what belongs to the camera in use; return the latter."""
        pickers, buttons = QHBoxLayout(), QHBoxLayout()
        for row in (pickers, buttons):
            row.setSpacing(SPACE_PX)
        for picker in (self.size_picker, self.rate):
            pickers.addWidget(picker)
        for button in self.buttons.values():
            buttons.addWidget(button)
        for row in (pickers, buttons):
            row.addStretch(1)
        controls = QWidget()
        controls.setObjectName("face")
        inner = QVBoxLayout(controls)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(SPACE_PX)
        inner.addLayout(pickers)
        inner.addWidget(self._gives)
        inner.addLayout(buttons)
        inner.addWidget(self._view)
        inner.addWidget(self.exposure)
        inner.addWidget(self.focus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_PX, 0, SPACE_PX, SPACE_PX)
        layout.setSpacing(SPACE_PX)
        layout.addWidget(self._none)
        layout.addWidget(self.cameras, 100)
        layout.addWidget(self._name)
        layout.addWidget(controls)
        layout.addStretch(1)
        return controls

    @property
    def setup(self) -> CameraSetup:
        """The setup shown."""
        return self._setup

    @property
    def texts(self) -> tuple[str, str, str]:
        """Which camera is in use, what it gives, and how it is turned, as shown."""
        return self._name.text(), self._gives.text(), self._view.text()

    def set_cards(self, cards: Sequence[CameraCard], in_use: str, live: NDArray[np.uint8] | None) -> None:
        """Show the cameras; the one in use shows ``live`` instead of a preview."""
        self.cameras.set_cards(cards, in_use, live)
        self.cameras.setVisible(bool(cards))
        self._none.setVisible(not cards)

    def set_camera(self, name: str, offer: CameraOffer, setup: CameraSetup, detail: str) -> None:
        """Show how the camera in use is set up and what it gives; no name: none is in use."""
        self._setup = setup
        self._name.setText(name or self.tr("Open a camera to set it up."))
        self._controls.setVisible(bool(name))
        sizes = sorted({*offer.modes, (setup.width_px, setup.height_px)})
        self.size_picker.set_choices(
            [Choice(f"{w}x{h}", f"{w} × {h}") for w, h in sizes], f"{setup.width_px}x{setup.height_px}"
        )
        rates = sorted({*offer.modes.get((setup.width_px, setup.height_px), ()), setup.fps})
        self.rate.set_choices([Choice(str(fps), f"{fps} fps") for fps in rates], str(setup.fps))
        gives = self.tr("gives {detail}").format(detail=detail) if detail else ""
        unsure = "" if offer.is_known or not name else self.tr("common modes; the camera may give another")
        self._gives.setText(" · ".join(filter(None, (gives, unsure))))
        self._view.setText(self._view_line(setup.view))
        self.buttons["mirror"].setChecked(setup.view.mirror)
        self.buttons["whole"].setEnabled(setup.view != View())
        self.exposure.set_control(offer.exposure, setup.exposure)
        self.focus.set_control(offer.focus, setup.focus)

    def set_choosing_region(self, choosing: bool) -> None:
        """Show whether a region is being chosen on the picture."""
        self.buttons["region"].setChecked(choosing)

    def _view_line(self, view: View) -> str:
        _, _, w, h = view.region
        parts = (
            self.tr("turned {degrees}°").format(degrees=view.turn) if view.turn else "",
            self.tr("mirrored") if view.mirror else "",
            self.tr("region {w:.0f} % × {h:.0f} %").format(w=100 * w, h=100 * h)
            if view.region != WHOLE
            else "",
        )
        line = ", ".join(filter(None, parts)) or self.tr("as the camera gives it")
        return line.replace(" %", "\u00a0%")  # never broken between the lines

    def _choose_size(self, text: str) -> None:
        width, height = (int(side) for side in text.split("x"))
        self._ask(replace(self._setup, width_px=width, height_px=height))

    def _choose_rate(self, text: str) -> None:
        self._ask(replace(self._setup, fps=int(text)))

    def _press(self, name: str, checked: bool) -> None:
        view = self._setup.view
        if name == "region":
            self.region_asked.emit(checked)
        elif name == "mirror":
            self._ask(replace(self._setup, view=view.mirrored()))
        elif name == "turn":
            self._ask(replace(self._setup, view=view.turned()))
        else:
            self._ask(replace(self._setup, view=View()))

    def _ask(self, setup: CameraSetup) -> None:
        self.changed.emit(setup)

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody wants to see the cameras."""
        super().showEvent(event)
        self.watched.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody does any more."""
        super().hideEvent(event)
        self.watched.emit(False)

    def sizeHint(self) -> QSize:
        """As wide as the other panels of its side."""
        return QSize(SIDE_PX, super().sizeHint().height())

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        for name, button in self.buttons.items():
            button.setIcon(icon(_ICONS[name], palette))
        for part in (self.cameras, self.size_picker, self.rate, self.exposure, self.focus):
            part.set_theme(palette)


def _caption(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "caption")
    label.setWordWrap(True)
    return label
