"""What a user may choose about quantization, under TI's names."""

from dataclasses import dataclass
from enum import Enum, IntEnum

from engine.errors import CompileError


class Recipe(Enum):
    """How weights, biases and scales are found; the integer arithmetic is the same."""

    TI = "ti"  # what TIDL does
    LENS7 = "lens7"  # loses less; engine/quant/EXPERIMENTS.md says by how much and why


_ITERATIONS = {Recipe.TI: 50, Recipe.LENS7: 2}


class ScaleType(IntEnum):
    """TI's ``quantization_scale_type``; 3 (pre-quantized TFLite) needs no choice: such files are recognised."""

    NON_POWER_OF_2 = 0  # per tensor, SPEC (2)
    POWER_OF_2 = 1  # per tensor, every scale a power of two
    PER_CHANNEL = 4  # per output channel; MMA v2 only


@dataclass(frozen=True, slots=True)
class QuantOptions:
    """TI's options, checked on construction.

    ``accuracy_level`` 0 is minimum/maximum ranges and plain rounding, 1 (TI's default) adds bias calibration and, in recipe
    ``ti`` with one scale per tensor, activation clipping and weight clipping (8 bit), 9 takes the four switches below it as
    given.
    ``calibration_iterations`` is how often bias calibration measures and corrects: in recipe ``ti`` the whole network (None:
    50, TI's default), in recipe ``lens7`` each layer behind corrected ones (None: 2).
    ``quantization_scale_type`` None means what the SoC does best.
    """

    recipe: Recipe = Recipe.LENS7
    tensor_bits: int = 8
    accuracy_level: int = 1
    calibration_frames: int = 24
    calibration_iterations: int | None = None
    quantization_scale_type: ScaleType | None = None
    activation_clipping: bool = True
    weight_clipping: bool = True
    bias_calibration: bool = True
    channel_wise_quantization: bool = True
    output_feature_16bit_names_list: tuple[str, ...] = ()
    params_16bit_names_list: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _allow("tensor_bits", self.tensor_bits, (8, 16))
        _allow("accuracy_level", self.accuracy_level, (0, 1, 9))
        if self.calibration_frames < 1:
            raise CompileError(f"calibration_frames is {self.calibration_frames}, must be at least 1")
        if self.iterations < 1:
            raise CompileError(f"calibration_iterations is {self.iterations}, must be at least 1")

    @property
    def iterations(self) -> int:
        """``calibration_iterations``, or the recipe's own number where that is left open."""
        given = self.calibration_iterations
        return _ITERATIONS[self.recipe] if given is None else given

    @property
    def corrects_biases(self) -> bool:
        """Whether biases are calibrated."""
        return self.bias_calibration if self.accuracy_level == 9 else self.accuracy_level > 0


def _allow(name: str, value: int, allowed: tuple[int, ...]) -> None:
    if value not in allowed:
        raise CompileError(f"{name} is {value}, must be one of {', '.join(map(str, allowed))}")
