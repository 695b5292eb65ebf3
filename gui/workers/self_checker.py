"""Runs the golden self-check in a process of its own: a kernel that crashes there takes nothing along."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from engine.runtime.golden_digests import GOLDEN_DIGESTS
from gui.core.self_check import SelfCheckResult, golden_digest, result_of
from gui.core.state import EngineState, Severity
from gui.workers.pipeline import Pipeline

# -P: never import from the folder the program was started in.
COMMAND = (sys.executable, "-P", "-m", "engine", "selfcheck", "--json")
PATIENCE_MS = 3000
HANGS_AFTER_MS = 300_000
_PACKAGES_ROOT = Path(__file__).parents[2]


class SelfChecker(QObject):
    """Checks once the engine is first ready, and whenever ``run`` is called; a failure is said in the strip."""

    changed = Signal()

    def __init__(
        self, pipeline: Pipeline, command: Sequence[str] = COMMAND, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._pipeline = pipeline
        self._command = list(command)
        self._process: QProcess | None = None
        self._ran = False
        self._patience = QTimer(self, singleShot=True)
        self._patience.timeout.connect(self._on_hanging)
        self.result: SelfCheckResult | None = None
        """The last verdict, None before the first."""
        pipeline.state_changed.connect(self._on_state)

    @property
    def running(self) -> bool:
        """Whether a check runs now."""
        return self._process is not None

    @Slot()
    def run(self) -> None:
        """Begin a check, unless one runs."""
        if self._process is not None:
            return
        self._ran = True
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONPATH", str(_PACKAGES_ROOT))
        process.setProcessEnvironment(environment)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        process.start(self._command[0], self._command[1:])
        self._patience.start(HANGS_AFTER_MS)
        self.changed.emit()

    def close(self) -> None:
        """Give up a check that runs."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(PATIENCE_MS)

    @Slot()
    def _on_state(self) -> None:
        if not self._ran and self._pipeline.engine_state is EngineState.READY:
            self.run()

    @Slot()
    def _on_hanging(self) -> None:
        process = self._process
        if process is not None:
            self._end(b"", crashed=False)
            process.kill()
            process.waitForFinished(PATIENCE_MS)

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._end(b"", crashed=False)

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, _status: int, how: QProcess.ExitStatus) -> None:
        if self._process is not None:
            output = self._process.readAllStandardOutput().data()
            self._end(bytes(output), crashed=how is QProcess.ExitStatus.CrashExit)

    def _end(self, output: bytes, crashed: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        self._patience.stop()
        process.deleteLater()
        date = datetime.now().astimezone().isoformat(sep=" ", timespec="minutes")
        self.result = result_of(output, crashed, date, golden_digest(GOLDEN_DIGESTS))
        severity = Severity.INFO if self.result.passed else Severity.BAD
        self._pipeline.status.post(severity, self.result.sentence)
        self.changed.emit()
