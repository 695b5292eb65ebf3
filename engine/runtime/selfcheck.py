"""Holds every kernel set against the law, and the law against digests written down once."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from engine.emu.memory import DeviceMemory
from engine.errors import EngineError
from engine.kernels.select import open_kernels
from engine.program.operands import KernelSet
from engine.program.program import Program
from engine.reference import ReferenceSet
from engine.runtime.golden import golden_input, golden_programs
from engine.runtime.golden_digests import GOLDEN_DIGESTS

CHECKED_SETS = ("numpy", "native")


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """The verdicts: "ok", "unavailable: why" or "differs: where" per kernel set, and for the golden digests."""

    kernels: dict[str, str]
    golden: str

    @property
    def passed(self) -> bool:
        """Whether nothing differs; an unavailable set is no failure."""
        return self.golden == "ok" and not any(text.startswith("differs") for text in self.kernels.values())

    def document(self) -> dict[str, object]:
        """Return the document of the command line contract."""
        return {"kernels": self.kernels, "golden": self.golden}


def self_check(cache_dir: Path | None = None) -> SelfCheck:
    """Run the golden programs on every kernel set that can run here."""
    programs = golden_programs()
    law = {name: written_tensors(ReferenceSet(), program) for name, program in programs.items()}
    wrong = [name for name in programs if digest(law[name]) != GOLDEN_DIGESTS[name]]
    return SelfCheck(
        kernels={name: _check_set(name, programs, law, cache_dir) for name in CHECKED_SETS},
        golden=f"differs: {', '.join(wrong)}" if wrong else "ok",
    )


def _check_set(
    name: str, programs: dict[str, Program], law: dict[str, dict[str, bytes]], cache_dir: Path | None
) -> str:
    try:
        kernels = open_kernels(name, 1, cache_dir).kernels
    except EngineError as error:
        return f"unavailable: {error}"
    for program_name, program in programs.items():
        for tensor, data in written_tensors(kernels, program).items():
            if data != law[program_name][tensor]:
                return f"differs: tensor {tensor!r} of {program_name!r}"
    return "ok"


def written_tensors(kernels: KernelSet, program: Program) -> dict[str, bytes]:
    """Return the bytes of every tensor that ``program`` writes, by name, in order."""
    memory = DeviceMemory(program)
    memory.tensor(program.inputs[0])[...] = golden_input(program)
    kernels.prepare(program, memory).run()
    return {d.output: memory.tensor(d.output).tobytes() for d in program.descriptors}


def digest(tensors: dict[str, bytes]) -> str:
    """Return the SHA-256 of the tensors in order."""
    return hashlib.sha256(b"".join(tensors.values())).hexdigest()
