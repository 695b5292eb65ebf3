"""The kernel sets that can run on this machine, one native set per instruction set."""

from dataclasses import replace
from functools import cache

from engine.kernels.numpy_set import NumpySet
from engine.program.operands import KernelSet

try:
    from engine.kernels.native import build, parts
    from engine.kernels.native.host import this_host
    from engine.kernels.native.isa import named, usable
    from engine.kernels.native.kernel_set import NativeSet
except ImportError:  # no llvmlite: that job tests the NumPy set only
    NATIVE_NAMES: tuple[str, ...] = ()
    COMPILED_NAMES: tuple[str, ...] = ()
else:
    HOST = this_host()
    _BY_NAME = {isa.name: isa for isa in usable(HOST.architecture, HOST.features)}
    NATIVE_NAMES = tuple(_BY_NAME)
    # A CPU that has these instructions in their AVX-512 form only executes the same kernels, encoded differently.
    if "avx512vnni" in _BY_NAME and "avxvnni" not in _BY_NAME:
        _BY_NAME["avxvnni"] = replace(
            named("avxvnni"), needs=(*_BY_NAME["avx512vnni"].needs, "avx2", "fma"), drops=()
        )
    COMPILED_NAMES = tuple(_BY_NAME)

SET_NAMES = ("numpy", *COMPILED_NAMES)


@cache
def kernel_set(name: str, threads: int = 1) -> KernelSet:
    """Return the NumPy set, or the native set of an instruction set, compiled in this process."""
    if name == "numpy":
        return NumpySet(threads)
    isa = _BY_NAME[name]
    return NativeSet(isa, build.load_set(object_code(name), isa, HOST), threads)


@cache
def object_code(name: str) -> bytes:
    """Return the compiled kernels of an instruction set."""
    isa = _BY_NAME[name]
    return parts.compile_set(isa, HOST)
