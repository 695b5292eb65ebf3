"""The emulated C7x core: takes requests from the mailbox and executes programs over its memory."""

import time

from engine.emu.mailbox import Mailbox, RunReply, RunRequest
from engine.emu.memory import DeviceMemory
from engine.errors import DeviceError
from engine.program.operands import Executable, KernelSet
from engine.program.program import Program


class Device:
    """One C7x with its MMA. ``load`` programs first, then ``run`` them by handle, from one thread at a time.

    The core has no thread of its own: whoever posts a request waits for the reply, and that thread executes it meanwhile.
    Handing over to another and back took as long as a tenth of MobileNetV2.
    """

    def __init__(self, kernels: KernelSet) -> None:
        self._kernels = kernels
        self._loaded: list[tuple[DeviceMemory, Executable]] = []
        self._mailbox = Mailbox()
        self._sequence = 0
        self._closed = False

    def load(self, program: Program) -> int:
        """Place ``program`` in device memory and return its handle."""
        memory = DeviceMemory(program)
        self._loaded.append((memory, self._kernels.prepare(program, memory)))
        return len(self._loaded) - 1

    def memory(self, handle: int) -> DeviceMemory:
        """Return the memory that the program behind ``handle`` works on."""
        return self._loaded[handle][0]

    def run(self, handle: int, first: int = 0, last: int | None = None) -> int:
        """Execute the program behind ``handle`` and return the measured host time in ns.

        ``first`` and ``last`` (exclusive) run a part of its descriptors: a tensor can be read before its bytes are reused.

        Raises:
            DeviceError: the device reports a fault or is closed.
        """
        if self._closed:
            raise DeviceError("the device is closed; open a new session")
        self._sequence += 1
        self._mailbox.post(RunRequest(self._sequence, handle, first, last))
        self.serve()
        reply = self._mailbox.take_reply()
        if reply.fault is not None:
            raise DeviceError(f"the device stopped with a fault: {reply.fault}")
        return reply.run_ns

    def serve(self) -> None:
        """Execute what waits in the mailbox, and reply."""
        while (request := self._mailbox.receive()) is not None:
            self._mailbox.reply(self._execute(request))

    def close(self) -> None:
        """Take no more requests; safe to call twice."""
        self._closed = True

    def _execute(self, request: RunRequest) -> RunReply:
        start_ns = time.perf_counter_ns()
        fault = None
        try:
            self._loaded[request.handle][1].run(request.first, request.last)
        except Exception as error:  # noqa: BLE001  the device's edge: a fault becomes a status in the reply
            fault = f"{type(error).__name__}: {error}"
        return RunReply(request.sequence, time.perf_counter_ns() - start_ns, fault)
