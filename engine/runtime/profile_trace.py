"""The modelled queues of a frame as a Chrome trace, for Perfetto (ui.perfetto.dev) or chrome://tracing."""

from collections.abc import Iterator
from typing import Any

from engine.cycles.prediction import Layer, Prediction
from engine.runtime.profile import Profile, trace_columns

A72, MAILBOX, SETUP, KERNEL, DDR, MSMC = range(1, 7)
QUEUES = {
    A72: "A72 copies",
    MAILBOX: "mailbox and runtime",
    SETUP: "C7x layer set-up",
    KERNEL: "MMA and vector kernels",
    DDR: "DMA, weights from DDR",
    MSMC: "DMA, tiles",
}
PROCESS = 1


def chrome_trace(profile: Profile) -> dict[str, Any]:
    """Return the trace document; times are modelled microseconds of one frame."""
    soc = profile.soc
    title = f"{soc.title}, {soc.cores} core(s) at {soc.clock_hz / 1e6:g} MHz, modelled"
    events: list[dict[str, Any]] = [_name("process_name", 0, title)]
    for queue, name in QUEUES.items():
        events.append(_name("thread_name", queue, f"{name} (modelled)"))
    start_us = 0.0
    for prediction in profile.predictions:
        events.extend(_frame(prediction, start_us))
        start_us += 1e3 * prediction.device_ms
    return {
        "traceEvents": events,
        "displayTimeUnit": "ns",
        "otherData": {"model": profile.model, "soc": soc.name, "clock": "modelled, not measured"},
    }


def _frame(prediction: Prediction, start_us: float) -> Iterator[dict[str, Any]]:
    now_us = start_us + 1e3 * prediction.copy_in_ms
    yield _event("copy_in", A72, start_us, now_us, {"bytes": prediction.input_bytes})
    yield _event("message", MAILBOX, now_us, now_us + prediction.soc.frame_overhead_us, {})
    now_us += prediction.soc.frame_overhead_us
    for layer in prediction.layers:
        yield from _layer(layer, now_us, 1e6 / prediction.soc.clock_hz)
        now_us += 1e3 * prediction.milliseconds(layer.cycles.layer)
    end_us = now_us + 1e3 * prediction.copy_out_ms
    yield _event("copy_out", A72, now_us, end_us, {"bytes": prediction.output_bytes})


def _layer(layer: Layer, start_us: float, us_per_cycle: float) -> Iterator[dict[str, Any]]:
    """Set-up, then first weights and first tile, then kernels beside DMA, then the last tile."""
    cost = layer.cycles
    at = start_us
    details = {
        "op": layer.op,
        "bound": cost.bound.value,
        "utilization": cost.utilization,
        **trace_columns(layer),
    }
    phases = (
        (SETUP, "setup", cost.setup),
        (DDR, "weights", cost.prefetch),
        (MSMC, "weights", cost.coefficient_copy),
        (MSMC, "pipe up", cost.pipe_up),
    )
    for queue, phase, cycles in phases:
        if cycles:
            yield _event(f"{layer.name}: {phase}", queue, at, at + cycles * us_per_cycle, details)
            at += cycles * us_per_cycle
    end = start_us + (cost.layer - cost.pipe_down) * us_per_cycle
    if cost.streaming:
        yield _event(f"{layer.name}: tiles", MSMC, at, at + cost.streaming * us_per_cycle, details)
    if cost.kernel:
        yield _event(layer.name, KERNEL, end - cost.kernel * us_per_cycle, end, details)
    if cost.pipe_down:
        yield _event(f"{layer.name}: pipe down", MSMC, end, end + cost.pipe_down * us_per_cycle, details)


def _event(
    name: str, queue: int, start_us: float, end_us: float, arguments: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": name, "ph": "X", "pid": PROCESS, "tid": queue, "ts": round(start_us, 4),
        "dur": round(end_us - start_us, 4), "args": arguments,
    }  # fmt: skip


def _name(kind: str, queue: int, name: str) -> dict[str, Any]:
    return {"name": kind, "ph": "M", "pid": PROCESS, "tid": queue, "args": {"name": name}}
