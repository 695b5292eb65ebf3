"""Words of the Qt-free enums and tables in the reader's language, and what figures mean."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gui.core.text import Written
from gui.core.verdict import LIMITS, Figure


def word(text: str) -> str:
    """Return a word of the program's enums and tables (a stage, a state, a reason) in the reader's language."""
    return QCoreApplication.translate("Words", text)


def figure_help(figure: Figure) -> str:
    """Return what a figure is, and from which values on it is a warning or bad."""
    limits = LIMITS[figure]
    border = _tr("from") if limits.rising else _tr("below")
    thresholds = _tr("▲ warning {border} {warn:g} {unit}, ■ bad {border} {bad:g} {unit}").format(
        border=border, warn=Written(limits.warn), bad=Written(limits.bad), unit=limits.unit
    )
    return f"{_meaning(figure)}\n{thresholds}"


def _meaning(figure: Figure) -> str:
    return {
        Figure.FPS: _tr("Pictures painted per second over the last two seconds, measured."),
        Figure.AGE: _tr(
            "Time from a frame's capture to the end of its painting; 95 % of the last 60 s were faster."
        ),
        Figure.QUEUE: _tr("Time that frames wait for the engine; 95 % of the last 60 s waited less."),
        Figure.RUN: _tr("Time of the network itself on this machine; 95 % of the last 60 s were faster."),
        Figure.DROPPED: _tr(
            "Share of the captured frames of the last 10 s that were not shown, pauses left out."
        ),
        Figure.CPU: _tr("Processor time of this program over the last second; 100 % is one core."),
        Figure.MACHINE: _tr("Processor time of all programs over the last second; 100 % is all cores."),
        Figure.TEMPERATURE: _tr("Hottest sensor of the processor; – where the machine tells none."),
    }[figure]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Words", text)
