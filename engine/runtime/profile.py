"""What the chip would take for a network, layer by layer: everything here is modelled, nothing measured."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.compiler.outline import outline
from engine.compiler.partition import Place, partition
from engine.compiler.predict import predict
from engine.compiler.strip import without_softmax
from engine.cycles.accuracy import stated_accuracy
from engine.cycles.geometry import geometry
from engine.cycles.prediction import Layer, Prediction, core_loop_utilization, network_utilization
from engine.cycles.published import PublishedLatency, published_latency
from engine.errors import CompileError
from engine.importers import ImportOptions, import_model
from engine.program.artifact import Artifact, DeviceSegment
from engine.program.program import Program
from engine.soc import SocSpec, load_soc


@dataclass(frozen=True, slots=True)
class Profile:
    """The modelled clock of a network: one prediction per program of the C7x, in execution order.

    ``host_nodes`` are the nodes that run on the A72, whose time is not modelled.
    """

    model: str
    programs: tuple[Program, ...]
    predictions: tuple[Prediction, ...]
    host_nodes: tuple[Place, ...] = field(default=())

    @property
    def soc(self) -> SocSpec:
        """The chip it was modelled for."""
        return self.predictions[0].soc

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers of the device."""
        return tuple(layer for prediction in self.predictions for layer in prediction.layers)

    @property
    def modelled_ms(self) -> float:
        """Copies, mailbox and layers of all programs; without the A72's nodes."""
        return sum(prediction.device_ms for prediction in self.predictions)

    @property
    def device_ms(self) -> float | None:
        """The whole frame, or None where nodes on the A72 take part."""
        return None if self.host_nodes else self.modelled_ms

    @property
    def core_loop_utilization(self) -> float:
        """Useful MACs over the panel slots that the core loops occupy."""
        return core_loop_utilization(self.layers)

    @property
    def network_utilization(self) -> float:
        """Useful MACs over what the MMA could do in the whole frame."""
        return network_utilization(self.macs, self.soc, self.modelled_ms)

    @property
    def macs(self) -> int:
        """Useful multiply-accumulates of one frame."""
        return sum(prediction.macs for prediction in self.predictions)

    def published(self) -> PublishedLatency | None:
        """Return what the chip's maker publishes for this network on this chip, one core; None where nothing is known."""
        return published_latency(self.macs, sum(map(_weights, self.programs)), self.soc.name)

    def document(self) -> dict[str, Any]:
        """Return the document of the command line contract, with the frame's parts and TI's columns besides."""
        predictions = self.predictions
        return {
            "soc": self.soc.name,
            "cores": self.soc.cores,
            "device_ms": self.device_ms,
            "clock_hz": self.soc.clock_hz,
            "frame_ms": {
                "copy_in": sum(p.copy_in_ms for p in predictions),
                "proc": sum(p.proc_ms for p in predictions),
                "copy_out": sum(p.copy_out_ms for p in predictions),
            },
            "utilization": {"core_loop": self.core_loop_utilization, "network": self.network_utilization},
            "ddr_mb": {
                "read": sum(p.ddr_read_mb for p in predictions),
                "write": sum(p.ddr_write_mb for p in predictions),
            },
            "published": _published_document(self.published()),
            "accuracy": asdict(stated_accuracy(self.soc.name)),
            "on_host": [{"node": p.node, "op": p.op, "reason": p.reason} for p in self.host_nodes],
            "layers": [layer_document(layer) for layer in self.layers],
        }


def profile_model(
    model: str | Path, soc: SocSpec, options: ImportOptions | None = None, deny_list: Sequence[str] = ()
) -> Profile:
    """Return the profile of a model file or built-in name; its weights need no values.

    Raises:
        EngineError: the file is refused, no node runs on the device, or it does not fit the SoC.
    """
    # Imported here: it loads ONNX, which who profiles a compiled network does not need.
    from engine.passes.pipeline import optimize

    graph = without_softmax(optimize(import_model(model, options)))
    parts = partition(graph, soc, deny_list=deny_list)
    programs = tuple(outline(part.graph, soc) for part in parts.segments if part.device)
    on_host = tuple(place for place in parts.places if place.place != "device")
    return _profile(Path(model).stem, programs, on_host, soc)


def profile_artifact(artifact: Artifact, soc: SocSpec | None = None) -> Profile:
    """Return the profile of a compiled network, on its own SoC unless another is given.

    Raises:
        EngineError: no part runs on the device, or it does not fit the SoC.
    """
    soc = soc or load_soc(artifact.soc, cores=artifact.cores, clock_hz=artifact.clock_hz)
    programs = tuple(s.program for s in artifact.segments if isinstance(s, DeviceSegment))
    on_host = tuple(Place(**place, place="host") for place in artifact.report.get("on_host", ()))
    return _profile(artifact.model, programs, on_host, soc)


def _profile(model: str, programs: tuple[Program, ...], on_host: tuple[Place, ...], soc: SocSpec) -> Profile:
    if not programs:
        raise CompileError(f"{model}: no node runs on the device, so there is no device time to model")
    return Profile(model, programs, tuple(predict(program, soc) for program in programs), on_host)


def layer_document(layer: Layer) -> dict[str, Any]:
    """Return one layer of the document; the three parts sum to ``cycles``."""
    cost = layer.cycles
    kernel, setup, waiting = round(cost.kernel), round(cost.setup), round(cost.exposed_dma)
    return {
        "name": layer.name,
        "op": layer.op,
        "cycles": kernel + setup + waiting,
        "kernel_cycles": kernel,
        "dma_cycles": waiting,
        "setup_cycles": setup,
        "bound": cost.bound.value,
        "macs": cost.macs,
        "utilization": cost.utilization,
        "trace": trace_columns(layer),
    }


def trace_columns(layer: Layer) -> dict[str, int]:
    """Return the layer's cycles under the names of TI's per-layer trace."""
    cost = layer.cycles
    return {
        "Layer Cycles": round(cost.layer),
        "kernelOnlyCycles": round(cost.kernel),
        "coreLoopCycles": round(cost.core_loop),
        "LayerSetupCycles": round(cost.setup),
        "dmaPipeupCycles": round(cost.pipe_up),
        "dmaPipeDownCycles": round(cost.pipe_down),
        "PrefetchCycles": round(cost.prefetch),
        "copyKerCoeffCycles": round(cost.coefficient_copy),
    }


def _published_document(published: PublishedLatency | None) -> dict[str, Any] | None:
    if published is None:
        return None
    low, high = published.range_ms
    return {
        "network": published.network.title,
        "median_ms": published.median_ms,
        "range_ms": [low, high],
        "sources": [figure.source for figure in published.figures],
    }


def _weights(program: Program) -> int:
    names = {
        name for d in program.descriptors for name in geometry(d, program.tensors, program.constants).weights
    }
    return sum(program.constants[name].size for name in names)
