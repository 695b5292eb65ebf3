"""Faults outside the expected are one line each, to the strip, to standard error and to the report."""

import pytest
from PySide6.QtCore import QMessageLogContext, QtMsgType

from gui.faults import EXCUSED, KEPT_LINES, FaultLog


@pytest.fixture
def told():
    return []


@pytest.fixture
def faults(told) -> FaultLog:
    log = FaultLog()
    log.tell = told.append
    return log


def raised() -> ValueError:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        return error


def test_an_exception_is_one_line_that_names_its_place(faults, told, capsys):
    error = raised()
    faults._on_exception(ValueError, error, error.__traceback__)
    (line,) = faults.lines
    assert line.startswith("unexpected ValueError: two lines (")
    assert "test_faults.py" in line
    assert told == [line]
    assert capsys.readouterr().err == f"lens7: {line}\n"


def test_debug_adds_the_traceback(capsys):
    error = raised()
    FaultLog(debug=True)._on_exception(ValueError, error, error.__traceback__)
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.parametrize("text", EXCUSED)
def test_the_offscreen_platform_is_excused(faults, text):
    faults._on_qt_message(QtMsgType.QtWarningMsg, QMessageLogContext(), text + "()")
    assert faults.lines == []


def test_every_other_warning_of_qt_counts(faults, told):
    faults._on_qt_message(QtMsgType.QtWarningMsg, QMessageLogContext(), "QPainter: not active")
    faults._on_qt_message(QtMsgType.QtInfoMsg, QMessageLogContext(), "by the way")
    assert told == faults.lines == ["Qt: QPainter: not active"]


def test_a_standard_error_that_is_gone_or_full_keeps_nothing_from_the_strip(faults, told, monkeypatch):
    class FullDisk:
        def write(self, text):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("sys.stderr", FullDisk())
    faults._on_qt_message(QtMsgType.QtWarningMsg, QMessageLogContext(), "QPainter: not active")
    assert told == ["Qt: QPainter: not active"]


def test_a_flood_is_bounded(faults):
    for number in range(3 * KEPT_LINES):
        faults._on_qt_message(QtMsgType.QtWarningMsg, QMessageLogContext(), str(number))
    assert len(faults.lines) == KEPT_LINES
