"""The assembler in Python: what its loops, branches and numbers compile to, tried by running it."""

import ctypes

import numpy as np
import pytest

from engine.kernels.native.emit import Function, Module
from engine.kernels.native.values import I8, I32, I64, vector

llvm = pytest.importorskip("llvmlite.binding")


class Program:
    """One exported function ``test(a, b)`` of i64, written by a test."""

    def __init__(self) -> None:
        self.module = Module()
        self.f: Function = self.module.function("test", ("a", "b"), I64, exported=True)
        self.a, self.b = self.f.arguments

    def run(self, a: int, b: int = 0) -> int:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_default_triple().create_target_machine(codemodel="jitdefault")
        parsed = llvm.parse_assembly(self.module.text())
        parsed.verify()
        engine = llvm.create_mcjit_compiler(parsed, machine)
        engine.finalize_object()
        function = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)(
            engine.get_function_address("test")
        )
        return int(function(a, b))


@pytest.mark.parametrize(("n", "expected"), [(-3, 0), (0, 0), (1, 0), (5, 10)])
def test_a_loop_counts_and_may_run_zero_times(n: int, expected: int) -> None:
    p = Program()
    total = p.f.variable(p.f.integer(0))
    with p.f.loop(0, p.a) as i:
        total.set(total.get() + i)
    p.f.give(total.get())
    assert p.run(n) == expected


def test_loops_nest_and_step() -> None:
    p = Program()
    total = p.f.variable(p.f.integer(0))
    with p.f.loop(0, p.a, 3) as i, p.f.loop(i, p.b) as j, p.f.when(j > 1):
        total.set(total.get() + i * 100 + j)
    p.f.give(total.get())
    assert p.run(8, 7) == sum(i * 100 + j for i in range(0, 8, 3) for j in range(i, 7) if j > 1)


def test_repeat_while_runs_at_least_once() -> None:
    p = Program()
    value = p.f.variable(p.a)
    with p.f.repeat_while() as conditions:
        value.set(value.get() + 7)
        conditions.append(value.get() < p.b)
    p.f.give(value.get())
    assert p.run(10, 30) == 31
    assert p.run(10, 0) == 17


@pytest.mark.parametrize(("a", "b"), [(-9, 4), (9, -4), (0, 0), (2**40, 3)])
def test_arithmetic_is_that_of_signed_64_bit(a: int, b: int) -> None:
    p = Program()
    f = p.f
    parts = [p.a + p.b, (p.a - p.b) * 3, (p.a ^ p.b) & 0xFF, p.a >> 2, f.smaller(p.a, p.b), f.larger(p.a, 1)]
    total = f.variable(f.integer(0))
    for k, part in enumerate(parts):
        total.set(total.get() + part * (k + 1))
    f.give(total.get())
    expected = [a + b, (a - b) * 3, (a ^ b) & 0xFF, a >> 2, min(a, b), max(a, 1)]
    assert p.run(a, b) == sum((k + 1) * value for k, value in enumerate(expected))


@pytest.mark.parametrize(("a", "expected"), [(1, 10), (2, 20), (3, 20), (-5, 7)])
def test_the_first_case_that_holds_is_executed_alone(a: int, expected: int) -> None:
    p = Program()
    value = p.f.variable(p.f.integer(7))
    with p.f.first_of() as case:
        with case(p.a.equals(1)):
            value.set(value.get() + 3)
        with case(p.a > 0):
            value.set(value.get() + 13)
    p.f.give(value.get())
    assert p.run(a) == expected


def test_vectors_load_shuffle_and_store() -> None:
    data = np.arange(8, dtype=np.int32)
    p = Program()
    kind = vector(4, I32)
    low, high = p.f.load(kind, p.a), p.f.load(kind, p.a + 16)
    p.f.store(p.f.shuffle(low, high, [0, 4, 1, 5]) * 10 + p.f.splat(p.f.load(I32, p.a + 28), 4), p.a)
    p.f.give(p.f.convert("zext", p.f.load(I8, p.a + 4), I64))
    assert p.run(int(data.ctypes.data)) == 47
    assert data.tolist() == [7, 47, 17, 57, 4, 5, 6, 7]


def test_fields_of_a_record_are_read_by_name() -> None:
    record = np.array([5, 6, 7], np.int64)
    p = Program()
    fields = p.f.fields(p.a, ("x", "y", "z"))
    p.f.give(fields["x"] * 100 + fields["y"] * 10 + fields["z"])
    assert p.run(int(record.ctypes.data)) == 567


def test_functions_of_a_module_call_each_other() -> None:
    counter = np.zeros(1, np.int64)
    p = Program()
    helper = p.module.function("add_to", ("address", "amount"))
    address, amount = helper.arguments
    helper.store(helper.load(I64, address) + amount, address)
    helper.give()
    with p.f.loop(0, p.b) as i:
        p.f.do("add_to", p.a, i)
    p.f.do("add_to", p.a, 1000)
    p.f.give(p.f.atomic_add(p.a, 1))
    assert p.run(int(counter.ctypes.data), 4) == 1006
    assert counter[0] == 1007
