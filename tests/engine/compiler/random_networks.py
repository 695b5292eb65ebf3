"""Random picture networks through the whole compiler: `python -m tests.engine.compiler.random_networks --count 5000`.

Any operator behind any other, several readers of a tensor, nodes sent to the A72 at random. ``complaint`` holds what is compiled
against the law: every tensor, by every kernel set, in planned memory, is what the reference computes where each tensor has bytes
of its own; and what comes out is near the float network.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from engine.compiler.compile import lower
from engine.compiler.partition import partition
from engine.errors import CompileError
from engine.host.export import to_onnx
from engine.host.float_session import FloatSession
from engine.host.preprocess import to_real
from engine.ir import ops
from engine.ir.activations import RELU, RELU6, Activation, Fn
from engine.ir.graph import Array, Graph, InputSpec, Node, TensorType
from engine.ir.shapes import output_types
from engine.kernels.trials.builder import Dice
from engine.passes.pipeline import optimize
from engine.program.artifact import Artifact, DeviceSegment, HostSegment, Segment
from engine.program.program import Program
from engine.quant.calibrate import calibrate
from engine.quant.options import QuantOptions, Recipe
from engine.quant.quantize import quantize
from engine.reference import run as run_by_the_law
from engine.runtime.session import Session
from engine.soc import load_soc, soc_names

SPECS = (InputSpec((127.0,) * 3, (1 / 128,) * 3), InputSpec(scale=(1 / 255,) * 3))
SMOOTH = (
    Activation(Fn.SIGMOID), Activation(Fn.TANH), Activation(Fn.HARD_SWISH), Activation(Fn.SILU),
    Activation(Fn.HARD_SIGMOID, alpha=0.2, beta=0.5), Activation(Fn.LEAKY_RELU, alpha=0.1), Activation(Fn.CLIP, -0.5, 0.5),
    Activation(Fn.ELU, alpha=1.0), Activation(Fn.GELU), Activation(Fn.MISH),
)  # fmt: skip
CALIBRATION_FRAMES = 3


PLAIN = QuantOptions(calibration_frames=CALIBRATION_FRAMES)


@dataclass(frozen=True, slots=True)
class Choice:
    """How a network is compiled."""

    soc: str = "tda4vm"
    options: QuantOptions = PLAIN
    deny_list: tuple[str, ...] = ()
    max_num_subgraphs: int = 16


class Grower:
    """A graph that grows node by node from tensors it has."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.known = {"x": TensorType((1, dice.between(6, 12), dice.between(6, 12), 3))}
        self.constants: dict[str, Array] = {}
        self.nodes: list[Node] = []

    def add(self, op: ops.Op, *inputs: str) -> str:
        """Append a node and return its output's name."""
        stored = {name: TensorType(values.shape) for name, values in self.constants.items()}
        types = output_types(op, [self.known.get(name) or stored[name] for name in inputs])
        assert types is not None
        name = f"t{len(self.nodes)}"
        self.known[name] = types[0]
        self.nodes.append(Node(f"n{len(self.nodes)}", op, inputs, (name,)))
        return name

    def constant(self, *shape: int, size: float = 1.0) -> str:
        """Add normally distributed numbers and return their name."""
        name = f"c{len(self.constants)}"
        self.constants[name] = (self.dice.rng.normal(size=shape) * size).astype(np.float32)
        return name

    def pick(self) -> str:
        """Return a tensor: often one of the newest, sometimes the picture."""
        names = list(self.known)
        return (
            names[-1 - min(self.dice.between(0, 4), len(names) - 1)]
            if self.dice.chance(0.7)
            else self.dice.pick(*names)
        )

    def activation(self) -> Activation | None:
        """Return what a layer fuses."""
        return self.dice.pick(None, None, RELU, RELU6, self.dice.pick(*SMOOTH))

    def grow(self) -> None:
        """Append one operator or two."""
        kinds = (
            self._conv, self._conv, self._conv, self._depthwise, self._transposed, self._binary, self._binary, self._concat,
            self._gate, self._with_constant, self._normalize, self._pool, self._move, self._move, self._unary, self._resize,
        )  # fmt: skip
        self.dice.pick(*kinds)(self.pick())

    def finish(self) -> Graph:
        """Return the graph: the means of every tensor that nothing reads, side by side, before a fully connected layer."""
        read = {name for node in self.nodes for name in node.inputs}
        ends = [name for name in self.known if name not in read]
        means = [self.add(ops.ReduceMean((1, 2), keepdims=False), name) for name in ends]
        joined = self.add(ops.Concat(1), *means) if len(means) > 1 else means[0]
        depth = self.known[joined].shape[1]
        logits = self.add(
            ops.FullyConnected(), joined, self.constant(5, depth, size=depth**-0.5), self.constant(5)
        )
        spec = self.dice.pick(*SPECS)
        return Graph("grown", ("x",), (logits,), tuple(self.nodes), self.known, self.constants, spec)

    # --- operators -----------------------------------------------------------------------------------------------------

    def _conv(self, x: str, group: int = 1, outputs: int = 0) -> None:
        dice, (_, h, w, c) = self.dice, self.known[x].shape
        kernel = (dice.between(1, min(3, h)), dice.between(1, min(3, w)))
        dilation = tuple(
            dice.pick(1, 1, 2) if (k - 1) * 2 < size else 1 for k, size in zip(kernel, (h, w), strict=True)
        )
        pads = tuple(dice.between(0, (kernel[i % 2] - 1) * dilation[i % 2]) for i in range(4))
        outputs = outputs or dice.between(1, 20)
        op = ops.Conv2d((dice.pick(1, 1, 2), dice.pick(1, 1, 2)), dilation, pads, group, self.activation())  # type: ignore[arg-type]
        weight = self.constant(outputs, *kernel, c // group, size=(kernel[0] * kernel[1] * c / group) ** -0.5)
        if dice.chance(0.1):
            self.constants[weight][dice.between(0, outputs - 1)] = 0.0
        self.add(op, x, weight, *([self.constant(outputs, size=0.3)] if dice.chance(0.7) else []))

    def _depthwise(self, x: str) -> None:
        channels = self.known[x].shape[3]
        groups = [g for g in range(1, channels + 1) if channels % g == 0]
        group = self.dice.pick(channels, channels, self.dice.pick(*groups))
        self._conv(x, group, group * self.dice.pick(1, 1, 2))

    def _transposed(self, x: str) -> None:
        dice, (_, h, w, c) = self.dice, self.known[x].shape
        if h * w > 200:
            return
        outputs, stride = dice.between(1, 8), (dice.pick(1, 2), dice.pick(1, 2))
        op = ops.ConvTranspose2d(
            stride, pads=(dice.between(0, 1), 0, 0, dice.between(0, 1)), activation=self.activation()
        )
        self.add(
            op, x, self.constant(outputs, 2, 3, c, size=(3 * c) ** -0.5), self.constant(outputs, size=0.3)
        )

    def _binary(self, x: str) -> None:
        alike = [name for name, each in self.known.items() if each.shape == self.known[x].shape]
        other = self.dice.pick(*alike)
        pair = (x, other) if self.dice.chance(0.5) else (other, x)
        self.add(self.dice.pick(ops.Add, ops.Add, ops.Sub, ops.Mul)(self.activation()), *pair)

    def _concat(self, x: str) -> None:
        axis = self.dice.pick(3, 3, 1, 2)

        def others(name: str) -> tuple[int, ...]:
            shape = self.known[name].shape
            return shape[:axis] + shape[axis + 1 :]

        alike = [name for name in self.known if others(name) == others(x)]
        if self.known[x].shape[axis] < 60:
            self.add(ops.Concat(axis), x, *(self.dice.pick(*alike) for _ in range(self.dice.between(1, 2))))

    def _gate(self, x: str) -> None:
        mean = self.add(ops.ReduceMean((1, 2)), x)
        self.add(ops.Unary(self.dice.pick(*SMOOTH)), mean)
        self.add(ops.Mul(), x, f"t{len(self.nodes) - 1}")

    def _with_constant(self, x: str) -> None:
        kind = self.dice.pick(ops.Add, ops.Sub, ops.Mul)
        constant = self.constant(self.known[x].shape[3]) if self.dice.chance(0.6) else self.constant()
        self.add(kind(self.activation()), *((x, constant) if self.dice.chance(0.7) else (constant, x)))

    def _normalize(self, x: str) -> None:
        channels = self.known[x].shape[3]
        if self.dice.chance(0.5):
            self.add(ops.Prelu(), x, self.constant(channels, size=0.3))
            return
        variance = self.constant(channels)
        self.constants[variance] = np.abs(self.constants[variance]) + np.float32(0.3)
        self.add(ops.BatchNorm(1e-3), x, *(self.constant(channels) for _ in range(3)), variance)

    def _pool(self, x: str) -> None:
        dice, (_, h, w, _) = self.dice, self.known[x].shape
        kernel = (dice.between(1, min(3, h)), dice.between(1, min(3, w)))
        pads = tuple(dice.between(0, kernel[i % 2] - 1) for i in range(4))
        stride = (dice.pick(1, 2), dice.pick(1, 2))
        if dice.chance(0.5):
            self.add(ops.MaxPool(kernel, stride, pads), x)  # type: ignore[arg-type]
        else:
            self.add(ops.AvgPool(kernel, stride, pads, dice.chance(0.3)), x)  # type: ignore[arg-type]

    def _move(self, x: str) -> None:
        dice, shape = self.dice, self.known[x].shape
        _, h, w, c = shape
        kind = dice.between(0, 4)
        if kind == 0:
            begins = tuple(dice.between(0, n - 1) for n in shape)
            ends = tuple(dice.between(b + 1, n) for b, n in zip(begins, shape, strict=True))
            self.add(ops.Slice(begins, ends, (1, dice.pick(1, 2), 1, dice.pick(1, 2))), x)
        elif kind == 1 and h * w < 200:
            value = dice.pick(0.0, 0.0, 0.02)
            self.add(
                ops.Pad((0, dice.between(0, 2), 0, dice.between(0, 1)), (0, 0, dice.between(0, 1), 0), value),
                x,
            )
        elif kind == 2:
            self.add(ops.Transpose((0, *dice.pick((2, 1, 3), (3, 1, 2), (1, 3, 2), (3, 2, 1)))), x)
        elif kind == 3:
            self.add(
                ops.Reshape(dice.pick((1, w, h, c), (1, h, 1, w * c), (1, 1, h * w, c), (1, h, w * c, 1))), x
            )
        elif kind == 4:
            self.add(ops.ChannelShuffle(dice.pick(*(g for g in range(1, c + 1) if c % g == 0))), x)

    def _unary(self, x: str) -> None:
        if self.dice.chance(0.15):
            self.add(ops.Softmax(self.dice.pick(3, 3, 1)), x)
        elif self.dice.chance(0.2):
            self.add(ops.ReduceMax((1, 2)), x)
        else:
            self.add(ops.Unary(self.dice.pick(RELU, RELU6, *SMOOTH)), x)

    def _resize(self, x: str) -> None:
        size = (self.dice.between(1, 12), self.dice.between(1, 12))
        self.add(ops.Resize(size, self.dice.pick(*ops.ResizeMode), self.dice.pick(*ops.Coordinates)), x)


def network(seed: int, nodes: int = 12) -> Graph:
    """Return a random float network of about ``nodes`` nodes before its classifier, as an importer would."""
    grower = Grower(Dice(seed))
    for _ in range(grower.dice.between(1, nodes)):
        grower.grow()
    return grower.finish()


def choice(seed: int, graph: Graph) -> Choice:
    """Return a random way to compile ``graph``."""
    dice = Dice(seed + 1)
    denied = [node.name for node in graph.nodes if dice.chance(0.15)] if dice.chance(0.5) else []
    level = dice.pick(0, 1)
    bits = dice.pick(8, 8, 16)
    options = QuantOptions(dice.pick(*Recipe), bits, level, CALIBRATION_FRAMES, calibration_iterations=1)
    return Choice(dice.pick(*soc_names()), options, tuple(denied), dice.between(1, 4))


def pictures(graph: Graph, count: int, seed: int) -> NDArray[np.uint8]:
    """Return random pictures of the network's size, uint8 [count, H, W, 3]."""
    _, height, width, _ = graph.tensors["x"].shape
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3)).astype(np.uint8)


