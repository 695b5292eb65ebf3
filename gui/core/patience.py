"""HTTP requests that must be whole in time: a client that sends a byte now and then keeps no place. NOTE: Qt-free."""

from __future__ import annotations

import io
import socket
import time
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar


class PatientHandler(BaseHTTPRequestHandler):
    """Waits ``timeout`` seconds for a request to begin, and as long for the rest of it; then hangs up."""

    timeout: ClassVar[float]

    def setup(self) -> None:
        """Read requests with patience."""
        super().setup()
        self.rfile.close()  # it would be patient anew with every piece
        self._incoming = _Incoming(self.connection, self.timeout)
        self.rfile = io.BufferedReader(self._incoming)

    def handle_one_request(self) -> None:
        """Answer the next request of this connection."""
        self._incoming.begin()
        super().handle_one_request()


class _Incoming(io.RawIOBase):
    """What a client sends; the rest of a request must come within ``patience_s`` of its first piece."""

    def __init__(self, connection: socket.socket, patience_s: float) -> None:
        super().__init__()
        self._connection, self._patience_s = connection, patience_s
        self._end_s: float | None = None

    def begin(self) -> None:
        """Expect a new request."""
        self._end_s = None

    def readable(self) -> bool:
        """It can only be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for the next piece; return its number of bytes, 0 at the end.

        Raises:
            TimeoutError: it did not come in time.
        """
        left_s = self._patience_s if self._end_s is None else self._end_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the request took too long")
        self._connection.settimeout(left_s)
        size = self._connection.recv_into(buffer)
        self._connection.settimeout(self._patience_s)  # for the answer
        if self._end_s is None:
            self._end_s = time.monotonic() + self._patience_s
        return size
