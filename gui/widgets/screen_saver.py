"""Holds the screen saver off while the program is shown, by the desktop's own service on the session bus."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher

from gui.core.state import Severity

SERVICE = "org.freedesktop.ScreenSaver"
_PATH = "/org/freedesktop/ScreenSaver"
_TIMEOUT_MS = 3000


class ScreenSaver(QObject):
    """Asks once; ``told`` says what holds the screen saver off, or that nothing does."""

    told = Signal(Severity, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = QDBusConnection.sessionBus()
        self._watcher: QDBusPendingCallWatcher | None = None
        self._cookie: int | None = None

    @property
    def is_held_off(self) -> bool:
        """Whether the service has agreed."""
        return self._cookie is not None

    def hold_off(self) -> None:
        """Ask the service; the answer comes by ``told``."""
        if not self._bus.isConnected():
            self._give_up(self.tr("there is no session bus"))
            return
        call = QDBusMessage.createMethodCall(SERVICE, _PATH, SERVICE, "Inhibit")
        call.setArguments(["Lens7", self.tr("A live picture is shown")])
        self._watcher = QDBusPendingCallWatcher(self._bus.asyncCall(call, _TIMEOUT_MS), self)
        self._watcher.finished.connect(self._on_answer)

    @Slot()
    def _on_answer(self) -> None:
        assert self._watcher is not None
        answer = self._watcher.reply()
        if answer.type() is QDBusMessage.MessageType.ReplyMessage and answer.arguments():
            self._cookie = int(answer.arguments()[0])
            self.told.emit(
                Severity.INFO, self.tr("The screen saver is held off by {name}.").format(name=SERVICE)
            )
        else:
            self._give_up(answer.errorMessage())

    def _give_up(self, reason: str) -> None:
        text = self.tr(
            "Nothing holds the screen saver off ({reason}); turn it off in the desktop's settings."
        )
        self.told.emit(Severity.WARNING, text.format(reason=reason))

    def let_go(self) -> None:
        """Allow the screen saver again; the service does the same when the program ends."""
        if self._cookie is None:
            return
        call = QDBusMessage.createMethodCall(SERVICE, _PATH, SERVICE, "UnInhibit")
        call.setArguments([self._cookie])
        self._bus.send(call)
        self._cookie = None
