"""A frame's way to the cloud function and back: what is measured, what is simulated, what was sent. NOTE: Qt-free."""

from __future__ import annotations

import http.client
import json
import random
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gui.compare.child import ChildError
from gui.compare.function import ADDRESS, MAX_REQUEST_BYTES, PATH, PATIENCE_S
from gui.compare.function_host import FunctionHost, Instance
from gui.compare.network import Clock, Delays, Network, Plug, download, upload
from gui.core.errors import GuiError
from gui.core.frame import Frame
from gui.core.state import EngineChoice
from gui.core.text import say

if TYPE_CHECKING:
    from engine import Label

MAX_ANSWER_BYTES = 1 << 16
MAX_LABELS = 100
MAX_FUNCTION_NS = 3_600_000_000_000
RESTED_NS = round(PATIENCE_S * 1e9 / 2)
"""A connection without a request for so long is not used again: the function may have hung up meanwhile."""


class Failure(Enum):
    """Why a frame got no answer from the cloud; the value is the text people read."""

    UNPLUGGED = "no network"
    THROTTLED = "throttled"
    TOO_LARGE = "request too large"
    REFUSED = "refused"
    SILENT = "no answer in time"
    NONSENSE = "answered nonsense"
    ENDED = "function ended"


class CloudError(GuiError):
    """A frame got no answer."""

    def __init__(self, failure: Failure, text: str) -> None:
        super().__init__(say("cloud function: {text}", text=text))
        self.failure = failure
        self.instance: Instance | None = None
        """The function that is to blame, if one was reached."""


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """What a round trip is made of.

    ``short_px`` is the short side of the uploaded picture, 0 for the whole frame: what the network needs is the kindest
    choice for the cloud. ``cold_start_ms`` is simulated on top of the real start. ``in_flight`` requests at most are
    under way; the function itself takes ``concurrency`` at a time and turns the others away.
    """

    network: Network = field(default_factory=Network)
    short_px: int = 256
    jpeg_quality: int = 85
    cold_start_ms: float = 0.0
    keep_warm_s: float = 60.0
    in_flight: int = 2
    concurrency: int = 2
    timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class CloudTimes:
    """Where a round trip's time went. ``up``, ``down`` and ``cold_start_ms`` are simulated, all else is measured.

    ``exchange_ns`` is the request over the loopback and the function's work in it, ``function_ns`` that work as the
    function itself measured it, ``start_ns`` a cold start's real share. ``total_ns`` is all of it, waits included.
    """

    encode_ns: int
    start_ns: int
    exchange_ns: int
    function_ns: int
    total_ns: int
    up: Delays
    down: Delays
    cold_start_ms: float

    @property
    def simulated_ms(self) -> float:
        """The share that the network model added."""
        return self.up.total_ms + self.down.total_ms + self.cold_start_ms


@dataclass(frozen=True, slots=True)
class CloudAnswer:
    """The cloud's answer to a frame, and the edge's time for the same frame, measured on this machine."""

    seq: int
    captured_ns: int
    top: tuple[Label, ...]
    edge_top: tuple[Label, ...]
    edge_ns: int
    times: CloudTimes
    bytes_up: int
    bytes_down: int
    cold: bool


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """What this device said of a frame, and its time for preprocess, run and postprocess."""

    frame: Frame
    top: tuple[Label, ...]
    edge_ns: int


