"""The default model from a stored table of ranges: the same integers on every machine, whatever its float libraries do."""

import hashlib
from pathlib import Path

from engine.compiler.compile import CompileOptions, float_graph, lower
from engine.emu.memory import DeviceMemory
from engine.kernels.select import open_kernels
from engine.quant.calibration import from_json
from engine.quant.options import QuantOptions, Recipe
from engine.quant.quantize import quantize
from engine.runtime.golden import golden_input
from engine.soc import load_soc

RANGES = Path(__file__).with_name("efficientnet_lite0_ranges.json")
DIGESTS = Path(__file__).with_name("digests.json")
SOCS = ("tda4vm", "am68a")
OPTIONS = QuantOptions(recipe=Recipe.TI, accuracy_level=0)


def digests(soc_name: str) -> dict[str, str]:
    """Return SHA-256 digests of the program's constants, by name in order, and of its logits for the golden picture."""
    graph = float_graph("efficientnet_lite0", CompileOptions())
    soc = load_soc(soc_name)
    network = quantize(graph, from_json(RANGES.read_text(encoding="utf-8")), soc, OPTIONS)
    program = lower(network, graph, soc)
    memory = DeviceMemory(program)
    memory.tensor(program.inputs[0])[...] = golden_input(program)
    open_kernels("numpy").kernels.prepare(program, memory).run()
    constants = hashlib.sha256()
    for name in sorted(program.constants):
        constants.update(program.constants[name].tobytes())
    logits = memory.tensor(program.outputs[0]).tobytes()
    return {"constants": constants.hexdigest(), "logits": hashlib.sha256(logits).hexdigest()}
