"""From assembly text to a loaded shared object: LLVM through llvmlite."""

import ctypes
from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm

from engine.kernels.native import entries
from engine.kernels.native.host import Host
from engine.kernels.native.isa import Isa


def target_machine(isa: Isa, host: Host) -> Any:
    """Return LLVM's target machine for ``isa`` on ``host``."""
    wanted = [*(f"+{need}" for need in isa.needs), *(f"-{drop}" for drop in isa.drops)]
    switched = ",".join([host.feature_string, *wanted]).strip(",")
    # "jitdefault" makes llvmlite append "-elf" on Windows, which its loader needs.
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=host.cpu, features=switched, opt=2, codemodel="jitdefault", reloc="pic"
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


def load_object(code: bytes, machine: Any) -> Library:
    """Return the callable kernels of an object file. ``machine`` must not be used again: MCJIT takes it over."""
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()

    def entry(name: str, parameters: tuple[str, ...], result: Any) -> Any:
        prototype = ctypes.CFUNCTYPE(result, *[ctypes.c_int64] * len(parameters))
        return prototype(engine.get_function_address(name))

    return Library(
        entry(entries.RUN, entries.RUN_PARAMETERS, None),
        entry(entries.POST, entries.POST_PARAMETERS, ctypes.c_int64),
        entry(entries.SERVE, entries.SERVE_PARAMETERS, ctypes.c_int64),
        engine,
    )
