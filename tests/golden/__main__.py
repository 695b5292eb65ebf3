"""Write the golden files anew: ``python -m tests.golden``. To be done only when the law or a rule changed on purpose."""

import json
from pathlib import Path

from engine.compiler.compile import CompileOptions, calibration_frames, float_graph
from engine.quant.calibrate import calibrate
from engine.quant.calibration import FORMAT
from tests.golden.network import DIGESTS, OPTIONS, RANGES, SOCS, digests


def ranges_document() -> dict[str, object]:
    """Return the calibration table with one range per tensor instead of one per channel: a tenth of the size."""
    options = CompileOptions()
    graph = float_graph("efficientnet_lite0", options)
    table = calibrate(graph, calibration_frames(graph, options), OPTIONS)
    tensors = {}
    for name, each in table.tensors.items():
        low, high = (float(f"{value:.7g}") for value in each.range)
        mean, tail = float(f"{each.mean.mean():.7g}"), float(f"{each.tail:.7g}")
        tensors[name] = {"low": [low], "high": [high], "mean": [mean], "tail": tail}
    return {"format": FORMAT, "frames": table.frame_count, "tensors": tensors}


RANGES.write_text(json.dumps(ranges_document(), indent=0) + "\n", encoding="utf-8")
DIGESTS.write_text(json.dumps({soc: digests(soc) for soc in SOCS}, indent=1) + "\n", encoding="utf-8")
print(Path(DIGESTS).read_text(encoding="utf-8"))
