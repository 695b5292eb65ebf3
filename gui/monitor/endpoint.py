"""Figures over HTTP, on this computer only: ``/metrics`` for Prometheus, ``/metrics.json`` for everything else.

NOTE: Qt-free. Off unless asked for. Requests are answered from a snapshot made elsewhere, so that no request, however
many there are, can hold up the picture.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from socketserver import TCPServer
from threading import BoundedSemaphore, Event
from typing import Any

from gui.core.errors import GuiError
from gui.core.patience import PatientHandler
from gui.core.text import say
from gui.monitor.figures import Figures, document, prometheus_text

ADDRESS = "127.0.0.1"
MOST_REQUESTS_AT_ONCE = 4
PATIENCE_S = 2.0
_PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class EndpointError(GuiError):
    """The endpoint cannot be opened."""


class Endpoint:
    """Listens from its making on; ``run`` is the thread that answers."""

    def __init__(self, port: int, figures: Callable[[], Figures | None]) -> None:
        """Bind to ``port`` of the loopback address, or to any free one if it is 0.

        Raises:
            EndpointError: the port is taken or may not be used.
        """
        try:
            self._server = _Server(port, figures)
            self._stopped = Event()
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            text = say(
                "metrics endpoint: port {port} of {address}: {reason}; choose another port",
                port=port,
                address=ADDRESS,
                reason=reason,
            )
            raise EndpointError(text) from error

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where Prometheus finds the metrics."""
        return f"http://{ADDRESS}:{self.port}/metrics"

    def run(self) -> None:
        """Answer until stopped."""
        with self._server:
            while not self._stopped.is_set():
                self._server.handle_request()

    def stop(self) -> None:
        """End ``run``; requests in work are given up."""
        self._stopped.set()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True  # a window started again finds its port; a second one still does not
    request_queue_size = 16
    timeout = 0.1  # of one wait for a request

    def __init__(self, port: int, figures: Callable[[], Figures | None]) -> None:
        self.figures = figures
        self._places = BoundedSemaphore(MOST_REQUESTS_AT_ONCE)
        super().__init__((ADDRESS, port), _Handler)

    def server_bind(self) -> None:
        """Bind, and ask no name service what this computer is called, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own while there are places; else hang up."""
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is its own affair."""


class _Handler(PatientHandler):
    server: _Server
    timeout = PATIENCE_S
    server_version = "Lens7"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer one request."""
        status, kind, body = self._answer()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        """Answer without the body."""
        self.do_GET()

    def _answer(self) -> tuple[HTTPStatus, str, bytes]:
        # A web page may make a browser ask under a name of its own that leads here: only our own names are answered.
        if self.headers.get("Host", "").lower() not in self._own_names():
            return HTTPStatus.FORBIDDEN, "text/plain", b"this endpoint answers on this computer only\n"
        figures = self.server.figures()
        if figures is None:
            return HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"no figures yet\n"
        if self.path == "/metrics":
            return HTTPStatus.OK, _PROMETHEUS_TYPE, prometheus_text(figures).encode("utf-8", "replace")
        if self.path == "/metrics.json":
            body = json.dumps(document(figures), indent=1).encode("utf-8")
            return HTTPStatus.OK, "application/json", body
        return HTTPStatus.NOT_FOUND, "text/plain", b"there is /metrics and /metrics.json\n"

    def _own_names(self) -> tuple[str, ...]:
        port = self.server.server_address[1]
        return f"{ADDRESS}:{port}", f"localhost:{port}"

    def log_message(self, *_: object) -> None:
        """Requests are not logged."""
