"""Which kernel set runs, and why no faster one does."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import KernelError
from engine.kernels.numpy_set import NumpySet
from engine.program.operands import KernelSet
from engine.reference import ReferenceSet


@dataclass(frozen=True, slots=True)
class OpenedKernels:
    """A kernel set ready for use; ``note`` says what runs and why nothing faster does."""

    kernels: KernelSet
    note: str


KERNEL_NAMES = ("auto", "native", "numpy", "reference")


def open_kernels(name: str = "auto", threads: int = 1, cache_dir: Path | None = None) -> OpenedKernels:
    """Return the kernel set called ``name``; "auto" is the fastest that can be trusted on this machine.

    Raises
    ------
    KernelError
        If the name is unknown or ``threads`` is not 1 or 2.
    """
    if threads not in (1, 2):
        raise KernelError(f"threads must be 1 or 2, got {threads}")
    openers: dict[str, Callable[[], OpenedKernels]] = {
        "auto": lambda: OpenedKernels(NumpySet(threads), "NumPy"),
        "numpy": lambda: OpenedKernels(NumpySet(threads), "NumPy, as asked"),
        "reference": lambda: OpenedKernels(ReferenceSet(), "the slow reference, as asked"),
    }
    if name not in KERNEL_NAMES:
        raise KernelError(f"unknown kernel set {name!r}; there are {', '.join(KERNEL_NAMES)}")
    return openers[name]()
