"""The cloud function: a web service in an interpreter of its own that labels JPEG pictures. NOTE: Qt-free.

``python -m gui.compare.function`` reads a line ``{"model", "soc", "recipe", "token", "concurrency"}`` and, once the float
network is loaded, writes ``{"port", "load_ns"}`` or ``{"error"}``. It listens on the loopback address only, and answers
``POST /classify`` with ``{"top": [{"index", "label", "probability"}], "ns": {"decode", "preprocess", "run", "total"}}``.

Limits as of AWS Lambda (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html): a synchronous request
carries at most 6 MB, and above the concurrency limit requests are answered with 429.
"""

from __future__ import annotations

import hmac
import json
import sys
import time
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from socketserver import TCPServer
from threading import BoundedSemaphore, Thread
from typing import IO, Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from gui.compare.child import begin, say
from gui.core.engine_task import compile_options
from gui.core.patience import PatientHandler

ADDRESS = "127.0.0.1"
PATH = "/classify"
MAX_REQUEST_BYTES = 6_000_000
MAX_PIXELS = 64_000_000
MOST_CONNECTIONS = 32
PATIENCE_S = 30.0


class Network(Protocol):
    """What the function needs of ``FloatNetwork``."""

    labels: tuple[str, ...]

    def pixels(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the network's input of an RGB picture."""

    def logits(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the logits."""


class RefusedError(Exception):
    """A request that is not answered as asked: status and reason."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def classify(network: Network, jpeg: bytes) -> dict[str, Any]:
    """Return the answer to a JPEG picture.

    Raises:
        RefusedError: it is no JPEG, too large when decoded, or the network names nothing on it.
    """
    from engine.runtime.postprocess import top_k

    start_ns = time.perf_counter_ns()
    image = _decoded(jpeg)
    decoded_ns = time.perf_counter_ns()
    pixels = network.pixels(image)
    preprocessed_ns = time.perf_counter_ns()
    logits = network.logits(pixels)
    run_ns = time.perf_counter_ns()
    top = top_k(logits, network.labels)
    if not top:
        raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, "the scores are NaN or infinite")
    return {
        "top": [{"index": x.index, "label": x.name, "probability": x.probability} for x in top],
        "ns": {
            "decode": decoded_ns - start_ns,
            "preprocess": preprocessed_ns - decoded_ns,
            "run": run_ns - preprocessed_ns,
            "total": time.perf_counter_ns() - start_ns,
        },
    }


def _decoded(jpeg: bytes) -> NDArray[np.uint8]:
    """Return an RGB picture; its size is looked at before it is decoded."""
    from engine.host.picture_header import picture_size

    size_wh = picture_size(jpeg) if jpeg.startswith(b"\xff\xd8") else None
    if size_wh is None or not 0 < size_wh[0] * size_wh[1] <= MAX_PIXELS:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "a JPEG picture of at most 64 million pixels is needed")
    try:
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        image = None
    if image is None:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the picture cannot be decoded")
    return image  # type: ignore[return-value]


class FunctionServer(ThreadingHTTPServer):
    """Answers requests that carry ``token``, at most ``concurrency`` of them at a time."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, network: Network, token: str, concurrency: int) -> None:
        self.network = network
        self.token = token
        self.places = BoundedSemaphore(concurrency)
        self._connections = BoundedSemaphore(MOST_CONNECTIONS)
        super().__init__((ADDRESS, 0), _Handler)

    def server_bind(self) -> None:
        """Bind, and ask no name service what this computer is called, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own while there are places; else hang up."""
        if self._connections.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is its own affair."""


class _Handler(PatientHandler):
    server: FunctionServer
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_S
    # Head and body in one packet: sent apart, the second waits for the acknowledgement of the first, up to 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer one request."""
        try:
            self._answer(HTTPStatus.OK, self._classify())
        except RefusedError as refused:
            self._answer(refused.status, {"error": str(refused)})

    def _classify(self) -> dict[str, Any]:
        body = self._body()
        if self.path != PATH:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"there is {PATH}")
        if not self.server.places.acquire(blocking=False):
            raise RefusedError(HTTPStatus.TOO_MANY_REQUESTS, "too many requests at once")
        try:
            return classify(self.server.network, body)
        finally:
            self.server.places.release()

    def _body(self) -> bytes:
        """Return the request's body, or hang up after refusing to read it."""
        wished, self.close_connection = self.close_connection, True
        self._check_sender()
        size = self.headers.get("Content-Length", "")
        if not size.isascii() or not size.isdigit() or len(size) > 18:
            raise RefusedError(HTTPStatus.LENGTH_REQUIRED, "a length is needed")
        if int(size) > MAX_REQUEST_BYTES:
            text = f"{int(size) / 1e6:.1f} MB, a request carries at most {MAX_REQUEST_BYTES / 1e6:.0f} MB"
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
        body = self.rfile.read(int(size))
        self.close_connection = wished
        return body

    def _check_sender(self) -> None:
        port = self.server.server_address[1]
        given = self.headers.get("Authorization", "").encode("utf-8", "replace")
        if self.headers.get("Host", "") != f"{ADDRESS}:{port}" or not hmac.compare_digest(
            given, f"Bearer {self.server.token}".encode()
        ):
            raise RefusedError(HTTPStatus.FORBIDDEN, "not for you")

    def _answer(self, status: HTTPStatus, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        if status is HTTPStatus.TOO_MANY_REQUESTS:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Requests are not logged."""


def main() -> int:
    """Serve until the input ends; return the exit status."""
    start_ns = time.perf_counter_ns()
    task, source, output = begin()
    from engine.errors import EngineError
    from gui.compare.float_network import FloatNetwork

    try:
        network = FloatNetwork(task["model"], compile_options(task))
    except EngineError as error:
        say(output, {"error": str(error)})
        return 1
    with FunctionServer(network, task["token"], task["concurrency"]) as server:
        Thread(target=_wait_for_end, args=(source, server), daemon=True).start()
        say(output, {"port": server.server_address[1], "load_ns": time.perf_counter_ns() - start_ns})
        server.serve_forever(poll_interval=0.1)
    return 0


def _wait_for_end(source: IO[bytes], server: FunctionServer) -> None:
    source.read()
    server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