def compiled(graph: Graph, how: Choice) -> Artifact:
    """Return optimized ``graph`` as an artifact, calibrated on random pictures."""
    soc, spec = load_soc(how.soc), graph.input_spec
    assert spec is not None
    parts = partition(graph, soc, deny_list=how.deny_list, max_num_subgraphs=how.max_num_subgraphs)
    inner = {name for part in parts.segments for name in part.graph.inputs} - set(graph.inputs)
    frames = [to_real(each, spec)[None] for each in pictures(graph, CALIBRATION_FRAMES, seed=0)]
    table = calibrate(graph, frames, how.options, keep=tuple(sorted(inner)))
    segments: list[Segment] = []
    for part in parts.segments:
        if part.device:
            segments.append(
                DeviceSegment(lower(quantize(part.graph, table, soc, how.options), part.graph, soc))
            )
        else:
            segments.append(
                HostSegment(to_onnx(part.graph).SerializeToString(), part.graph.inputs, part.graph.outputs)
            )
    return Artifact(
        model="grown", soc=soc.name, cores=1, clock_hz=1e9, recipe=how.options.recipe.value, options={}, input_name="x",
        input_shape=graph.tensors["x"].shape, input_spec=spec, output=graph.outputs[0], labels=(), segments=tuple(segments),
        device_ms=None, report={},
    )  # fmt: skip


