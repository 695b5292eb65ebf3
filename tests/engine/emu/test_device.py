import time
from dataclasses import replace

import numpy as np
import pytest

from engine.emu.device import Device
from engine.emu.mailbox import Mailbox, RunRequest
from engine.emu.memory import DeviceMemory
from engine.errors import DeviceError
from engine.program.program import Memory
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
        start_ns = time.perf_counter_ns()
        assert 0 < device.run(handle) <= time.perf_counter_ns() - start_ns
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
    with pytest.raises(DeviceError, match="lie outside"):
        DeviceMemory(replace(program, arena_bytes={}))


def test_memories_lie_side_by_side_each_a_multiple_of_64_bytes():
    """MSMC's 250 bytes take 256, DDR's 136 take 192: no tensor of one lies on a tensor of the other."""
    program = replace(small_program(), arena_bytes={Memory.MSMC: 250, Memory.DDR: 136})
    memory = DeviceMemory(program)
    assert memory.nbytes == 256 + 192
    base = memory.tensor("q").ctypes.data
    offsets = {name: memory.tensor(name).ctypes.data - base for name in program.tensors}
    assert offsets == {"q": 0, "c": 128, "g": 0, "x": 256, "y": 256 + 128}
    assert not any(memory.tensor(name).any() for name in program.tensors)


def test_a_part_of_a_program_is_run():
    program, device = small_program(), Device(ReferenceSet())
    handle = device.load(program)
    device.memory(handle).tensor("x")[...] = picture()
    device.run(handle, last=2)
    assert device.memory(handle).tensor("c").any()
    assert not device.memory(handle).tensor("y").any()
    device.run(handle, first=2)
    assert device.memory(handle).tensor("y").any()
    device.close()
