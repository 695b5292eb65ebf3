"""What a chip is: ``SocSpec``, read from one checked TOML file per SoC; every number has kind and source."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import Enum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from engine.errors import SocError
from engine.files import is_special


class Kind(Enum):
    """How well a number is known."""

    DOCUMENTED = "documented"  # the maker says so
    MEASURED = "measured"  # taken from, or fitted to, figures measured on the chip
    ASSUMED = "assumed"  # inferred; the source says from what


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a number comes from."""

    kind: Kind
    source: str


@dataclass(frozen=True, slots=True)
class SocSpec:
    """One chip. Variants for what-if questions are made with ``dataclasses.replace``.

    ``cores`` share one frame, of ``max_cores`` on the chip (TIDL: 1; more is its low-latency mode).
    ``macs_per_cycle`` (int8), ``l2_bytes``, ``msmc_bytes`` are per core; ``ddr_bytes`` is what TIDL may use.
    ``provenance`` has an entry for every number read from the file.

    The rest feeds the modelled clock. One core's DMA moves ``msmc_bytes_per_cycle`` or
    ``ddr_bytes_per_cycle``, the cores together no more than ``ddr_peak_fraction`` of the DDR's peak. Of the
    shorter of DMA and kernels, ``overlap_fraction`` hides behind the longer. The vector unit sustains
    ``vector_fraction`` of a vector of bytes per cycle. Every layer costs ``layer_setup_cycles``, every tile
    ``call_setup_cycles``, every layer shared by cores ``core_sync_cycles``, every frame ``frame_overhead_us``
    between A72 and C7x, and the A72 copies inputs and outputs at ``copy_bytes_per_s``. ``weights_in_msmc``:
    weights that fit beside the activations stay in MSMC from frame to frame.
    """

    name: str
    title: str
    mma_version: int
    max_cores: int
    clock_hz: float
    panel: int
    macs_per_cycle: int
    vector_bits: int
    l2_bytes: int
    msmc_bytes: int
    ddr_bytes: int
    ddr_bytes_per_s: float
    vector_fraction: float
    depthwise_macs_per_cycle: float
    msmc_bytes_per_cycle: float
    ddr_bytes_per_cycle: float
    ddr_peak_fraction: float
    overlap_fraction: float
    layer_setup_cycles: float
    call_setup_cycles: float
    core_sync_cycles: float
    frame_overhead_us: float
    copy_bytes_per_s: float
    weights_in_msmc: bool
    cores: int = 1
    provenance: Mapping[str, Provenance] = field(default_factory=dict, compare=False, repr=False)

    @property
    def per_channel(self) -> bool:
        """Whether each output channel has its own weight scale and multiplier (SPEC (2), (5))."""
        return self.mma_version == 2


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a key of a SoC file may hold."""

    convert: Callable[[Any], Any]
    allowed: str
    accepts: Callable[[Any], bool]


# Between them no time, rate or number of bytes that is computed leaves the floats.
_SMALLEST, _LARGEST = 1e-6, 1e18


def _at_least_one(unit: str) -> _Rule:
    allowed = f"a whole number of {unit}, at least 1 and at most {_LARGEST:g}"
    return _Rule(int, allowed, lambda v: isinstance(v, int) and 1 <= v <= _LARGEST)


def _positive(unit: str) -> _Rule:
    allowed = f"a finite number of {unit} above 0, from {_SMALLEST:g} to {_LARGEST:g}"
    return _Rule(float, allowed, lambda v: _SMALLEST <= v <= _LARGEST)


def _not_negative(unit: str) -> _Rule:
    allowed = f"a finite number of {unit}, at least 0 and at most {_LARGEST:g}"
    return _Rule(float, allowed, lambda v: 0 <= v <= _LARGEST)


def _fraction(whole: str) -> _Rule:
    return _Rule(float, f"a fraction of {whole}, above 0 and at most 1", lambda v: 0 < v <= 1)


def _one_of(*choices: int) -> _Rule:
    return _Rule(int, "one of " + ", ".join(map(str, choices)), lambda v: v in choices)


RULES: Mapping[str, _Rule] = {
    "mma_version": _one_of(1, 2),
    "max_cores": _at_least_one("cores"),
    "clock_hz": _positive("Hz"),
    "panel": _one_of(16, 32, 64),
    "macs_per_cycle": _at_least_one("int8 MACs per cycle and core"),
    "vector_bits": _one_of(128, 256, 512),
    "l2_bytes": _at_least_one("bytes"),
    "msmc_bytes": _at_least_one("bytes"),
    "ddr_bytes": _at_least_one("bytes"),
    "ddr_bytes_per_s": _positive("bytes per second"),
    "vector_fraction": _fraction("the vector unit's width"),
    "depthwise_macs_per_cycle": _positive("int8 MACs per cycle and core"),
    "msmc_bytes_per_cycle": _positive("bytes per cycle and core"),
    "ddr_bytes_per_cycle": _positive("bytes per cycle and core"),
    "ddr_peak_fraction": _fraction("ddr_bytes_per_s"),
    "overlap_fraction": _fraction("the shorter of DMA and kernels"),
    "layer_setup_cycles": _not_negative("cycles per layer"),
    "call_setup_cycles": _not_negative("cycles per kernel call"),
    "core_sync_cycles": _not_negative("cycles per layer"),
    "frame_overhead_us": _not_negative("microseconds per frame"),
    "copy_bytes_per_s": _positive("bytes per second"),
    "weights_in_msmc": _Rule(bool, "0 (no) or 1 (yes)", lambda v: v in (0, 1)),
}
_TEXTS = ("name", "title")


def soc_names() -> tuple[str, ...]:
    """Return the names of the SoCs that ship with the program, the default first."""
    files = [path.name for path in resources.files("engine.soc").iterdir()]
    names = [name.removesuffix(".toml") for name in files if name.endswith(".toml")]
    return tuple(sorted(names, key=lambda name: (name != "tda4vm", name)))


def load_soc(name: str, *, cores: int | None = None, clock_hz: float | None = None) -> SocSpec:
    """Return the SoC called ``name`` (or described by that TOML file), with ``cores`` sharing a frame (default 1).

    ``clock_hz`` replaces the clock.

    Raises:
        SocError: no such SoC, a wrong file, or cores or clock that the chip cannot have.
    """
    soc = read_soc(Path(name)) if name.endswith(".toml") else _shipped(name)
    if cores is not None:
        soc = replace(soc, cores=_checked_cores(soc, cores))
    return soc if clock_hz is None else with_clock(soc, clock_hz)


@cache
def _shipped(name: str) -> SocSpec:
    if name not in soc_names():
        near = get_close_matches(name.lower(), soc_names(), n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}? " if near else ""
        raise SocError(
            f"unknown SoC {name!r}: {hint}allowed are {', '.join(soc_names())}, or a SoC file (.toml)"
        )
    text = (resources.files("engine.soc") / f"{name}.toml").read_text(encoding="utf-8")
    return parse_soc(text, f"{name}.toml")


def read_soc(path: Path) -> SocSpec:
    """Return the SoC described by the TOML file at ``path``.

    Raises:
        SocError: the file cannot be read, or a number in it is missing, misspelt or not allowed.
    """
    if is_special(path):
        raise SocError(f"{path}: cannot read this SoC file (it is no regular file)")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SocError(f"{path}: cannot read this SoC file ({error})") from error
    return parse_soc(text, str(path))


def parse_soc(text: str, where: str) -> SocSpec:
    """Return the SoC described by TOML ``text``; ``where`` names it in messages.

    Raises:
        SocError: not TOML, or a number is missing, misspelt or not allowed.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SocError(f"{where}: not a TOML file ({error})") from error
    _check_keys(table, where)
    numbers = {key: _number(table[key], key, where) for key in RULES}
    texts = {key: table[key] for key in _TEXTS}
    provenance = {key: Provenance(Kind(table[key]["kind"]), table[key]["source"]) for key in RULES}
    return SocSpec(**texts, **numbers, provenance=provenance)


