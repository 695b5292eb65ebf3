"""Figures of the live pipeline: measured on this machine, modelled for the chip, and where the frames went."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.core.counters import DropReason, Drops
from gui.core.latency import LatencyStatistics, Stage
from gui.core.state import SourceInfo
from gui.core.theme import FIGURE_HEIGHT_PX, SIDE_PX, SPACE_PX, Palette, TypeSize
from gui.widgets.clock_mark import Clock, ClockMark
from gui.widgets.style import dress, font
from gui.widgets.value_label import ValueLabel
from gui.widgets.wording import measured_clock, milliseconds, modelled_clock, rate
from gui.widgets.words import word

_VALUE_PX = 56
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class NumbersPanel(QWidget):
    """Three groups of figures; the clocks' groups never mix."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("face")
        self._marks: list[ClockMark] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_PX, SPACE_PX, SPACE_PX, SPACE_PX)
        layout.setSpacing(SPACE_PX // 2)
        self._add_heading(layout, self.tr("This laptop, measured"), Clock.MEASURED, palette)
        self._run = _figure(self.tr("network run, median, measured"))
        self._fps = _value(self.tr("frames per second"))
        self._age = _value(self.tr("frame age p95, measured"))
        layout.addWidget(self._run)
        layout.addWidget(_small(self.tr("network run, median")))
        _add_rows(layout, (self.tr("frames per second"), self._fps), (self.tr("frame age p95"), self._age))
        layout.addSpacing(2 * SPACE_PX)
        self._add_heading(layout, self.tr("Jacinto 7, modelled"), Clock.MODELLED, palette)
        self._device = _figure(self.tr("network on the device, modelled"))
        layout.addWidget(self._device)
        layout.addWidget(_small(self.tr("network on the device")))
        layout.addSpacing(2 * SPACE_PX)
        self._add_heading(layout, self.tr("Frames"), None, palette)
        self._source = ValueLabel(self.tr("what the source delivers"))
        self._source.setProperty("role", "caption")
        layout.addWidget(self._source)
        words = (self.tr("captured"), self.tr("answered"), self.tr("shown"), self.tr("dropped"))
        self._counts = tuple(map(_value, words))
        self._drops = {reason: _value(word(reason.value)) for reason in DropReason}
        _add_rows(
            layout,
            *zip(words, self._counts, strict=True),
            *((f"   {word(reason.value)}", label) for reason, label in self._drops.items()),
        )
        layout.addStretch(1)

    def _add_heading(self, layout: QVBoxLayout, text: str, clock: Clock | None, palette: Palette) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACE_PX)
        if clock is not None:
            mark = ClockMark(clock, palette)
            self._marks.append(mark)
            row.addWidget(mark)
        label = QLabel(text)
        label.setProperty("role", "section")
        row.addWidget(label, 1)
        layout.addLayout(row)

    @property
    def measured(self) -> str:
        """The measured clock as shown."""
        return self._run.text()

    @property
    def modelled(self) -> str:
        """The modelled clock as shown."""
        return self._device.text()

    @property
    def age(self) -> str:
        """The picture's age as shown."""
        return self._age.text()

    def dropped(self, reason: DropReason) -> str:
        """Return the count of one drop reason as shown."""
        return self._drops[reason].text()

    def refresh(self, latency: LatencyStatistics, drops: Drops, live: bool) -> None:
        """Show the figures of now; rate and age of the picture are only told while the source is live."""
        run = latency.percentiles(Stage.RUN)
        age = latency.percentiles(Stage.AGE) if live else None
        _set_figure(self._run, "measured", run.p50_ms if run else None, measured_clock(None).word)
        self._age.setText(f"{milliseconds(age.p95_ms, 1)} ms" if age else "–")
        self._fps.setText(rate(latency.fps() if live else None) or "–")
        counts = (drops.captured, drops.inferred, drops.shown, drops.dropped)
        for label, count in zip(self._counts, counts, strict=True):
            label.setText(f"{count}")
        for reason, label in self._drops.items():
            label.setText(f"{drops.count(reason)}")

    def set_device_ms(self, device_ms: float | None) -> None:
        """Show the modelled time of the network on the device, None while nothing models it."""
        _set_figure(self._device, "modelled", device_ms, modelled_clock(None).word)

    def set_source(self, source: SourceInfo | None) -> None:
        """Show what the source delivers."""
        self._source.setText(source.detail if source else "")

    def sizeHint(self) -> QSize:
        """As wide as the other side."""
        return QSize(SIDE_PX, super().sizeHint().height())

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        for mark in self._marks:
            mark.set_theme(palette)


def _figure(name: str) -> ValueLabel:
    label = ValueLabel(name)
    label.setFixedHeight(FIGURE_HEIGHT_PX)
    label.setToolTip(name)
    return label


def _set_figure(label: QLabel, role: str, value_ms: float | None, otherwise: str) -> None:
    """Show a clock's figure large and in its colour, or quietly that there is none."""
    label.setText(otherwise if value_ms is None else f"{milliseconds(value_ms)} ms")
    dress(label, "lead" if value_ms is None else role)


def _small(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "caption")
    return label


def _value(name: str) -> ValueLabel:
    label = ValueLabel(name, "–")
    label.setAlignment(_RIGHT)
    label.setFont(font(TypeSize.BODY, tabular=True))
    label.setMinimumWidth(_VALUE_PX)
    return label


def _add_rows(layout: QVBoxLayout, *rows: tuple[str, QLabel]) -> None:
    form = QFormLayout()
    form.setHorizontalSpacing(SPACE_PX)
    form.setVerticalSpacing(SPACE_PX // 2)
    for text, label in rows:
        name = QLabel(text)
        name.setProperty("role", "secondary")
        form.addRow(name, label)
    layout.addLayout(form)
