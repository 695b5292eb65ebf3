"""Two threads give the same bytes as one, and where there cannot be two there is one."""

import os
import threading

import numpy as np
import pytest

from engine.errors import KernelError
from engine.kernels.native.records import FIELDS, Opcode
from engine.kernels.trials.builder import Builder, Dice, GuardedMemory, LayerForm, Window
from engine.kernels.trials.cases import CASES
from engine.kernels.trials.judge import complaint
from engine.program.local_response import LocalResponse
from tests.engine.kernels.sets import NATIVE_NAMES, kernel_set
from tests.engine.networks import MOBILENET_V2, inverted_residuals

pytestmark = [
    pytest.mark.skipif(not NATIVE_NAMES, reason="no native kernels on this CPU or no llvmlite"),
    pytest.mark.skipif(
        not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="needs two CPUs"
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_halves_make_the_whole(case: str) -> None:
    for seed in range(6):
        assert (
            complaint(kernel_set(NATIVE_NAMES[0], 2), CASES[case](seed), seed, extreme=seed % 3 == 0) is None
        ), seed


def test_halves_of_what_the_a72_computes_make_the_whole() -> None:
    one, two = (kernel_set(NATIVE_NAMES[0], n) for n in (1, 2))
    x = np.random.default_rng(0).normal(0, 3, (1, 31, 29, 37)).astype(np.float32)
    how = LocalResponse(5, 0.25, 2.0)
    made = [[np.empty_like(x), np.empty(x.shape, np.int8), np.empty_like(x)] for _ in range(2)]
    for kernels, (normal, integers, real) in zip((one, two), made, strict=True):
        kernels.normaliser(x, how, normal)()
        kernels.quantizer(normal, 30.0, integers)()
        kernels.dequantizer(integers, 30.0, real)()
    assert all(map(np.array_equal, *made))


def test_many_frames_of_a_network() -> None:
    program = inverted_residuals(MOBILENET_V2, size=64)
    memories = [GuardedMemory(program, 0) for _ in range(2)]
    runs = [kernel_set(NATIVE_NAMES[0], n + 1).prepare(program, m) for n, m in enumerate(memories)]
    rng = np.random.default_rng(3)
    for _ in range(50):
        frame = rng.integers(0, 256, memories[0].tensor(program.inputs[0]).shape, np.uint8)
        for memory, executable in zip(memories, runs, strict=True):
            memory.tensor(program.inputs[0])[...] = frame
            executable.run()
        assert all(np.array_equal(memories[0].tensor(n), memories[1].tensor(n)) for n in program.tensors)


def test_threads_keep_the_channels_they_have_written() -> None:
    """Few pixels are shared by channels, and so is the depthwise layer behind them."""
    kernels = kernel_set(NATIVE_NAMES[0], 2)
    if not kernels.isa.depthwise_blocks:
        pytest.skip("its depthwise layers are shared by rows")
    for size, by_channels in ((7, 1), (28, 0)):
        b = Builder(Dice(size))
        x = b.tensor((1, size, size, 96), "int8")
        wide = b.conv2d(x, 576, Window(), LayerForm("int8"))
        deep = b.conv2d(wide, 576, Window((3, 3), pads=(1, 1, 1, 1), group=576), LayerForm("int8"))
        program = b.build()
        assert complaint(kernels, program, size) is None
        executable = kernels.prepare(program, GuardedMemory(program, 0))
        (depthwise,) = (r for r in executable._table if r[0] == Opcode.DEPTHWISE_BLOCKS)
        assert depthwise[1 + FIELDS[Opcode.DEPTHWISE_BLOCKS].index("by_channels")] == by_channels
        assert (deep in executable._commands.by_channels) == by_channels


def test_the_calling_thread_keeps_its_cpus() -> None:
    before = os.sched_getaffinity(0)
    program = CASES["conv"](0)
    kernel_set(NATIVE_NAMES[0], 2).prepare(program, GuardedMemory(program, 0)).run()
    assert os.sched_getaffinity(0) == before


def test_the_worker_ends_with_its_set() -> None:
    from engine.kernels.native import build
    from engine.kernels.native.isa import named
    from engine.kernels.native.kernel_set import NativeSet
    from tests.engine.kernels.sets import HOST, object_code

    isa = named(NATIVE_NAMES[0])
    library = build.load_set(object_code(isa.name), isa, HOST)
    before = set(threading.enumerate())
    kernels = NativeSet(isa, library, 2)
    (worker,) = set(threading.enumerate()) - before
    del kernels
    worker.join(timeout=10)
    assert not worker.is_alive()


@pytest.mark.parametrize(
    ("allowed", "error", "reason"),
    [({0}, None, "only one CPU"), ({0, 1}, OSError(1, "not permitted"), "refused: not permitted")],
)
def test_one_cpu_or_no_affinity_means_one_thread(
    monkeypatch: pytest.MonkeyPatch, allowed: set[int], error: OSError | None, reason: str
) -> None:
    from engine.kernels.native import threads

    def set_affinity(_process: int, _cpus: object) -> None:
        if error:
            raise error

    monkeypatch.setattr(threads.os, "sched_getaffinity", lambda _process: allowed)
    monkeypatch.setattr(threads.os, "sched_setaffinity", set_affinity)
    with pytest.raises(KernelError, match=reason):
        threads.worker_cpus()


@pytest.mark.parametrize(
    ("cores", "expected"),
    [
        ("ab", {0: 1, 1: 0}),
        ("aabb", {0: 2, 1: 2, 2: 0, 3: 0}),
        ("abab", {0: 1, 1: 0, 2: 1, 3: 0}),
        ("abc", {0: 1, 1: 0, 2: 1}),
        ("aa", {0: 1, 1: 0}),
    ],
)
def test_the_worker_runs_on_another_core_than_the_calling_thread(
    monkeypatch: pytest.MonkeyPatch, cores: str, expected: dict[int, int]
) -> None:
    from engine.kernels.native import threads

    monkeypatch.setattr(threads.os, "sched_getaffinity", lambda _process: set(range(len(cores))))
    monkeypatch.setattr(threads.os, "sched_setaffinity", lambda _process, _cpus: None)
    monkeypatch.setattr(threads, "_core", lambda cpu: cores[cpu])
    assert threads.worker_cpus() == expected


def test_the_worker_makes_room_for_the_calling_thread() -> None:
    """Wherever the caller is bound to, the worker ends up on the other CPU."""
    kernels, before = kernel_set(NATIVE_NAMES[0], 2), os.sched_getaffinity(0)
    worker = kernels._engine._worker
    program = CASES["conv"](0)
    executable = kernels.prepare(program, GuardedMemory(program, 0))
    try:
        for cpu in (*sorted(before)[:2], *sorted(before)[:2]):
            os.sched_setaffinity(0, {cpu})
            worker._alone_until_ns = 0  # whatever stalled before
            executable.run()
            assert os.sched_getaffinity(worker._thread.native_id).isdisjoint({cpu})
    finally:
        os.sched_setaffinity(0, before)


class FakeKernels:
    """Stands in for compiled kernels and for the clock: every range takes ``together_ms`` on two threads."""

    def __init__(self) -> None:
        self.now_ns, self.together_ms, self.parts = 10**9, 1, []

    def perf_counter_ns(self) -> int:
        return self.now_ns

    def run(self, records: int, first: int, last: int, part: int, parts: int, control: int) -> None:
        self.parts.append(parts)
        self.now_ns += (self.together_ms if parts == 2 else 2) * 10**6

    def post(self, *_: int) -> int:
        return 0

    def serve(self, *_: int) -> int:
        return -1


def test_after_stalls_one_thread_works_alone_for_a_while_then_for_twice_as_long(monkeypatch) -> None:
    from engine.kernels.native import threads

    fake = FakeKernels()
    monkeypatch.setattr(threads, "time", fake)
    worker = threads.Worker(fake)

    def run(count: int, together_ms: int = 1) -> None:
        fake.together_ms = together_ms
        for _ in range(count):
            worker.run(0, 0, 1)

    def seconds_alone() -> float:
        began_ns = fake.now_ns
        fake.parts.clear()
        while 2 not in fake.parts:
            run(1)
        return round((fake.now_ns - began_ns) / 1e9, 1)

    run(3)
    for _ in range(10):
        run(1, together_ms=20)
        assert seconds_alone() == 0, "stalls that cost less than two threads win are forgiven"
        run(60)
    run(1, together_ms=20)
    for expected in (0.3, 0.5, 1.0):
        run(1, together_ms=20)
        assert seconds_alone() == expected
    run(100)
    run(1, together_ms=20)
    assert seconds_alone() == 0
    run(1, together_ms=20)
    assert seconds_alone() == 0.3


def test_a_cpu_that_has_become_slower_has_not_stalled(monkeypatch) -> None:
    from engine.kernels.native import threads

    fake = FakeKernels()
    monkeypatch.setattr(threads, "time", fake)
    worker = threads.Worker(fake)
    for together_ms in (10, 17):
        fake.together_ms = together_ms
        for _ in range(500):
            worker.run(0, 0, 1)
        assert 1 not in fake.parts
