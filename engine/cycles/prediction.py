"""The modelled clock of a whole frame: layers one after another, between two copies by the A72."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.cycles.model import Demand, LayerCycles, price
from engine.program.program import Memory, Tensor, Tile
from engine.soc import SocSpec

BYTES_PER_MB = 1e6


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a prediction: what it makes and where, how it is cut, what it asks for and costs.

    ``demand`` is None for a reshape in place, ``resident`` says that its weights stay in MSMC.
    """

    name: str
    op: str
    shape: tuple[int, ...]
    memory: Memory
    tile: Tile | None
    resident: bool
    demand: Demand | None
    cycles: LayerCycles


def core_loop_utilization(layers: Sequence[Layer]) -> float:
    """Return useful MACs over the panel slots that the core loops occupy; 0 where nothing is multiplied."""
    slots = sum(layer.cycles.slot_macs for layer in layers)
    return sum(layer.cycles.macs for layer in layers) / slots if slots else 0.0


def network_utilization(macs: int, soc: SocSpec, frame_ms: float) -> float:
    """Return useful MACs over what the MMAs of all cores could do in ``frame_ms``."""
    return macs / (soc.macs_per_cycle * soc.cores * soc.clock_hz * frame_ms / 1e3)


@dataclass(frozen=True, slots=True)
class Prediction:
    """Modelled time of one frame on ``soc``. Nothing in it was measured on this machine.

    ``tensors`` are placed for this SoC, ``arena_bytes`` is what they occupy; ``weights_bytes`` are all constants. Bytes
    of input and output are those that the A72 copies.
    """

    soc: SocSpec
    layers: tuple[Layer, ...]
    tensors: Mapping[str, Tensor]
    arena_bytes: Mapping[Memory, int]
    weights_bytes: int
    input_bytes: int
    output_bytes: int

    @property
    def network_cycles(self) -> float:
        """C7x cycles of all layers [Network Cycles]."""
        return sum(layer.cycles.layer for layer in self.layers)

    @property
    def copy_in_ms(self) -> float:
        """The A72 copies the input to the C7x's buffer."""
        return 1e3 * self.input_bytes / self.soc.copy_bytes_per_s

    @property
    def proc_ms(self) -> float:
        """From the mailbox message to the reply: frame overhead and all layers."""
        return self.soc.frame_overhead_us / 1e3 + self.milliseconds(self.network_cycles)

    @property
    def copy_out_ms(self) -> float:
        """The A72 copies the output from the C7x's buffer."""
        return 1e3 * self.output_bytes / self.soc.copy_bytes_per_s

    @property
    def device_ms(self) -> float:
        """The whole frame."""
        return self.copy_in_ms + self.proc_ms + self.copy_out_ms

    @property
    def macs(self) -> int:
        """Useful multiply-accumulates of one frame."""
        return sum(layer.cycles.macs for layer in self.layers)

    @property
    def core_loop_utilization(self) -> float:
        """Useful MACs over the panel slots that the core loops occupy."""
        return core_loop_utilization(self.layers)

    @property
    def network_utilization(self) -> float:
        """Useful MACs over what the cores' MMAs could do in the whole frame."""
        return network_utilization(self.macs, self.soc, self.device_ms)

    @property
    def ddr_read_mb(self) -> float:
        """DDR traffic per frame [ddr:read]."""
        return sum(layer.cycles.ddr_read_bytes for layer in self.layers) / BYTES_PER_MB

    @property
    def ddr_write_mb(self) -> float:
        """DDR traffic per frame [ddr:write]."""
        return sum(layer.cycles.ddr_write_bytes for layer in self.layers) / BYTES_PER_MB

    def milliseconds(self, cycles: float) -> float:
        """Return modelled ``cycles`` of the C7x as milliseconds."""
        return 1e3 * cycles / self.soc.clock_hz

    def steps_ms(self) -> dict[str, float]:
        """Return the modelled time of the six steps from model to result; their sum is ``device_ms``.

        The model lies in DDR before the first frame and takes none; set-up of layers counts as mailbox work, as the
        C7x walks its commands.
        """
        kernel = sum(layer.cycles.kernel for layer in self.layers)
        setup = sum(layer.cycles.setup for layer in self.layers)
        return {
            "model": 0.0,
            "runtime": self.copy_in_ms,
            "mailbox": self.soc.frame_overhead_us / 1e3 + self.milliseconds(setup),
            "memory": self.milliseconds(self.network_cycles - kernel - setup),
            "mma": self.milliseconds(kernel),
            "result": self.copy_out_ms,
        }


def frame_ms(prediction: Prediction, soc: SocSpec) -> float:
    """Return the whole frame's time with other constants of the clock (rates, overheads, MHz; not sizes or cores).

    Tiles and places are the prediction's. No layers are made: a fit asks for thousands of frames.
    """
    cycles = sum(price(layer.demand, soc).layer for layer in prediction.layers if layer.demand is not None)
    around = replace(prediction, soc=soc, layers=())
    return around.device_ms + around.milliseconds(cycles)
