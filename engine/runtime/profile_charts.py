"""Charts of a profile as SVG text: stacked layer bars, roofline, memory map. Colours come from the page's style sheet."""

import math
from collections.abc import Callable, Iterable, Sequence
from html import escape

from engine.compiler.memory_plan import Span, spans
from engine.cycles.prediction import Layer, Prediction
from engine.program.program import Memory, Program
from engine.runtime.profile import Profile

WIDTH, LEFT, RIGHT, TOP = 1160, 64, 12, 24
PLOT = WIDTH - LEFT - RIGHT


def layer_bars(profile: Profile) -> str:
    """Return one stacked bar per layer: kernel, exposed DMA and set-up, in thousands of modelled cycles."""
    layers, height = profile.layers, 260
    top_cycles = max([1.0, *(layer.cycles.layer for layer in layers)])  # reshaping takes none
    step = _nice_step(top_cycles / 4)
    scale = height / (math.ceil(top_cycles / step) * step)
    pitch = PLOT / len(layers)
    parts = [_grid_line(TOP + height - y * scale, f"{y / 1e3:g} k") for y in _steps(top_cycles, step)]
    for index, layer in enumerate(layers):
        cost = layer.cycles
        base = float(TOP + height)
        parts.append(f"<g><title>{escape(layer_text(profile.predictions[0], layer))}</title>")
        parts.append(_rect("hit", LEFT + index * pitch, TOP, pitch, height))
        stack = (("kernel", cost.kernel), ("dma", cost.exposed_dma), ("setup", cost.setup))
        for kind, cycles in stack:
            base -= cycles * scale
            parts.append(_rect(kind, LEFT + index * pitch + pitch * 0.1, base, pitch * 0.8, cycles * scale))
        parts.append("</g>")
    parts += _ticks(len(layers), pitch, TOP + height)
    return _svg(height + 44, parts, "Modelled cycles per layer, in order of execution")


def roofline(profile: Profile) -> str:
    """Return achieved MACs per cycle over MACs per byte moved, under the roofs of panel, MSMC and DDR."""
    soc, height = profile.soc, 300
    points = [(layer, *_intensity(layer)) for layer in profile.layers if layer.cycles.macs]
    peak = soc.macs_per_cycle * soc.cores
    x = _log_axis(0.5, max([2000.0, *(i for _, i, _ in points)]), LEFT, LEFT + PLOT)
    y = _log_axis(min([1.0, *(a for _, _, a in points)]), 2.0 * peak, TOP + height, TOP)
    parts = [_grid_line(y(10.0**e), f"{10**e:,}") for e in range(5) if TOP <= y(10.0**e) <= TOP + height]
    parts += [
        _text("tick", x(10.0**e), TOP + height + 18, f"{10**e:,}", "middle")
        for e in range(6)
        if x(10.0**e) <= LEFT + PLOT
    ]
    for label, rate, shift_px in (
        ("MSMC", soc.msmc_bytes_per_cycle, -14),
        ("DDR", soc.ddr_bytes_per_cycle, 24),
    ):
        slope = rate * soc.cores
        parts.append(_line("roof", x(0.5), y(0.5 * slope), x(peak / slope), y(peak)))
        title = f"{label} {slope:.3g} B/cycle"
        parts.append(
            _text("roof-label", x(3), y(3 * slope) + shift_px, title, "end" if shift_px < 0 else "start")
        )
    knee = peak / (soc.msmc_bytes_per_cycle * soc.cores)
    parts.append(_line("roof", x(knee), y(peak), LEFT + PLOT, y(peak)))
    parts.append(_text("roof-label", LEFT + PLOT, y(peak) - 8, f"panel {peak:,} MAC/cycle", "end"))
    for layer, intensity, achieved in points:
        mark = _mark(layer.op, x(intensity), y(achieved))
        parts.append(f"<g>{mark}<title>{escape(layer_text(profile.predictions[0], layer))}</title></g>")
    parts.append(
        _text("axis", LEFT + PLOT / 2, TOP + height + 38, "useful MACs per byte that DMA moves", "middle")
    )
    return _svg(height + 66, parts, "Roofline of the layers with MACs, modelled")


def memory_map(program: Program, prediction: Prediction, memory: Memory) -> str:
    """Return which bytes of ``memory`` are in use while which layer runs; the horizontal axis is modelled time."""
    height = 170
    used = [s for s in spans(program.descriptors, prediction.tensors, program.outputs) if s.memory is memory]
    arena = max(1, prediction.arena_bytes.get(memory, 0))
    starts = _layer_starts(prediction)
    scale_x, scale_y = PLOT / max(starts[-1], 1e-9), height / arena
    step = _nice_step(arena / 3)
    parts = [_grid_line(TOP + height - b * scale_y, _bytes(b)) for b in _steps(arena, step)]
    for span in used:
        left, right = starts[span.first], starts[span.last + 1]
        parts.append(f"<g><title>{escape(_span_text(span))}</title>")
        top = TOP + height - (span.offset + span.nbytes) * scale_y
        parts.append(
            _rect("span", LEFT + left * scale_x, top, (right - left) * scale_x, span.nbytes * scale_y)
        )
        parts.append("</g>")
    parts += _time_ticks(starts[-1], scale_x, TOP + height)
    return _svg(height + 52, parts, f"{memory.value.upper()} over modelled time")


