"""Runs the quiz or the tour over the live pipeline: opens its pictures in order, hides the label until it may be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, Qt, QTimer, Slot

from gui.capture.spec import kind_of
from gui.core.confidence import ConfidenceTrace
from gui.core.quiz import Quiz
from gui.core.state import Severity, SourceKind
from gui.core.tour import Tour, load_quiz, load_tour
from gui.widgets.guide_card import Network, Program
from gui.widgets.quiz_game import QuizGame
from gui.widgets.show_face import ShowFace
from gui.widgets.stage_view import StageView
from gui.widgets.tour_walk import TourWalk
from gui.workers.pipeline import Pipeline

_LOOK_INTERVAL_MS = 100
_DIGITS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4)
_CAMERAS = (SourceKind.CAMERA, SourceKind.STREAM)


def default_score_path() -> Path:
    """Return where this platform keeps the score of the day."""
    return platformdirs.user_data_path("lens7") / "quiz.json"


class Guide(QObject):
    """At most one of quiz and tour at a time, in Show; ``views`` keep the label to themselves while it is a secret."""

    def __init__(
        self,
        pipeline: Pipeline,
        show: ShowFace,
        views: tuple[StageView, ...],
        trace: ConfidenceTrace,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._pipeline = pipeline
        self._show = show
        self._views = views
        self._trace = trace
        self._program: Program | None = None
        self._timer = QTimer(self, interval=_LOOK_INTERVAL_MS)
        self._timer.timeout.connect(self.look)
        self.idle = QTimer(self, singleShot=True)
        self.idle.timeout.connect(self.leave)
        panel = show.guide
        panel.chosen.connect(self.choose)
        panel.asked.connect(self.ask)
        panel.stepped.connect(self.step)
        panel.left.connect(self.leave)
        pipeline.batch_changed.connect(self._on_batch)

    @property
    def is_active(self) -> bool:
        """Whether a quiz or a tour runs."""
        return self._program is not None

    def toggle_quiz(self) -> None:
        """Begin a quiz, or end the one that runs."""
        self._toggle(QuizGame, lambda: QuizGame(Quiz(load_quiz(), default_score_path()), self._complain))

    def toggle_tour(self) -> None:
        """Begin the tour, or end the one that runs."""
        self._toggle(TourWalk, lambda: TourWalk(Tour(load_tour())))

    def _toggle(self, kind: type[Program], make: Callable[[], Program]) -> None:
        running = type(self._program)
        self.leave()
        if running is kind:
            return
        try:
            self._program = make()
        except FileNotFoundError as error:
            self._complain(self.tr("{error}; install Lens7 again").format(error=error))
            return
        self._show.guide_panel.set_open(True)
        self._timer.start()
        self.note_somebody()
        self._open()

    @Slot()
    def leave(self) -> None:
        """End quiz or tour and return to the live source."""
        if self._program is not None:
            self.end()
            self._pipeline.back_to_live()

    def end(self) -> None:
        """End quiz or tour; another source is being opened already."""
        if self._program is None:
            return
        self._program = None
        self._timer.stop()
        self.idle.stop()
        self._keep_secret(False)
        self._show.view.setFocus()  # before what had it is hidden, or Qt moves it on as Tab would
        self._show.guide_panel.set_open(False)

    def set_idle(self, seconds: int) -> None:
        """Return to the live source when nobody does anything for so long; 0: never."""
        self.idle.setInterval(1000 * seconds)

    @Slot()
    def note_somebody(self) -> None:
        """Somebody pressed a key or moved the mouse: the visitor is still there."""
        if self.is_active and self.idle.interval():
            self.idle.start()

    def take_key(self, key: int) -> bool:
        """Return whether a plain key meant the quiz or the tour, and act on it."""
        if self._program is None:
            return False
        if key in _DIGITS:
            self.choose(_DIGITS.index(Qt.Key(key)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.ask()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.step(1 if key == Qt.Key.Key_Right else -1)
        else:
            return False
        return True

    @Slot(int)
    def choose(self, place: int) -> None:
        """Take a choice by its place, from 0."""
        self._act(lambda program: program.choose(place))

    @Slot()
    def ask(self) -> None:
        """Do what the Enter key does."""
        self._act(lambda program: program.ask())

    @Slot(int)
    def step(self, offset: int) -> None:
        """Go on, or back."""
        self._act(lambda program: program.step(offset))

    def _act(self, action: Callable[[Program], None]) -> None:
        if self._program is None:
            return
        before = self._program.still
        action(self._program)
        if self._program.still != before:
            self._open()
        self.look()

    def _open(self) -> None:
        """Show the picture that is asked for, or the live source."""
        assert self._program is not None
        still = self._program.still
        if still is None:
            self._pipeline.back_to_live()
        else:
            self._pipeline.open_still(still.path, still.name)
        self.look()

    @Slot()
    def look(self) -> None:
        """Compare what is asked for with what is in the view, and tell."""
        if self._program is None:
            return
        source = self._pipeline.source_info
        # Without a spec it is still a picture of the guide's own: the live source is only being opened.
        has_camera = source is None or not source.spec or kind_of(source.spec) in _CAMERAS
        self._program.look(self._show.view.shown, has_camera, self._network)
        self._keep_secret(self._program.is_secret)
        self._show.guide.set_card(self._program.card)

    def _network(self) -> Network:
        artifact, info = self._pipeline.artifact, self._pipeline.session_info
        labels = frozenset(artifact.labels) if artifact is not None and artifact.labels else None
        return Network(labels, info.labels_count if info is not None else 0)

    def _keep_secret(self, secret: bool) -> None:
        self._trace.secret = secret
        for view in self._views:
            view.set_secret(secret)

    @Slot()
    def _on_batch(self) -> None:
        """Files were dropped: they are looked at now."""
        if self.is_active and self._pipeline.batch is not None:
            self.end()

    def _complain(self, text: str) -> None:
        self._pipeline.post(Severity.WARNING, text)
