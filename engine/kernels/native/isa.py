"""The instruction sets that kernels are written for, best first, and which of them this CPU has."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Family(Enum):
    """Which class of ``vectors`` writes the instructions."""

    AVX512 = "avx512"
    AVX = "avx"
    NEON = "neon"


@dataclass(frozen=True, slots=True)
class Isa:
    """One instruction set.

    ``lanes`` = int32 elements per vector. ``byte_dot``: four products of a byte with a signed byte are summed into each
    int32 lane by one instruction; without it, two products of int16. ``signed_bytes``: that instruction's first operand is
    signed too, otherwise unsigned. ``needs`` are LLVM's names of the CPU features; ``drops`` are features to switch off.
    ``environment_rounding``: rounding towards minus infinity is a mode of the floating-point unit, not of the instruction.
    """

    name: str
    family: Family
    architecture: str
    lanes: int
    registers: int
    byte_dot: bool
    signed_bytes: bool
    environment_rounding: bool
    needs: tuple[str, ...]
    drops: tuple[str, ...] = ()
    tiles: bool = False

    @property
    def byte_permute(self) -> bool:
        """Whether any byte of two vectors can be picked by one instruction (VBMI)."""
        return "avx512vbmi" in self.needs


_AVX512_VNNI = ("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512vnni")
_AMX = ("amx-tile", "amx-int8")
ISAS = (
    Isa("amx", Family.AVX512, "x86_64", 16, 32, True, False, False, (*_AVX512_VNNI, "avx512vbmi", *_AMX), (), True),
    Isa("avx512vnni_vbmi", Family.AVX512, "x86_64", 16, 32, True, False, False, (*_AVX512_VNNI, "avx512vbmi"), _AMX),
    Isa("avx512vnni", Family.AVX512, "x86_64", 16, 32, True, False, False, _AVX512_VNNI, ("avx512vbmi", "avx512vbmi2", *_AMX)),
    Isa("avxvnni", Family.AVX, "x86_64", 8, 16, True, False, True, ("avx2", "fma", "avxvnni"), ("avx512f",)),
    Isa("avx2", Family.AVX, "x86_64", 8, 16, False, True, True, ("avx2", "fma"), ("avx512f", "avxvnni")),
    Isa("neon_dotprod", Family.NEON, "aarch64", 4, 32, True, True, True, ("neon", "dotprod")),
)


def usable(architecture: str, features: Mapping[str, bool]) -> tuple[Isa, ...]:
    """Return the instruction sets that a CPU with ``features`` (LLVM's names) has, best first."""
    return tuple(
        isa for isa in ISAS if isa.architecture == architecture and all(features.get(need, False) for need in isa.needs)
    )


def missing(isa: Isa, features: Mapping[str, bool]) -> tuple[str, ...]:
    """Return the features that ``isa`` needs and the CPU lacks."""
    return tuple(need for need in isa.needs if not features.get(need, False))
