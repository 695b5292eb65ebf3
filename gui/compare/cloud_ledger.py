"""Books of the cloud's side: answers, failures by reason, bytes that left, latency beside the edge's. NOTE: Qt-free."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from gui.compare.cloud import CloudAnswer, Failure

WINDOW_S = 60.0
_CAPACITY = 4096


@dataclass(frozen=True, slots=True)
class Price:
    """List price of a function in US dollars (https://aws.amazon.com/lambda/pricing/, x86, first tier, without transfer).

    1769 MB of memory is what comes with one whole processor.
    """

    per_request: float = 0.20e-6
    per_gb_s: float = 0.0000166667
    memory_gb: float = 1.769

    def of(self, requests: int, billed_ms: int) -> float:
        """Return the price of ``requests`` that took ``billed_ms`` in all."""
        return requests * self.per_request + billed_ms / 1000 * self.memory_gb * self.per_gb_s


@dataclass(frozen=True, slots=True, eq=False)
class LatencyPair:
    """The last minute: seconds before the newest (<= 0, rising), edge and cloud time of each frame in ms.

    ``edge_ms`` is measured; of ``cloud_ms``, ``simulated_ms`` were added by the network model.
    """

    t_s: NDArray[np.float64]
    edge_ms: NDArray[np.float64]
    cloud_ms: NDArray[np.float64]
    simulated_ms: NDArray[np.float64]

    def quantiles_ms(self, percent: tuple[int, ...]) -> tuple[float | None, ...]:
        """Return percentiles of the cloud's time, None each without an answer."""
        if not self.cloud_ms.size:
            return (None,) * len(percent)
        return tuple(float(each) for each in np.percentile(self.cloud_ms, percent))


class CloudLedger:
    """Written by the threads that ask, read by any."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._recent: deque[tuple[int, float, float, float]] = deque(maxlen=_CAPACITY)
        self._failures = dict.fromkeys(Failure, 0)
        self._latest: CloudAnswer | None = None
        self._answered = self._same_label = self._dropped = 0
        self._bytes_up = self._bytes_down = self._billed_ms = 0

    def add_answer(self, answer: CloudAnswer) -> None:
        """Count an answer; answers may come out of order, the newest frame is the latest."""
        times = answer.times
        row = (answer.captured_ns, answer.edge_ns / 1e6, times.total_ns / 1e6, times.simulated_ms)
        with self._lock:
            self._answered += 1
            self._same_label += answer.top[0].index == answer.edge_top[0].index
            self._bytes_down += answer.bytes_down
            self._billed_ms += math.ceil(times.function_ns / 1e6)
            self._recent.append(row)
            if self._latest is None or answer.seq > self._latest.seq:
                self._latest = answer

    def add_failure(self, failure: Failure) -> None:
        """Count a frame that got no answer."""
        with self._lock:
            self._failures[failure] += 1

    def add_sent(self, size_bytes: int) -> None:
        """Count bytes that left, answered or not."""
        with self._lock:
            self._bytes_up += size_bytes

    def count_dropped(self) -> None:
        """A newer frame came before a request was free for this one, or the edge named nothing on it."""
        with self._lock:
            self._dropped += 1

    @property
    def answered(self) -> int:
        """Frames that the function labelled."""
        return self._answered

    @property
    def same_label(self) -> int:
        """Answers with the edge's own first label."""
        return self._same_label

    @property
    def dropped(self) -> int:
        """Frames that were never sent because newer ones came."""
        return self._dropped

    @property
    def failed(self) -> int:
        """Frames that got no answer."""
        return sum(self._failures.values())

    @property
    def bytes_up(self) -> int:
        """Bytes that left this device for the function."""
        return self._bytes_up

    @property
    def bytes_down(self) -> int:
        """Bytes that came back."""
        return self._bytes_down

    @property
    def latest(self) -> CloudAnswer | None:
        """The answer to the newest frame."""
        return self._latest

    def failures(self) -> dict[str, int]:
        """Return the count of every reason that occurred, by its text."""
        with self._lock:
            return {failure.value: count for failure, count in self._failures.items() if count}

    def dollars_per_million(self, price: Price) -> float | None:
        """Return what a million frames would cost at ``price``, None before the first answer; modelled."""
        if not self._answered:
            return None
        return price.of(self._answered, self._billed_ms) / self._answered * 1e6

    def latency(self) -> LatencyPair:
        """Return edge and cloud latency of the last minute's frames, in the order of the frames."""
        with self._lock:
            rows = sorted(self._recent)
        table = np.array(rows, np.float64).reshape(len(rows), 4)
        t_s = (table[:, 0] - (table[-1, 0] if len(rows) else 0.0)) / 1e9
        recent = table[t_s > -WINDOW_S]
        return LatencyPair(t_s[t_s > -WINDOW_S], recent[:, 1], recent[:, 2], recent[:, 3])
