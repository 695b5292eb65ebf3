"""Finds the best instruction set whose kernels can be trusted here, compiling and testing them where that is new."""

from dataclasses import dataclass
from pathlib import Path

from engine.errors import KernelError
from engine.kernels.native import build
from engine.kernels.native.cache import SELF_TEST_FAILED, ObjectCache
from engine.kernels.native.host import Host, key_of, this_host
from engine.kernels.native.isa import ISAS, Isa, missing, usable
from engine.kernels.native.kernel_set import NativeSet


@dataclass(frozen=True, slots=True)
class Opened:
    """The native set, and what there is to say about it."""

    kernels: NativeSet
    note: str


def open_native(threads: int, cache_dir: Path | None) -> Opened:
    """Return the best native set of this machine.

    ``cache_dir`` None keeps nothing: every start compiles and tests anew.

    Raises:
        KernelError: no instruction set is usable here, or none passed its self-test; the message says why each was left out.
    """
    host = this_host()
    remarks = []
    for isa in (isa for isa in ISAS if isa.architecture == host.architecture):
        if isa not in usable(host.architecture, host.features):
            remarks.append(f"{isa.title} needs {', '.join(missing(isa, host.features))}")
            continue
        try:
            code, remark = _obtain(host, isa, ObjectCache(cache_dir / "kernels") if cache_dir else None)
        except KernelError as error:
            remarks.append(f"{isa.title}: {error}")
            continue
        library = build.load_set(code, isa, host)
        try:
            kernels = NativeSet(isa, library, threads)
        except KernelError as error:
            remarks.append(f"one thread: {error}")
            kernels = NativeSet(isa, library)
        return Opened(kernels, _note(isa, [*remarks, *([remark] if remark else [])]))
    raise KernelError(f"no native kernels for {host.cpu}: {'; '.join(remarks) or host.architecture}")


def _note(isa: Isa, remarks: list[str]) -> str:
    return f"{isa.title} ({'; '.join(remarks)})" if remarks else isa.title


def _obtain(host: Host, isa: Isa, cache: ObjectCache | None) -> tuple[bytes, str | None]:
    """Return object code that passed its self-test, and why it could not be kept, if so."""
    key = key_of(host, isa)
    if cache is not None:
        if code := cache.read(isa.name, key):
            return code, None
        if reason := cache.refusal(isa.name, key):
            raise KernelError(reason)
    # Imported here, because a start with compiled kernels should not wait for it.
    from engine.kernels.native.trust import compile_and_test

    code, reason = compile_and_test(isa)
    if code is None:
        if cache is not None and reason.startswith(SELF_TEST_FAILED):
            cache.refuse(isa.name, key, reason)
        raise KernelError(reason)
    kept = cache.write(isa.name, key, code) if cache is not None else None
    return code, f"compiled for this run only: {kept}" if kept else None