def with_clock(soc: SocSpec, clock_hz: float) -> SocSpec:
    """Return ``soc`` at another clock.

    Raises:
        SocError: the clock is no number of Hz that a chip can have.
    """
    rule = RULES["clock_hz"]
    if not rule.accepts(clock_hz):
        raise SocError(f"clock of {soc.name}: clock_hz must be {rule.allowed}, got {clock_hz!r}")
    chosen = Provenance(Kind.ASSUMED, f"chosen by the user; {soc.clock_hz / 1e6:g} MHz in the SoC file")
    return replace(soc, clock_hz=float(clock_hz), provenance={**soc.provenance, "clock_hz": chosen})


def _checked_cores(soc: SocSpec, cores: int) -> int:
    if not 1 <= cores <= soc.max_cores:
        raise SocError(f"cores of {soc.name}: allowed are 1 to {soc.max_cores}, got {cores}")
    return cores


def _check_keys(table: Mapping[str, Any], where: str) -> None:
    known = (*_TEXTS, *RULES)
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise SocError(f"{where}: unknown key {key!r}: {hint}allowed are {', '.join(known)}")
    for key in _TEXTS:
        if not isinstance(table.get(key), str) or not table[key]:
            raise SocError(f"{where}: key {key!r} is missing: a text is needed")
    for key, rule in RULES.items():
        if key not in table:
            raise SocError(f"{where}: key {key!r} is missing: needs value ({rule.allowed}), kind and source")


def _number(entry: Any, key: str, where: str) -> Any:
    if not isinstance(entry, dict):
        raise SocError(f"{where}: key {key!r} must be a table with value, kind and source, got {entry!r}")
    if set(entry) != {"value", "kind", "source"}:
        found = ", ".join(sorted(entry))
        raise SocError(f"{where}: key {key!r} must have exactly value, kind and source, got {found}")
    kinds = [kind.value for kind in Kind]
    if entry["kind"] not in kinds:
        raise SocError(f"{where}: kind of {key!r} must be one of {', '.join(kinds)}, got {entry['kind']!r}")
    if not isinstance(entry["source"], str) or not entry["source"].strip():
        raise SocError(f"{where}: source of {key!r} is empty: say where the number comes from")
    value, rule = entry["value"], RULES[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not rule.accepts(value):
        raise SocError(f"{where}: value of {key!r} must be {rule.allowed}, got {value!r}")
    return rule.convert(value)


def write_number(name: str, key: str, value: float, source: str) -> None:
    """Replace one number of a shipped SoC file by a measured one; every other line stays as it is."""
    path = Path(str(resources.files("engine.soc") / f"{name}.toml"))
    entry = f'[{key}]\nvalue = {value}\nkind = "{Kind.MEASURED.value}"\nsource = "{source}"\n'
    text, count = re.subn(
        rf"^\[{key}\]\n(?:(?!\[).*\n)*?(?=\n|\Z)", entry, path.read_text(encoding="utf-8"), flags=re.M
    )
    assert count == 1, f"{path} has one entry {key}"
    parse_soc(text, str(path))
    path.write_text(text, encoding="utf-8")
