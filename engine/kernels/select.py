"""Which kernel set runs, and why no faster one does; each is imported where it is chosen: no start should wait for all."""

from dataclasses import dataclass
from pathlib import Path

from engine.errors import KernelError
from engine.program.operands import KernelSet


@dataclass(frozen=True, slots=True)
class OpenedKernels:
    """A kernel set ready for use; ``note`` says what runs and why nothing faster does."""

    kernels: KernelSet
    note: str


KERNEL_NAMES = ("auto", "native", "numpy", "reference")


def open_kernels(name: str = "auto", threads: int = 1, cache_dir: Path | None = None) -> OpenedKernels:
    """Return the kernel set called ``name``; "auto" is the fastest that can be trusted on this machine.

    ``cache_dir`` is where compiled kernels are kept between starts; without it they are compiled for this run only.

    Raises:
        KernelError: the name is unknown, ``threads`` is not 1 or 2, or the native set was asked for and cannot run
            here.
    """
    if name not in KERNEL_NAMES:
        raise KernelError(f"unknown kernel set {name!r}; there are {', '.join(KERNEL_NAMES)}")
    if threads not in (1, 2):
        raise KernelError(f"threads must be 1 or 2, got {threads}")
    if name == "reference":
        from engine.reference import ReferenceSet

        return OpenedKernels(ReferenceSet(), "the slow reference, as asked")
    if name == "numpy":
        return _open_numpy(threads, "NumPy, as asked")
    try:
        return _open_native(threads, cache_dir)
    except KernelError as error:
        if name == "native":
            raise
        return _open_numpy(threads, f"NumPy, because {error}")


def _open_numpy(threads: int, note: str) -> OpenedKernels:
    from engine.kernels.numpy_set import NumpySet

    return OpenedKernels(NumpySet(threads), note)


def _open_native(threads: int, cache_dir: Path | None) -> OpenedKernels:
    """Return the native set; llvmlite is imported here because the application runs without it too."""
    try:
        from engine.kernels.native.open import open_native
    except (ImportError, OSError) as error:
        raise KernelError(f"llvmlite is missing or unusable: {error}") from error
    opened = open_native(threads, cache_dir)
    return OpenedKernels(opened.kernels, opened.note)
