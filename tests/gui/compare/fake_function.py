"""A cloud function inside the test's own process, over the real server, that does what the test says."""

from __future__ import annotations

import socket
import time
from threading import Event, Thread
from typing import Any

import numpy as np

from gui.compare.child import ChildError
from gui.compare.function import FunctionServer

LABELS = ("ant", "bee", "cat")


class FakeNetwork:
    """Says "bee" of every picture; ``gate`` cleared holds it, ``takes_s`` is how long it works."""

    labels = LABELS

    def __init__(self) -> None:
        self.gate = Event()
        self.gate.set()
        self.takes_s = 0.0
        self.scores = [0.0, 4.0, 1.0]
        self.running = 0
        self.most_running = 0
        self.seen: list[tuple[int, ...]] = []

    def pixels(self, image):
        self.seen.append(image.shape)
        return image

    def logits(self, pixels):
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        self.gate.wait(20)
        end_s = time.perf_counter() + self.takes_s
        while time.perf_counter() < end_s:
            pass
        self.running -= 1
        return np.array(self.scores, np.float32)


class FakeProcess:
    """Stands for the function's process: ready at once, and serves until it is killed."""

    def __init__(self, task: dict[str, Any], network: FakeNetwork, error: ChildError | None = None) -> None:
        self.task = task
        self.error = error
        self.server = FunctionServer(network, task["token"], task["concurrency"])
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.is_alive = True

    def read_document(self) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        return {"port": self.server.server_address[1], "load_ns": 1}

    def kill(self) -> None:
        if self.is_alive:
            self.is_alive = False
            self.server.shutdown()
            self.server.server_close()
            self.thread.join(10)

    def close(self) -> None:
        self.kill()


class Babbler:
    """Stands for the process too, and answers every connection with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = Thread(target=self._serve)
        self.thread.start()
        self.is_alive = True

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                client.recv(1 << 20)
                client.sendall(self.answer)

    def read_document(self) -> dict[str, Any]:
        return {"port": self.listener.getsockname()[1]}

    def kill(self) -> None:
        if self.is_alive:
            self.is_alive = False
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.thread.join(10)

    def close(self) -> None:
        self.kill()