class CloudLane:
    """One request at a time over one connection; each of several threads has its own."""

    def __init__(self, host: FunctionHost, plug: Plug, clock: Clock, chance: random.Random) -> None:
        self._host = host
        self._plug = plug
        self._clock = clock
        self._chance = chance
        self._connection: _Connection | None = None
        self._connected: Instance | None = None
        self._answered_ns = 0
        self.asking_since_ns: int | None = None
        """Since when the function works on a request, None while it does not."""
        self.bytes_up = 0

    def ask(self, edge: Edge, choice: EngineChoice, settings: CloudSettings) -> CloudAnswer:
        """Return the cloud's answer to a frame.

        Raises:
            CloudError: there is none.
        """
        clock = self._clock
        start_ns = clock.now_ns()
        if self._plug.pulled.is_set():
            raise CloudError(Failure.UNPLUGGED, say("the network is unplugged"))
        jpeg = encode(edge.frame.image, settings)
        encode_ns = clock.now_ns() - start_ns
        up = upload(settings.network, len(jpeg), self._chance)
        self._carry(up.total_ms)
        reply = self._reply(jpeg, choice, settings)
        down = download(settings.network, len(reply.body), self._chance)
        self._carry(down.total_ms)
        times = CloudTimes(
            encode_ns, reply.start_ns, reply.exchange_ns, reply.function_ns, clock.now_ns() - start_ns, up, down,
            reply.cold_start_ms,
        )  # fmt: skip
        return CloudAnswer(
            edge.frame.seq, edge.frame.captured_ns, reply.top, edge.top, edge.edge_ns, times, reply.sent_bytes,
            len(reply.body), reply.cold,
        )  # fmt: skip

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._connected = None

    def _carry(self, delay_ms: float) -> None:
        if self._clock.wait(delay_ms / 1000, self._plug.pulled):
            raise CloudError(Failure.UNPLUGGED, say("the network went away under way"))

    def _reply(self, jpeg: bytes, choice: EngineChoice, settings: CloudSettings) -> _Reply:
        """Let the function answer, starting it first where it is cold."""
        try:
            with self._host.lease(choice, settings.concurrency) as (instance, cold):
                cold_start_ms = settings.cold_start_ms if cold else 0.0
                self._carry(cold_start_ms)
                asked_ns = self._clock.now_ns()
                try:
                    status, body, sent_bytes = self._exchange(instance, jpeg, settings.timeout_s)
                    exchange_ns = self._clock.now_ns() - asked_ns
                    top, function_ns = _understood(status, body)
                except CloudError as error:
                    error.instance = instance
                    raise
        except ChildError as error:
            raise CloudError(Failure.ENDED, str(error)) from error
        start_ns = instance.started_ns if cold else 0
        return _Reply(body, top, function_ns, sent_bytes, start_ns, exchange_ns, cold_start_ms, cold)

    def _exchange(self, instance: Instance, jpeg: bytes, timeout_s: float) -> tuple[int, bytes, int]:
        """Send the picture; return status, body and the bytes sent, which count also where no answer comes."""
        connection = self._connect(instance, timeout_s)
        self.asking_since_ns = self._clock.now_ns()
        try:
            headers = {"Content-Type": "image/jpeg", "Authorization": f"Bearer {instance.token}"}
            connection.request("POST", PATH, jpeg, headers)
            response = connection.getresponse()
            body = response.read(MAX_ANSWER_BYTES + 1)
        except TimeoutError as error:
            self.close()
            text = say("no answer within {seconds:g} s", seconds=timeout_s)
            raise CloudError(Failure.SILENT, text) from error
        except http.client.HTTPException as error:
            self.close()
            text = say("no sensible HTTP ({reason})", reason=type(error).__name__)
            raise CloudError(Failure.NONSENSE, text) from error
        except OSError as error:
            self.close()
            text = say("connection lost ({reason})", reason=error.strerror or error)
            raise CloudError(Failure.ENDED, text) from error
        finally:
            self.bytes_up += connection.sent_bytes
            self.asking_since_ns = None
            self._answered_ns = self._clock.now_ns()
        if len(body) > MAX_ANSWER_BYTES or response.will_close:
            self.close()
        return response.status, body, connection.sent_bytes

    def _connect(self, instance: Instance, timeout_s: float) -> _Connection:
        """Return the connection to ``instance``, kept from request to request."""
        if (
            self._connection is None
            or self._connected is not instance
            or self._connection.timeout != timeout_s
            or self._clock.now_ns() - self._answered_ns > RESTED_NS
        ):
            self.close()
            self._connection, self._connected = (
                _Connection(ADDRESS, instance.port, timeout=timeout_s),
                instance,
            )
        self._connection.sent_bytes = 0
        return self._connection


@dataclass(frozen=True, slots=True)
class _Reply:
    body: bytes
    top: tuple[Label, ...]
    function_ns: int
    sent_bytes: int
    start_ns: int
    exchange_ns: int
    cold_start_ms: float
    cold: bool


class _Connection(http.client.HTTPConnection):
    """Counts what it sends."""

    sent_bytes = 0

    def send(self, data: Any) -> None:
        super().send(data)
        self.sent_bytes += len(data)


def encode(image: NDArray[np.uint8], settings: CloudSettings) -> bytes:
    """Return an RGB picture as a JPEG to upload.

    Raises:
        CloudError: a request cannot carry it.
    """
    short = min(image.shape[:2])
    if 0 < settings.short_px < short:
        scale = settings.short_px / short
        size_wh = (round(image.shape[1] * scale), round(image.shape[0] * scale))
        image = cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    options = [cv2.IMWRITE_JPEG_QUALITY, settings.jpeg_quality]
    done, jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    if not done:
        height, width = image.shape[:2]
        text = say("a picture of {width} × {height} is no JPEG", width=width, height=height)
        raise CloudError(Failure.TOO_LARGE, text)
    if jpeg.size > MAX_REQUEST_BYTES:
        text = say(
            "{size:.1f} MB, a request carries {most:.0f} MB",
            size=jpeg.size / 1e6,
            most=MAX_REQUEST_BYTES / 1e6,
        )
        raise CloudError(Failure.TOO_LARGE, text)
    return jpeg.tobytes()


def _understood(status: int, body: bytes) -> tuple[tuple[Label, ...], int]:
    """Return labels and the function's own time.

    Raises:
        CloudError: the function refused, or what it says makes no sense.
    """
    try:
        document = json.loads(body[:MAX_ANSWER_BYTES])
        if status != HTTPStatus.OK:
            raise _refusal(status, str(document["error"]))
        from engine.runtime.postprocess import Label

        top = tuple(
            Label(int(x["index"]), str(x["label"])[:100], float(x["probability"]))
            for x in document["top"][:MAX_LABELS]
        )
        function_ns = int(document["ns"]["total"])
        if (
            not top
            or not 0 <= function_ns <= MAX_FUNCTION_NS
            or not all(0.0 <= label.probability <= 1.0 for label in top)
        ):
            raise ValueError("labels or times that cannot be")
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        text = say("an answer that makes no sense ({reason})", reason=str(error)[:60])
        raise CloudError(Failure.NONSENSE, text) from error
    return top, function_ns


def _refusal(status: int, text: str) -> CloudError:
    failure = {
        HTTPStatus.TOO_MANY_REQUESTS: Failure.THROTTLED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Failure.TOO_LARGE,
    }.get(HTTPStatus(status), Failure.REFUSED)
    reason = " ".join(text.split())[:100]
    return CloudError(failure, say("{reason} (status {status})", reason=reason, status=status))
