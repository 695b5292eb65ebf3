"""Compiled networks without weights: enough to be priced."""

from __future__ import annotations

from functools import cache

from engine.compiler.outline import outline
from engine.compiler.published_networks import NETWORKS
from engine.program.artifact import Artifact, DeviceSegment
from engine.soc import load_soc

ON_HOST = {"node": "norm", "op": "LRN", "reason": "local response normalization has no kernel on the device"}


@cache
def compiled(
    network: str = "mobilenet_v2_1p4", soc: str = "tda4vm", on_host: bool = False, device: bool = True
) -> Artifact:
    """Return ``network`` for ``soc``; part of it ``on_host``, or no part on the ``device``."""
    spec = load_soc(soc)
    program = outline(NETWORKS[network](), spec)
    return Artifact(
        model=network,
        soc=soc,
        cores=spec.cores,
        clock_hz=spec.clock_hz,
        recipe="lens7",
        options={},
        input_name="input",
        input_shape=(1, 224, 224, 3),
        input_spec=None,
        output="output",
        labels=(),
        segments=(DeviceSegment(program),) if device else (),
        device_ms=None,
        report={"on_host": [ON_HOST] if on_host else []},
    )
