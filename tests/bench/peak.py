"""The most dot products this core can do: independent accumulators in registers, nothing else."""

import ctypes
import time

import numpy as np

from engine.kernels.native import build
from engine.kernels.native.emit import Module
from engine.kernels.native.host import Host
from engine.kernels.native.isa import Isa
from engine.kernels.native.lower_tiles import tile_configuration
from engine.kernels.native.tile_unit import TileUnit
from engine.kernels.native.tiles import TILE_BYTES, TILE_HEIGHT
from engine.kernels.native.values import I8, I32, vector
from engine.kernels.native.vectors import vectors_for

CHAINS = 12
STEPS = 100_000
TRIES = 30


def peak_macs_per_s(isa: Isa, host: Host) -> float:
    """Return multiply-accumulates per second of one thread's vector units, measured now."""
    module = Module()
    f = module.function("peak", ("steps", "memory"), exported=True)
    steps, memory = f.arguments
    v = vectors_for(f, isa)
    operand = f.load(vector(v.nbytes, I8), memory)
    chains = [f.variable(f.load(vector(v.lanes, I32), memory + v.nbytes * i)) for i in range(CHAINS)]
    with f.loop(0, steps):
        for chain in chains:
            chain.set(v.dot(chain.get(), operand, operand))
    for i, chain in enumerate(chains):
        f.store(chain.get(), memory + v.nbytes * i)
    f.give()
    best_ns = _best_ns(module, isa, host, np.zeros(CHAINS * v.nbytes, np.uint8), STEPS)
    return CHAINS * STEPS * v.lanes * (4 if isa.byte_dot else 2) / best_ns * 1e9


def tile_peak_macs_per_s(isa: Isa, host: Host) -> float:
    """Return the same of the tile unit: whole tiles, four accumulators."""
    module = Module()
    f = module.function("peak", ("steps", "memory"), exported=True)
    steps, memory = f.arguments
    unit = TileUnit(f)
    unit.configure(memory)
    with f.loop(0, steps):
        for accumulator, weights in enumerate((6, 7, 6, 7)):
            unit.dot(accumulator, 4, weights, signed=False)
    unit.release()
    f.give()
    config = tile_configuration(TILE_HEIGHT, TILE_BYTES)
    steps_each = STEPS // 10
    best_ns = _best_ns(module, isa, host, config, steps_each)
    return 4 * steps_each * TILE_HEIGHT * TILE_HEIGHT * TILE_BYTES / best_ns * 1e9


def _best_ns(module: Module, isa: Isa, host: Host, memory: np.ndarray, steps: int) -> int:
    """Return the least time of ``peak`` over ``steps`` steps."""
    import llvmlite.binding as llvm

    # Through the same passes as the kernels: without them the accumulators live in memory, and stores are what is measured.
    code = build.compile_object(module.text(), build.target_machine(isa, host))
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), build.target_machine(isa, host))
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    run = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64)(engine.get_function_address("peak"))
    return min(_timed(run, steps, memory) for _ in range(TRIES))


def _timed(run: object, steps: int, memory: np.ndarray) -> int:
    start_ns = time.perf_counter_ns()
    run(steps, memory.ctypes.data)
    return time.perf_counter_ns() - start_ns
