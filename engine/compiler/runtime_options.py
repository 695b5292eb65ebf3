"""TI's ``runtime_options`` of a model description, as the compiler's own options."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from engine.errors import CompileError
from engine.quant.options import QuantOptions, ScaleType
from engine.soc import SocSpec

_PREFIX = "advanced_options:"
_DENY = ("deny_list", "deny_list:layer_name", "deny_list:layer_type")
_SWITCHES = ("activation_clipping", "weight_clipping", "bias_calibration", "channel_wise_quantization")
_NUMBERS = ("tensor_bits", "accuracy_level")
_AT_LEAST_OURS = (
    "calibration_frames",
    "calibration_iterations",
)  # the zoo's files say 1 of each: a placeholder
_LISTS = ("output_feature_16bit_names_list", "params_16bit_names_list")


@dataclass(frozen=True, slots=True)
class Adopted:
    """What a description asks for, where the user left the default; ``notes`` say what was not followed."""

    quantization: QuantOptions
    deny_list: tuple[str, ...]
    max_num_subgraphs: int
    notes: tuple[str, ...]


def adopt(
    runtime: Mapping[str, Any],
    quantization: QuantOptions,
    deny_list: tuple[str, ...],
    max_num_subgraphs: int,
    soc: SocSpec,
) -> Adopted:
    """Return the options with those of ``runtime`` in place of defaults. Options for TI's own tools have no effect.

    Raises:
        CompileError: a value is of the wrong kind.
    """
    changes: dict[str, Any] = {}
    notes: list[str] = []
    for name in (*_NUMBERS, *_AT_LEAST_OURS, *_SWITCHES, *_LISTS, "quantization_scale_type"):
        key = next((each for each in (f"{_PREFIX}{name}", name) if each in runtime), None)
        if key is None or getattr(quantization, name) != _default(name):
            continue
        value = _typed(name, runtime[key])
        if name in _AT_LEAST_OURS and value < (ours := _ours(name, quantization)):
            notes.append(f"{name} {value} of the model description is below {ours}, which is used")
        elif value is ScaleType.PER_CHANNEL and not soc.per_channel:
            notes.append(
                f"quantization_scale_type 4 of the model description needs MMA version 2; {soc.name} uses 0"
            )
        else:
            changes[name] = value
    denied = [entry.strip() for key in _DENY for entry in str(runtime.get(key, "")).split(",")]
    limit = _number("max_num_subgraphs", runtime.get("max_num_subgraphs", max_num_subgraphs))
    return Adopted(
        replace(quantization, **changes),
        (*deny_list, *filter(None, denied)),
        min(limit, max_num_subgraphs),
        tuple(notes),
    )


def _default(name: str) -> Any:
    return next(each.default for each in fields(QuantOptions) if each.name == name)


def _ours(name: str, quantization: QuantOptions) -> int:
    """Return the number that holds without a description; that of iterations depends on the recipe."""
    return quantization.iterations if name == "calibration_iterations" else int(getattr(quantization, name))


def _typed(name: str, value: Any) -> Any:
    if name in _LISTS:
        return tuple(filter(None, (entry.strip() for entry in str(value).split(","))))
    number = _number(name, value)
    if name in _SWITCHES:
        return bool(number)
    if name != "quantization_scale_type":
        return number
    if number not in list(ScaleType):
        raise CompileError(f"quantization_scale_type of the model description is {number}, must be 0, 1 or 4")
    return ScaleType(number)


def _number(name: str, value: Any) -> int:
    if not isinstance(value, int):
        raise CompileError(f"{name} of the model description must be a whole number, found {value!r:.60}")
    return int(value)
