"""What lies between this device and the cloud, simulated: presets and a slider for each part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gui.core.settings import Settings
from gui.core.state import Choice
from gui.core.theme import SPACE_PX, Palette, TypeSize
from gui.widgets.condition_slider import NeutralSlider
from gui.widgets.picker import Picker
from gui.widgets.style import font
from gui.widgets.words import word
from gui.workers.monitor_options import UNLIMITED_MBIT_S

_VALUE_PX = 72


@dataclass(frozen=True, slots=True)
class Part:
    """A slider: the setting that it changes, its stops, and its unit."""

    setting: str
    title: str
    stops: tuple[int, ...]
    unit: str


_RATES = (1, 2, 4, 8, 15, 20, 40, 100, 200, 500, 1000, UNLIMITED_MBIT_S)
PARTS = (
    Part("cloud_round_trip_ms", "Round trip", (0, 5, 15, 25, 40, 60, 100, 150, 250, 600, 1200), "ms"),
    Part("cloud_jitter_ms", "Jitter, up to", (0, 2, 5, 10, 20, 30, 50, 80, 150, 300), "ms"),
    Part("cloud_upload_mbit_s", "Upload", _RATES, "Mbit/s"),
    Part("cloud_download_mbit_s", "Download", _RATES, "Mbit/s"),
    Part("cloud_loss_permille", "Packets lost", (0, 1, 2, 5, 10, 20, 30, 50, 100, 200), "‰"),
    Part("cloud_cold_start_ms", "More at a cold start", (0, 100, 250, 500, 1000, 2000, 5000), "ms"),
)
PRESETS: Mapping[str, tuple[int, ...]] = {
    "none": (0, 0, UNLIMITED_MBIT_S, UNLIMITED_MBIT_S, 0, 0),
    "fibre": (15, 2, 200, 500, 0, 0),
    "4G": (60, 30, 15, 40, 5, 250),
    "exhibition Wi-Fi": (60, 80, 4, 15, 30, 250),
    "satellite": (600, 50, 4, 40, 10, 500),
}


class NetworkControls(QWidget):
    """Writes the settings of the simulated network; ``changed`` follows."""

    changed = Signal()

    def __init__(self, settings: Settings, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.preset = Picker(_tr("Network, simulated"), 184, palette)
        self.preset.chosen.connect(self.use_preset)
        self.sliders: dict[str, NeutralSlider] = {}
        self._values: dict[str, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        grid.setHorizontalSpacing(SPACE_PX)
        grid.addWidget(self.preset, 0, 0, 1, 3)
        for row, part in enumerate(PARTS, 1):
            self._add_part(grid, row, part, palette)
        grid.setColumnStretch(1, 1)
        self.refresh()

    def _add_part(self, grid: QGridLayout, row: int, part: Part, palette: Palette) -> None:
        title = QLabel(word(part.title))
        slider = NeutralSlider(0, len(part.stops) - 1, 0, palette)
        slider.setAccessibleName(f"{title.text()}, {_tr('simulated')}")
        slider.valueChanged.connect(lambda stop: self._use(part, part.stops[stop]))
        value = QLabel()
        value.setFont(font(TypeSize.CAPTION, tabular=True))
        value.setFixedWidth(_VALUE_PX)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.sliders[part.setting], self._values[part.setting] = slider, value
        for column, widget in enumerate((title, slider, value)):
            grid.addWidget(widget, row, column)

    def use_preset(self, name: str) -> None:
        """Use a whole network."""
        for part, value in zip(PARTS, PRESETS[name], strict=True):
            self._settings.set(part.setting, value)
        self.refresh()
        self.changed.emit()

    def _use(self, part: Part, value: int) -> None:
        self._settings.set(part.setting, value)
        self.refresh()
        self.changed.emit()

    def refresh(self) -> None:
        """Show what the settings hold."""
        values = tuple(self._settings.number(part.setting) for part in PARTS)
        for part, value in zip(PARTS, values, strict=True):
            nearest = min(range(len(part.stops)), key=lambda stop: abs(part.stops[stop] - value))
            with QSignalBlocker(self.sliders[part.setting]):
                self.sliders[part.setting].setValue(nearest)
            self._values[part.setting].setText(_value_text(part, value))
        preset = next((name for name, wanted in PRESETS.items() if wanted == values), "")
        self.preset.set_choices([Choice(name, word(name)) for name in PRESETS], preset, _tr("your own"))

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self.preset.set_theme(palette)
        for slider in self.sliders.values():
            slider.set_theme(palette)


def _value_text(part: Part, value: int) -> str:
    unlimited = part.unit == "Mbit/s" and value >= UNLIMITED_MBIT_S
    return _tr("no limit") if unlimited else f"{value} {part.unit}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("NetworkControls", text)
