"""What the window shows about source, engine, jobs and messages; written by every thread. NOTE: Qt-free."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from threading import Lock
from typing import TYPE_CHECKING

from gui.core.batch import Batch, BatchItem
from gui.core.state import EngineChoice, EngineState, Message, Progress, Severity, SourceInfo, SourceState

if TYPE_CHECKING:
    from engine import SessionInfo
    from engine.program.artifact import Artifact

KEPT_MESSAGES = 100
SAME_MESSAGE_NS = 10_000_000_000


class Topic(Enum):
    """What has changed; the window is told the topic, and reads the rest."""

    FRAME = auto()
    STATE = auto()
    MESSAGE = auto()
    PROGRESS = auto()
    BATCH = auto()


class Status:
    """Latest state of everything; ``ring`` is called with the topic after each change, from the changing thread."""

    def __init__(self, ring: Callable[[Topic], None]) -> None:
        self._ring = ring
        self._lock = Lock()
        self._messages: deque[Message] = deque(maxlen=KEPT_MESSAGES)
        self._owner: object = None
        self._batch_items: list[BatchItem] = []
        self._batch_total: int | None = None
        self.source_state = SourceState.STARTING
        self.source_info: SourceInfo | None = None
        self.retries = 0
        self.stand_in: SourceInfo | None = None
        self.engine_state = EngineState.NONE
        self.session_info: SessionInfo | None = None
        self.artifact: Artifact | None = None
        self.in_use: tuple[SessionInfo, EngineChoice] | None = None
        self.progress: Progress | None = None

    def post(self, severity: Severity, text: str) -> None:
        """Add one line to the message strip; a line repeated within 10 s is not repeated."""
        now_ns = time.monotonic_ns()
        with self._lock:
            for message in self._messages:
                if now_ns - message.monotonic_ns > SAME_MESSAGE_NS:
                    break
                if message.text == text:
                    return
            self._messages.appendleft(Message(severity, text, now_ns))
        self._ring(Topic.MESSAGE)

    def messages(self) -> tuple[Message, ...]:
        """Return the latest messages, newest first."""
        with self._lock:
            return tuple(self._messages)

    def own_source(self, owner: object, same_batch: bool = False) -> None:
        """Accept source news from ``owner`` only: a source given up may wake up later, and must not be heard.

        ``same_batch``: it reads the files of the open batch once more.
        """
        with self._lock:
            self._owner = owner
            self._batch_items, self._batch_total = [], self._batch_total if same_batch else None
        self._ring(Topic.BATCH)

    def set_source(
        self, owner: object, state: SourceState, info: SourceInfo | None = None, retries: int = 0
    ) -> None:
        """Set where the source stands; ``info`` None keeps what is known."""
        with self._lock:
            if owner is not self._owner:
                return
            changed = (state, retries) != (self.source_state, self.retries) or info not in (
                None,
                self.source_info,
            )
            self.source_state, self.retries = state, retries
            self.source_info = info or self.source_info
        if changed:
            self._ring(Topic.STATE)

    def set_stand_in(self, info: SourceInfo | None) -> None:
        """Set whose pictures are shown while the open source gives none, None once it is back."""
        with self._lock:
            changed, self.stand_in = info != self.stand_in, info
        if changed:
            self._ring(Topic.STATE)

    def set_engine(self, state: EngineState) -> None:
        """Set where the engine stands."""
        with self._lock:
            changed, self.engine_state = state is not self.engine_state, state
        if changed:
            self._ring(Topic.STATE)

    def change_engine(self, before: EngineState, after: EngineState) -> None:
        """Set where the engine stands, only if it stood at ``before``."""
        with self._lock:
            if self.engine_state is not before:
                return
            self.engine_state = after
        self._ring(Topic.STATE)

    def set_session(
        self,
        info: SessionInfo | None,
        artifact: Artifact | None = None,
        choice: EngineChoice | None = None,
    ) -> None:
        """Set what labels the frames from now on, the compiled network that it runs, and the choice that it answers."""
        self.session_info, self.artifact = info, artifact
        self.in_use = (info, choice) if info is not None and choice is not None else None
        self._ring(Topic.STATE)

    def set_progress(self, progress: Progress | None) -> None:
        """Set how far the running job is, None when none runs."""
        self.progress = progress
        self._ring(Topic.PROGRESS)

    def begin_batch(self, owner: object, total: int) -> None:
        """Begin a batch of ``total`` files."""
        with self._lock:
            if owner is not self._owner:
                return
            self._batch_items, self._batch_total = [], total
        self._ring(Topic.BATCH)

    def add_batch_item(self, owner: object, item: BatchItem) -> None:
        """Add the result of one file; ignored where no batch runs, or it is complete and only looked through again."""
        with self._lock:
            if owner is not self._owner or len(self._batch_items) >= (self._batch_total or 0):
                return
            self._batch_items.append(item)
        self._ring(Topic.BATCH)

    @property
    def batch(self) -> Batch | None:
        """The open batch, None while the source is none."""
        with self._lock:
            if self._batch_total is None:
                return None
            return Batch(tuple(self._batch_items), self._batch_total)
