"""The arithmetic that a SoC and the options allow, as answers to the quantizer's questions."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from engine.errors import CompileError
from engine.ir import ops
from engine.ir.graph import Graph, Node
from engine.quant.options import QuantOptions, Recipe, ScaleType
from engine.soc.spec import SocSpec

# Operators whose output has the integers, type and scale of their input.
PASS_THROUGH = (
    ops.MaxPool | ops.AvgPool | ops.ReduceMean | ops.ReduceMax | ops.Slice | ops.Pad | ops.Transpose | ops.Reshape
    | ops.ChannelShuffle | ops.Resize
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for this network on this SoC; ``wide`` names the tensors of 16 bits, ``wide_weights`` the layers."""

    per_channel: bool
    power_of_two: bool
    bits: int
    wide: frozenset[str]
    wide_weights: frozenset[str]
    clip_activations: bool
    clip_weights: bool
    correct_bias: bool
    recipe: Recipe
    iterations: int

    def tensor_bits(self, name: str) -> int:
        """Return the width of tensor ``name``."""
        return 16 if name in self.wide else self.bits

    def weight_bits(self, node: Node) -> int:
        """Return the width of the weights of ``node``."""
        return 16 if node.name in self.wide_weights else self.bits


def rules_for(graph: Graph, soc: SocSpec, options: QuantOptions) -> Rules:
    """Return the rules for ``graph`` on ``soc``.

    Raises:
        CompileError: the SoC cannot do what an option asks for, or an option names an unknown tensor or layer.
    """
    scale_type = options.quantization_scale_type
    if scale_type is ScaleType.PER_CHANNEL and not soc.per_channel:
        raise CompileError(
            f"quantization_scale_type 4 (per channel) needs MMA version 2; {soc.name} has {soc.mma_version}: use 0 or 1"
        )
    custom, level = options.accuracy_level == 9, options.accuracy_level
    per_channel = soc.per_channel and scale_type in (None, ScaleType.PER_CHANNEL)
    per_channel = per_channel and (options.channel_wise_quantization or not custom)
    clips = level > 0 and options.recipe is Recipe.TI and not per_channel
    written = [name for node in graph.nodes for name in node.outputs]
    wide = _known("output_feature_16bit_names_list", options.output_feature_16bit_names_list, written)
    if options.recipe is Recipe.LENS7:
        wide |= _last_tensors(graph)
    names = [name for node in graph.nodes for name in (node.name, *node.outputs)]
    wide_weights = _known("params_16bit_names_list", options.params_16bit_names_list, names)
    return Rules(
        per_channel=per_channel,
        power_of_two=scale_type is ScaleType.POWER_OF_2,
        bits=options.tensor_bits,
        wide=frozenset(_through(graph, wide)),
        wide_weights=frozenset(
            node.name for node in graph.nodes if wide_weights.intersection((node.name, *node.outputs))
        ),
        clip_activations=options.activation_clipping if custom else clips,
        # Where each channel has its own scale, one large weight costs the others nothing: TI clips none there.
        clip_weights=options.weight_clipping and not per_channel if custom else clips,
        correct_bias=options.corrects_biases,
        recipe=options.recipe,
        iterations=options.iterations,
    )


def _known(option: str, wanted: Iterable[str], names: list[str]) -> set[str]:
    for name in wanted:
        if name not in names:
            near = get_close_matches(name, names, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise CompileError(f"{option} names {name!r}, which the network does not have{hint}")
    return set(wanted)


def _last_tensors(graph: Graph) -> set[str]:
    """Return the graph's outputs that nothing in the graph reads again, SPEC (12)."""
    read = {name for node in graph.nodes for name in node.inputs}
    return set(graph.outputs) - read


def _through(graph: Graph, wide: set[str]) -> set[str]:
    """Return ``wide`` and the tensors that pass their type through to one of them."""
    found, computed = set(wide), {name for node in graph.nodes for name in node.outputs}
    for node in reversed(graph.nodes):
        if isinstance(node.op, PASS_THROUGH) and found.intersection(node.outputs):
            found.update(name for name in node.inputs if name in computed)
    return found
