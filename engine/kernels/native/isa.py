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
    title: str
    family: Family
    architecture: str
    lanes: int
    registers: int
    needs: tuple[str, ...]
    drops: tuple[str, ...] = ()
    byte_dot: bool = True
    signed_bytes: bool = False
    environment_rounding: bool = True
    tiles: bool = False

    @property
    def byte_permute(self) -> bool:
        """Whether any byte of two vectors can be picked by one instruction (VBMI)."""
        return "avx512vbmi" in self.needs

    @property
    def winograd(self) -> bool:
        """Whether products of int16 are at most half as fast as those of bytes, so that a quarter of them is a gain."""
        return not self.tiles and self.family is not Family.NEON

    @property
    def winograd_7x7(self) -> bool:
        """Whether there are registers enough for the sums of a row of positions of a 7x7 map."""
        return self.winograd and self.registers == 32

    @property
    def depthwise_blocks(self) -> bool:
        """Whether there are registers enough for depthwise convolutions of a vector of bytes of channels at a time."""
        return self.family is Family.AVX512


_AVX512_VNNI = ("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512vnni")
_VBMI = ("avx512vbmi", "avx512vbmi2")
_AMX = ("amx-tile", "amx-int8")


def _avx512(name: str, title: str, more: tuple[str, ...], drops: tuple[str, ...], tiles: bool = False) -> Isa:
    needs = (*_AVX512_VNNI, *more)
    return Isa(
        name, title, Family.AVX512, "x86_64", 16, 32, needs, drops, environment_rounding=False, tiles=tiles
    )


ISAS = (
    _avx512("amx", "AMX int8", ("avx512vbmi", *_AMX), (), tiles=True),
    _avx512("avx512vnni_vbmi", "AVX-512 VNNI with VBMI", ("avx512vbmi",), _AMX),
    _avx512("avx512vnni", "AVX-512 VNNI", (), (*_VBMI, *_AMX)),
    Isa("avxvnni", "AVX-VNNI", Family.AVX, "x86_64", 8, 16, ("avx2", "fma", "avxvnni"), ("avx512f",)),
    Isa("avx2", "AVX2", Family.AVX, "x86_64", 8, 16, ("avx2", "fma"), ("avx512f", "avxvnni"), byte_dot=False),
    Isa(
        "neon_dotprod",
        "NEON dot product",
        Family.NEON,
        "aarch64",
        4,
        32,
        ("neon", "dotprod"),
        signed_bytes=True,
    ),
)


def named(name: str) -> Isa:
    """Return the instruction set of that name."""
    return next(isa for isa in ISAS if isa.name == name)


def usable(architecture: str, features: Mapping[str, bool]) -> tuple[Isa, ...]:
    """Return the instruction sets that a CPU with ``features`` (LLVM's names) has, best first."""
    return tuple(
        isa
        for isa in ISAS
        if isa.architecture == architecture and all(features.get(need, False) for need in isa.needs)
    )


def missing(isa: Isa, features: Mapping[str, bool]) -> tuple[str, ...]:
    """Return the features that ``isa`` needs and the CPU lacks."""
    return tuple(need for need in isa.needs if not features.get(need, False))
