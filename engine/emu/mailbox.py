"""The mailbox between the A72 and the C7x: bounded, and carrying handles instead of tensors."""

from collections import deque
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
    """Two bounded queues, one each way."""

    def __init__(self, depth: int = 4) -> None:
        self._depth = depth
        self._requests: deque[RunRequest] = deque()
        self._replies: deque[RunReply] = deque()

    def post(self, request: RunRequest) -> None:
        """Send a request to the device.

        Raises:
            DeviceError: the mailbox is full.
        """
        if len(self._requests) >= self._depth:
            raise DeviceError(f"the device's mailbox is full ({self._depth} requests wait)")
        self._requests.append(request)

    def receive(self) -> RunRequest | None:
        """Return the next request on the device's side, or None."""
        return self._requests.popleft() if self._requests else None

    def reply(self, reply: RunReply) -> None:
        """Answer from the device's side: one reply for each request, so that as few wait as requests may."""
        self._replies.append(reply)

    def take_reply(self) -> RunReply:
        """Return the oldest reply on the A72's side; there must be one."""
        return self._replies.popleft()
