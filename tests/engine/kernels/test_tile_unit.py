"""The AMX path on a machine without AMX: its instructions are replaced by loops that do what Intel's manual says.

What this cannot show is that a CPU does the same; there, the self-test judges before the set is used.
"""

from dataclasses import replace

import numpy as np
import pytest

from engine.kernels.native.records import Opcode
from engine.kernels.trials.builder import Builder, Dice, GuardedMemory, LayerForm, Window
from engine.kernels.trials.cases import CASES
from engine.kernels.trials.judge import complaint
from tests.engine.kernels.sets import NATIVE_NAMES

pytestmark = pytest.mark.skipif(
    "avx512vnni_vbmi" not in NATIVE_NAMES, reason="needs AVX-512 VNNI for the rest of the set"
)

# The unit's registers: the configuration, then 8 tiles of 16 rows of 64 bytes.
STATE = np.zeros(64 + 8 * 1024, np.uint8)
STATE_ADDRESS = int(STATE.ctypes.data)


@pytest.fixture(scope="module")
def kernels():
    from engine.kernels.native import build, parts, tile_unit
    from engine.kernels.native.host import this_host
    from engine.kernels.native.isa import named
    from engine.kernels.native.kernel_set import NativeSet

    amx, base = named("amx"), named("avx512vnni_vbmi")
    isa = replace(amx, needs=base.needs, drops=base.drops)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tile_unit, "TileUnit", simulated_unit())
        code = parts.compile_set(isa, this_host())
    return NativeSet(isa, build.load_set(code, isa, this_host()))


def row_bytes(f, tile):
    return f.convert("zext", f.load("i16", tile * 2 + (STATE_ADDRESS + 16)), "i64")


def rows(f, tile):
    return f.convert("zext", f.load("i8", tile + (STATE_ADDRESS + 48)), "i64")


def place(tile, row, column):
    return tile * 1024 + row * 64 + column + (STATE_ADDRESS + 64)


def write_move(module, name: str) -> None:
    """Write ``sim_load`` or ``sim_store``: rows of a tile, ``stride`` bytes apart in memory."""
    f = module.function(name, ("tile", "address", "stride"))
    tile, address, stride = f.arguments
    with f.loop(0, rows(f, tile)) as row:
        inside, outside = place(tile, row, f.integer(0)), address + row * stride
        target, source = (inside, outside) if name == "sim_load" else (outside, inside)
        f.do("copy", target, source, row_bytes(f, tile), 0)
    f.give()


def write_dot(module) -> None:
    """Write ``sim_dot``: acc[m][n] += sum of four products of a[m][k], signed or not, and signed b[k][n]."""
    f = module.function("sim_dot", ("acc", "a", "b", "signed"))
    acc, a, b, signed = f.arguments
    with (
        f.loop(0, rows(f, acc)) as m,
        f.loop(0, row_bytes(f, a) // 4) as k,
        f.loop(0, row_bytes(f, acc) // 4) as n,
    ):
        cell = place(acc, m, n * 4)
        total = f.variable(f.load("i32", cell))
        with f.loop(0, 4) as i:
            byte = f.load("i8", place(a, m, k * 4 + i))
            x = f.select(signed > 0, f.convert("sext", byte, "i32"), f.convert("zext", byte, "i32"))
            w = f.convert("sext", f.load("i8", place(b, k, n * 4 + i)), "i32")
            total.set(total.get() + x * w)
        f.store(total.get(), cell)
    f.give()


def simulated_unit() -> type:
    """Return a TileUnit whose instructions are calls of functions written into the same module."""
    from engine.kernels.native.tile_unit import TileUnit

    class Simulated(TileUnit):
        def __init__(self, f):
            super().__init__(f)
            for name in ("sim_load", "sim_store"):
                write_move(f.module, name)
            write_dot(f.module)

        def call(self, name, *arguments):
            self.f.do(name, *arguments)

        def configure(self, address):
            self.call("copy", STATE_ADDRESS, address, 64, 0)
            self.call("fill", STATE_ADDRESS + 64, 8 * 1024, 0)

        def load(self, tile, address, stride):
            self.call("sim_load", tile, address, stride)

        def store(self, tile, address, stride):
            self.call("sim_store", tile, address, stride)

        def dot(self, acc, a, b, signed):
            self.call("sim_dot", acc, a, b, int(signed))

        def release(self):
            self.call("fill", STATE_ADDRESS, 64, 0)

    return Simulated


@pytest.mark.parametrize("case", ["conv", "grouped", "transposed", "dense"])
def test_random_programs(kernels, case: str) -> None:
    for seed in range(20):
        assert complaint(kernels, CASES[case](seed), seed, extreme=seed % 3 == 0) is None, seed


@pytest.mark.parametrize("pixels", [(4, 4), (1, 17), (7, 7), (14, 14), (3, 11), (8, 8)])
@pytest.mark.parametrize("depth", [20, 24, 64, 144, 800])
@pytest.mark.parametrize("shift_only", [False, True])
def test_layers_that_use_the_unit(kernels, pixels: tuple[int, int], depth: int, shift_only: bool) -> None:
    b = Builder(Dice(depth))
    x = b.tensor((1, *pixels, depth), "uint8")
    y = b.conv2d(x, 70, Window(), LayerForm("int8", shift_only))
    b.conv2d(y, 33, Window((3, 3), pads=(1, 1, 1, 1)), LayerForm("uint8", shift_only))
    program = b.build()
    executable = kernels.prepare(program, GuardedMemory(program, 1))
    assert sum(record[0] == Opcode.CONV_TILES for record in executable._table) == 2
    assert complaint(kernels, program, 1) is None


def test_short_patches_stay_with_the_vector_units(kernels) -> None:
    """Those of all 16 channels; a patch of more, though each group has few, is the tile unit's."""
    b = Builder(Dice(16))
    x = b.tensor((1, 14, 14, 16), "uint8")
    b.conv2d(b.conv2d(x, 96, Window(), LayerForm()), 16, Window((3, 3), group=2), LayerForm())
    program = b.build()
    executable = kernels.prepare(program, GuardedMemory(program, 1))
    assert {int(r[0]) for r in executable._table} == {Opcode.CONV, Opcode.CONV_TILES}
    assert complaint(kernels, program, 1) is None


@pytest.mark.parametrize("shift_only", [False, True])
def test_results_of_two_bytes(kernels, shift_only: bool) -> None:
    b = Builder(Dice(5))
    x = b.tensor((1, 9, 9, 800), "int8")
    b.conv2d(x, 70, Window((3, 3), pads=(1, 1, 1, 1)), LayerForm("int16", shift_only))
    program = b.build()
    executable = kernels.prepare(program, GuardedMemory(program, 1))
    assert any(record[0] == Opcode.CONV_TILES for record in executable._table)
    assert complaint(kernels, program, 1) is None


@pytest.mark.parametrize("group", [2, 3, 8, 19])
@pytest.mark.parametrize("channels", [8, 24])
def test_groups_share_one_map(kernels, group: int, channels: int) -> None:
    b = Builder(Dice(group))
    x = b.tensor((1, 9, 9, group * channels), "uint8")
    b.conv2d(x, group * channels, Window((3, 3), pads=(1, 1, 1, 1), group=group), LayerForm("uint8", True))
    assert complaint(kernels, b.build(), 1) is None