class OwnBytes:
    """Device memory in which no two tensors share a byte."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.arrays = {name: np.zeros(each.shape, each.dtype) for name, each in program.tensors.items()}

    def tensor(self, name: str) -> Array:
        return self.arrays[name]

    def constant(self, name: str) -> Array:
        return self._program.constants[name]


def by_the_law(artifact: Artifact, pixels: NDArray[np.uint8]) -> Iterator[tuple[str, Array]]:
    """Yield each tensor that a descriptor writes and its real values, then the output; no code of the session is used."""
    spec = artifact.input_spec
    assert spec is not None
    values: dict[str, Array] = {"x": to_real(pixels, spec)[None]}
    for segment in artifact.segments:
        if isinstance(segment, HostSegment):
            from engine.host.onnx_session import OnnxSession

            values |= OnnxSession(segment.model).run(values)
            continue
        memory, tensors = OwnBytes(segment.program), segment.program.tensors
        for name in segment.program.inputs:
            limits, scaled = (
                np.iinfo(tensors[name].dtype),
                values[name].astype(np.float64) * tensors[name].scale,
            )
            rounded = np.clip(np.sign(scaled) * np.floor(np.abs(scaled) + 0.5), limits.min, limits.max)
            memory.arrays[name][...] = pixels if name == "x" else rounded
        for descriptor in segment.program.descriptors:
            run_by_the_law(descriptor, memory)
            name = descriptor.output
            real = (memory.arrays[name] / np.float64(tensors[name].scale)).astype(np.float32)
            yield name, real
            values[name] = real
    yield "output", values[artifact.output].reshape(-1)


def in_session(
    artifact: Artifact, kernels: str, pixels: NDArray[np.uint8], cache: Path | None
) -> Iterator[tuple[str, Array]]:
    """Yield the same as ``by_the_law``, computed by a session; the output from a run without stops."""
    with Session(artifact, kernels, cache_dir=cache) as session:
        seen: list[tuple[str, Array]] = []
        session.run_pixels(pixels, lambda descriptor, real: seen.append((descriptor.output, real.copy())))
        yield from seen
        yield "output", session.run_pixels(pixels)


def complaint(seed: int, sets: Sequence[str], cache: Path | None = None) -> str | None:
    """Return what is wrong with the random network ``seed``, or None; compiled kernels are kept in ``cache``."""
    grown = network(seed)
    graph = optimize(grown)
    how = choice(seed, graph)
    pixels = pictures(graph, 2, seed=0)  # among the calibration pictures
    spec = graph.input_spec
    assert spec is not None
    feeds = {"x": to_real(pixels[1], spec)[None]}
    expected = FloatSession(grown).run(feeds)[grown.outputs[0]].reshape(-1)
    optimized = FloatSession(graph).run(feeds)[graph.outputs[0]].reshape(-1)
    if np.abs(expected - optimized).max() > 1e-3 * (1 + np.abs(expected).max()):
        return f"optimizing changed {expected} to {optimized}"
    artifact = compiled(graph, how)
    law = list(by_the_law(artifact, pixels[1]))
    for kernels in sets:
        for (name, want), (other, got) in zip(
            law, in_session(artifact, kernels, pixels[1], cache), strict=True
        ):
            if name != other or not np.array_equal(want, got):
                return f"{kernels}: tensor {name!r} ({other!r}) differs, {how}"
    if how.options.tensor_bits == 16:
        error = np.abs(law[-1][1] - expected).max() / (0.1 + np.abs(expected).max())
        softmax = any(isinstance(node.op, ops.Softmax) for node in graph.nodes)
        if error > (0.2 if softmax else 0.02):
            return f"{error:.3f} from the float network, {how}"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sets", nargs="+", default=["reference", "numpy", "native"])
    options = parser.parse_args()
    wrong, refused, started = 0, 0, time.monotonic()
    with TemporaryDirectory() as cache:
        for seed in range(options.seed, options.seed + options.count):
            try:
                problem = complaint(seed, options.sets, Path(cache))
            except CompileError as error:
                refused += 1
                print(f"seed {seed}: refused: {error}", flush=True)
                continue
            if problem:
                wrong += 1
                print(f"seed {seed}: {problem}", flush=True)
            if (seed + 1) % 100 == 0:
                print(f"up to seed {seed}: {wrong} wrong", flush=True)
    print(f"{options.count} networks, {wrong} wrong, {refused} refused, {time.monotonic() - started:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
