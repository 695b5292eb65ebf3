"""From assembly text to a loaded shared object: LLVM through llvmlite."""

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm

from engine.kernels.native import entries
from engine.kernels.native.host import Host
from engine.kernels.native.isa import Isa
from engine.kernels.native.records import Opcode

_LENGTH_BYTES = 8


def target_machine(isa: Isa, host: Host) -> Any:
    """Return LLVM's target machine for ``isa`` on ``host``."""
    wanted = [*(f"+{need}" for need in isa.needs), *(f"-{drop}" for drop in isa.drops)]
    switched = ",".join([host.feature_string, *wanted]).strip(",")
    # What more optimization finds takes a tenth longer to compile, and ran no faster on Zen 4 with AVX-512 and AVX2.
    # "jitdefault" makes llvmlite append "-elf" on Windows, which its loader needs.
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=host.cpu, features=switched, opt=1, codemodel="jitdefault", reloc="pic"
    )


def compile_object(text: str, machine: Any) -> bytes:
    """Return the object file of ``text``."""
    module = llvm.parse_assembly(text)
    module.verify()
    pipeline = llvm.newpassmanagers.create_new_module_pass_manager()
    # Kernels are already vectors, tiles and loops; more passes would take five times as long and make them no faster.
    pipeline.add_sroa_pass()
    pipeline.add_simplify_cfg_pass()
    pipeline.add_instruction_combine_pass()
    pipeline.add_simplify_cfg_pass()
    pipeline.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options()))
    return bytes(machine.emit_object(module))


@dataclass(frozen=True)
class Library:
    """A loaded kernel set: its entry points (``entries``), which drop the GIL, and ``keep``, the memory their code lives in."""

    run: Any
    post: Any
    serve: Any
    keep: Any


def join_parts(objects: Sequence[bytes]) -> bytes:
    """Return object files as one piece of code, each behind its length."""
    return b"".join(len(part).to_bytes(_LENGTH_BYTES, "little") + part for part in objects)


def split_parts(code: bytes) -> list[bytes]:
    """Return the object files that were joined.

    Raises:
        ValueError: the last one is incomplete.
    """
    objects = []
    while code:
        end = _LENGTH_BYTES + int.from_bytes(code[:_LENGTH_BYTES], "little")
        if len(code) < end:
            raise ValueError(f"{end - len(code)} bytes of an object file are missing")
        objects.append(code[_LENGTH_BYTES:end])
        code = code[end:]
    return objects


def load_set(code: bytes, isa: Isa, host: Host) -> Library:
    """Return the callable kernels of joined object files, of which each may call what those before it export."""
    engines: list[Any] = []
    known: dict[str, int] = {}
    for part in split_parts(code):
        engines.append(_load(part, known, target_machine(isa, host)))
        for name in (*entries.SHARED, *map(entries.command_name, Opcode)):
            if address := engines[-1].get_function_address(name):
                known[name] = address

    def entry(name: str, parameters: tuple[str, ...], result: Any) -> Any:
        prototype = ctypes.CFUNCTYPE(result, *[ctypes.c_int64] * len(parameters))
        return prototype(engines[-1].get_function_address(name))

    return Library(
        entry(entries.RUN, entries.RUN_PARAMETERS, None),
        entry(entries.POST, entries.POST_PARAMETERS, ctypes.c_int64),
        entry(entries.SERVE, entries.SERVE_PARAMETERS, ctypes.c_int64),
        engines,
    )


def _load(part: bytes, known: Mapping[str, int], machine: Any) -> Any:
    """Return an engine of its own for an object file: two in one would share a table of addresses that only fits the first."""
    declared = llvm.parse_assembly("\n".join(f"declare void @{name}()" for name in known))
    engine = llvm.create_mcjit_compiler(declared, machine)
    for name, address in known.items():
        engine.add_global_mapping(declared.get_function(name), address)
    engine.add_object_file(llvm.ObjectFileRef.from_data(part))
    engine.finalize_object()
    return engine