def l2_use(prediction: Prediction) -> str:
    """Return the bytes of L2 that each layer's tile buffers take, over modelled time."""
    height, soc = 90, prediction.soc
    starts = _layer_starts(prediction)
    scale_x, scale_y = PLOT / max(starts[-1], 1e-9), height / soc.l2_bytes
    parts = [_grid_line(TOP + height - b * scale_y, _bytes(b)) for b in (0, soc.l2_bytes)]
    for index, layer in enumerate(prediction.layers):
        if layer.tile is None:
            continue
        base = float(TOP + height)
        parts.append(f"<g><title>{escape(layer_text(prediction, layer))}</title>")
        sizes = (
            ("kernel", layer.tile.weight_bytes),
            ("dma", layer.tile.input_bytes),
            ("setup", layer.tile.output_bytes),
        )
        for kind, nbytes in sizes:
            base -= nbytes * scale_y
            width = (starts[index + 1] - starts[index]) * scale_x
            parts.append(_rect(kind, LEFT + starts[index] * scale_x, base, width, nbytes * scale_y))
        parts.append("</g>")
    parts += _time_ticks(starts[-1], scale_x, TOP + height)
    return _svg(height + 52, parts, "L2 over modelled time")


def layer_text(prediction: Prediction, layer: Layer) -> str:
    """Return what a reader wants to know of one layer, in a few lines."""
    cost, tile = layer.cycles, layer.tile
    lines = [
        f"{layer.name} ({layer.op}) -> {' x '.join(map(str, layer.shape))} in {layer.memory.value.upper()}",
        f"{cost.layer:,.0f} cycles modelled = {1e3 * prediction.milliseconds(cost.layer):.1f} us, bound by {cost.bound.value}",
        f"kernel {cost.kernel:,.0f}, waiting for DMA {cost.exposed_dma:,.0f}, set-up {cost.setup:,.0f}",
    ]
    if cost.macs:
        lines.append(f"{cost.macs / 1e6:,.1f} million MACs, core-loop utilization {cost.utilization:.0%}")
    if tile is not None:
        lines.append(
            f"tile: {tile.rows} rows x {tile.channels} channels, weights {_bytes(tile.weight_bytes)} in L2"
        )
    read, written = cost.ddr_read_bytes, cost.ddr_write_bytes
    lines.append(f"DDR read {_bytes(read)}, written {_bytes(written)}; MSMC {_bytes(cost.msmc_bytes)}")
    return "\n".join(lines)


def _intensity(layer: Layer) -> tuple[float, float]:
    cost = layer.cycles
    moved = cost.ddr_read_bytes + cost.ddr_write_bytes + cost.msmc_bytes
    return max(0.5, cost.macs / moved), cost.macs / cost.layer


def _layer_starts(prediction: Prediction) -> list[float]:
    starts = [0.0]
    for layer in prediction.layers:
        starts.append(starts[-1] + prediction.milliseconds(layer.cycles.layer))
    return starts


def _span_text(span: Span) -> str:
    return f"{', '.join(span.names)}\n{_bytes(span.nbytes)} at offset {span.offset:,}"


def _log_axis(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    factor = (end - start) / math.log(high / low)
    return lambda value: start + math.log(value / low) * factor


def _nice_step(rough: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return next(magnitude * m for m in (1, 2, 5, 10) if magnitude * m >= rough)


def _steps(top: float, step: float) -> Iterable[float]:
    return (step * i for i in range(math.ceil(top / step) + 1))


def _ticks(count: int, pitch: float, y: float) -> list[str]:
    every = max(1, round(count / 20))
    shown = range(0, count, every)
    numbers = [_text("tick", LEFT + (i + 0.5) * pitch, y + 16, str(i + 1), "middle") for i in shown]
    return [*numbers, _text("axis", LEFT + PLOT / 2, y + 36, "layer", "middle")]


def _time_ticks(total_ms: float, scale_x: float, y: float) -> list[str]:
    step = _nice_step(max(total_ms, 1e-6) / 8)
    shown = [t for t in _steps(total_ms, step) if t <= total_ms]
    numbers = [_text("tick", LEFT + t * scale_x, y + 16, f"{t:g}", "middle") for t in shown]
    return [*numbers, _text("axis", LEFT + PLOT / 2, y + 34, "ms, modelled", "middle")]


def _bytes(count: float) -> str:
    for unit, size in (("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f} B"


def _mark(op: str, x: float, y: float) -> str:
    if op == "DepthwiseConv2d":
        return f'<path class="mark" d="M{x:.1f} {y - 5:.1f}l5 9h-10z"/>'
    if op == "FullyConnected":
        return f'<rect class="mark" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>'
    return f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    size = f'width="{max(width, 0.4):.2f}" height="{max(height, 0.0):.2f}"'
    return f'<rect class="{kind}" x="{x:.2f}" y="{y:.2f}" {size}/>'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(kind: str, x: float, y: float, text: str, anchor: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _grid_line(y: float, label: str) -> str:
    return _line("grid", LEFT, y, LEFT + PLOT, y) + _text("tick", LEFT - 8, y + 4, label, "end")


def _svg(height: float, parts: Sequence[str], title: str) -> str:
    body = "".join(parts)
    return f'<svg viewBox="0 0 {WIDTH} {height + TOP}" role="img" aria-label="{escape(title)}">{body}</svg>'
