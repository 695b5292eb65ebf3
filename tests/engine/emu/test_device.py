import numpy as np
import pytest

from engine.emu.device import Device
from engine.emu.mailbox import Mailbox, RunRequest
from engine.emu.memory import DeviceMemory
from engine.errors import DeviceError
from engine.reference import ReferenceSet, run
from tests.engine.program.small import small_program


def picture(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (1, 6, 6, 3)).astype(np.uint8)


def test_the_device_computes_what_the_law_says():
    program, memory = small_program(), DeviceMemory(small_program())
    memory.tensor("x")[...] = picture()
    for descriptor in program.descriptors:
        run(descriptor, memory)
    device = Device(ReferenceSet())
    try:
        handle = device.load(program)
        device.memory(handle).tensor("x")[...] = picture()
        assert device.run(handle) > 0
        np.testing.assert_array_equal(device.memory(handle).tensor("y"), memory.tensor("y"))
        assert memory.tensor("y").any()
    finally:
        device.close()


class FailingSet:
    name = "failing"

    def prepare(self, program, operands):
        return self

    def run(self, first=0, last=None):
        raise ZeroDivisionError("on purpose")


def test_a_fault_is_reported_and_the_device_goes_on():
    device = Device(FailingSet())
    try:
        handle = device.load(small_program())
        for _ in range(2):
            with pytest.raises(DeviceError, match="ZeroDivisionError: on purpose"):
                device.run(handle)
    finally:
        device.close()


def test_a_closed_device_says_so():
    device = Device(ReferenceSet())
    handle = device.load(small_program())
    device.close()
    device.close()
    with pytest.raises(DeviceError, match="closed"):
        device.run(handle)


def test_the_mailbox_is_bounded():
    mailbox = Mailbox(depth=2)
    mailbox.post(RunRequest(1, 0))
    mailbox.post(RunRequest(2, 0))
    with pytest.raises(DeviceError, match="full"):
        mailbox.post(RunRequest(3, 0))
    assert mailbox.receive() == RunRequest(1, 0)


def test_memory_is_aligned_and_checks_bounds():
    program = small_program()
    memory = DeviceMemory(program)
    assert all(memory.tensor(name).ctypes.data % 64 == 0 for name in program.tensors)
    object.__setattr__(program, "arena_bytes", {})
    with pytest.raises(DeviceError, match="lie outside"):
        DeviceMemory(program)
