"""What a subgraph of the A72 does that is local response normalisation and nothing else."""

import math
from dataclasses import dataclass

MAX_SIZE = 1 << 10


@dataclass(frozen=True, slots=True)
class LocalResponse:
    """y = x / base ** 0.75 for real x [..., channels], base = bias + alpha * mean of x * x over ``size`` channels.

    The mean is that over (size - 1) // 2 channels before, the channel itself and size // 2 behind, zeros beyond the first
    and the last. Everything is float32 and rounded step by step, as ``engine.reference.local_response`` has it.

    Raises:
        ValueError: a number is out of range.
    """

    size: int
    alpha: float
    bias: float

    def __post_init__(self) -> None:
        if not (1 <= self.size <= MAX_SIZE and 0 <= self.alpha < math.inf and 0 < self.bias < math.inf):
            raise ValueError(f"{self} is no local response normalisation")

    @property
    def before(self) -> int:
        """How many of the channels lie before the one in question."""
        return (self.size - 1) // 2
