"""The mailbox between the A72 and the C7x: bounded, and carrying handles instead of tensors."""

import queue
from dataclasses import dataclass

from engine.errors import DeviceError


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Run descriptors ``first`` to ``last`` (exclusive; None = all) of ``handle``'s program over the data in its memory."""

    sequence: int
    handle: int
    first: int = 0
    last: int | None = None


@dataclass(frozen=True, slots=True)
class RunReply:
    """The end of a run: measured host time of the run, and the fault's text if there was one."""

    sequence: int
    run_ns: int
    fault: str | None = None


class Mailbox:
    """Two bounded queues, one each way. ``None`` as a request tells the device to stop.

    One thread posts and waits, another receives and replies. ``SimpleQueue`` hands over in half the time of ``Queue`` but has
    no bound of its own; with one thread at each end, looking at the size first is one.
    """

    def __init__(self, depth: int = 4) -> None:
        self._depth = depth
        self._requests: queue.SimpleQueue[RunRequest | None] = queue.SimpleQueue()
        self._replies: queue.SimpleQueue[RunReply] = queue.SimpleQueue()

    def post(self, request: RunRequest | None) -> None:
        """Send a request to the device.

        Raises
        ------
        DeviceError
            If the mailbox is full.
        """
        if self._requests.qsize() >= self._depth:
            raise DeviceError(f"the device's mailbox is full ({self._depth} requests wait)")
        self._requests.put(request)

    def receive(self) -> RunRequest | None:
        """Wait on the device's side for the next request."""
        return self._requests.get()

    def reply(self, reply: RunReply) -> None:
        """Answer from the device's side: one reply for each request, so that as few wait as requests may."""
        self._replies.put(reply)

    def wait(self) -> RunReply:
        """Wait on the A72's side for the next reply."""
        return self._replies.get()
