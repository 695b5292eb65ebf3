"""A profile as one self-contained HTML page: no script, no network, light or dark as the reader's system is."""

from html import escape

from engine.cycles.accuracy import stated_accuracy
from engine.cycles.prediction import Layer
from engine.program.program import Memory
from engine.runtime.profile import Profile
from engine.runtime.profile_charts import l2_use, layer_bars, memory_map, roofline

STEP_TITLES = {
    "model": ("A72 model", "lies in DDR since loading"),
    "runtime": ("runtime", "copies the picture in"),
    "mailbox": ("mailbox", "messages and layer set-up"),
    "memory": ("memory", "waiting for DMA"),
    "mma": ("MMA", "kernels compute"),
    "result": ("result", "copied out"),
}
MMA_LAYERS = ("Conv2d", "DepthwiseConv2d", "ConvTranspose2d", "FullyConnected")


def html_report(profile: Profile) -> str:
    """Return the page."""
    title = f"{profile.model} on {profile.soc.title}"
    sections = [
        _section("Where a frame's time goes", "the six steps, in modelled milliseconds", _steps(profile)),
        _section("Layers", _LEGEND_LAYERS, layer_bars(profile)),
        _section("Roofline", _LEGEND_ROOFLINE, roofline(profile)),
        *_memory_sections(profile),
        _section(
            "Where each layer runs", "point at a row's bar in the charts above for its bytes", _table(profile)
        ),
        _section(
            "What the model knows of the chip", "each number with its kind and source", _soc_table(profile)
        ),
    ]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body>'
        f"{_header(profile)}<main>{''.join(sections)}</main></body></html>\n"
    )


def _header(profile: Profile) -> str:
    soc = profile.soc
    where = f"{soc.cores} core{'s' * (soc.cores > 1)} at {soc.clock_hz / 1e6:g} MHz"
    return (
        f"<header><p>Lens7 device profile</p><h1>{escape(profile.model)} on {escape(soc.title)}</h1>"
        f"<p>{where}, 8 bit. Every time on this page is <em>modelled</em> for the chip; none was measured on this "
        f"machine. On {escape(soc.title)} the model is {stated_accuracy(soc.name)}.</p>"
        f'<div class="tiles">{_tiles(profile)}</div></header>'
    )


def _tiles(profile: Profile) -> str:
    """Return the figures of the whole frame, each with its name and a note."""
    ddr_mb = profile.document()["ddr_mb"]
    figures = [
        ("frame time, modelled", *_modelled(profile), "modelled"),
        ("frame time, published", *_published(profile), ""),
        ("network utilization", f"{profile.network_utilization:.1%}", "useful MACs of the panel's peak", ""),
        (
            "core-loop utilization",
            f"{profile.core_loop_utilization:.1%}",
            "useful MACs of occupied panel slots",
            "",
        ),
        ("DDR per frame", f"{ddr_mb['read']:.1f} MB", f"read; {ddr_mb['write']:.2f} MB written", ""),
        ("useful MACs", f"{profile.macs / 1e6:,.0f} M", f"{len(profile.layers)} layers on the C7x", ""),
    ]
    return "".join(
        f'<div class="tile {kind}"><span>{escape(name)}</span><b>{escape(value)}</b><i>{escape(note)}</i></div>'
        for name, value, note, kind in figures
    )


def _modelled(profile: Profile) -> tuple[str, str]:
    if profile.device_ms is None:
        return f"> {profile.modelled_ms:.2f} ms", "and nodes on the A72, not modelled"
    return f"{profile.modelled_ms:.2f} ms", f"{1e3 / profile.modelled_ms:.0f} frames per second at best"


def _published(profile: Profile) -> tuple[str, str]:
    published = profile.published()
    if published is None:
        return "not known", "no figure ships with the program"
    low, high = published.range_ms
    note = f"median of {len(published.figures)} on the chip, {low:g} to {high:g} ms, one core"
    return f"{published.median_ms:.2f} ms", note


def _steps(profile: Profile) -> str:
    totals = dict.fromkeys(STEP_TITLES, 0.0)
    for prediction in profile.predictions:
        for step, ms in prediction.steps_ms().items():
            totals[step] += ms
    whole = sum(totals.values())
    cells = []
    for step, (title, note) in STEP_TITLES.items():
        share = totals[step] / whole
        cells.append(
            f'<li style="--share:{share:.4f}"><b>{title}</b><span>{totals[step]:.3f} ms</span><i>{share:.1%}</i>'
            f"<small>{note}</small></li>"
        )
    return f'<ol class="steps">{"".join(cells)}</ol>'


def _memory_sections(profile: Profile) -> list[str]:
    sections = []
    for number, (program, prediction) in enumerate(
        zip(profile.programs, profile.predictions, strict=True), start=1
    ):
        which = f" of subgraph {number}" if len(profile.programs) > 1 else ""
        charts = "".join(
            f"<h3>{memory.value.upper()}</h3>{memory_map(program, prediction, memory)}"
            for memory in (Memory.MSMC, Memory.DDR)
            if prediction.arena_bytes.get(memory)
        )
        charts = f"<h3>L2: buffers of one tile</h3>{_LEGEND_L2}{l2_use(prediction)}{charts}"
        sections.append(
            _section(f"Memory map over time{which}", "activations; a box is one tensor's bytes", charts)
        )
    return sections


def _table(profile: Profile) -> str:
    longest = max([1.0, *(layer.cycles.layer for layer in profile.layers)])  # reshaping takes none
    rows = "".join(_row(index, layer, longest) for index, layer in enumerate(profile.layers, start=1))
    host = "".join(
        f'<tr><td></td><td>{escape(p.node)}</td><td>{escape(p.op)}</td><td>A72</td><td colspan="7">{escape(p.reason)}</td></tr>'
        for p in profile.host_nodes
    )
    heads = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    return (
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}{host}</tbody></table></div>'
    )


_COLUMNS = (
    "#", "layer", "op", "runs on", "output in", "tile rows x ch.", "cycles, modelled", "bound", "core loop", "M MACs", "DDR kB",
)  # fmt: skip


def _row(index: int, layer: Layer, longest: float) -> str:
    cost, tile = layer.cycles, layer.tile
    unit = "C7x, MMA" if layer.op in MMA_LAYERS else "C7x, vector"
    cells = (
        (str(index), "n"),
        (layer.name, "name"),
        (layer.op, ""),
        (unit if layer.demand is not None else "nothing to do", ""),
        (layer.memory.value.upper(), ""),
        (f"{tile.rows} x {tile.channels}" if tile else "", "n"),
    )
    text = "".join(f'<td class="{kind}">{escape(value)}</td>' for value, kind in cells)
    bar = f'<td class="n bar" style="--share:{cost.layer / longest:.4f}">{cost.layer:,.0f}</td>'
    numbers = (
        f"{cost.utilization:.0%}" if cost.macs else "",
        f"{cost.macs / 1e6:,.1f}" if cost.macs else "",
        f"{(cost.ddr_read_bytes + cost.ddr_write_bytes) / 1e3:,.1f}",
    )
    rest = "".join(f'<td class="n">{value}</td>' for value in numbers)
    return f"<tr>{text}{bar}<td>{cost.bound.value}</td>{rest}</tr>"


def _soc_table(profile: Profile) -> str:
    rows = "".join(
        f'<tr><td>{key}</td><td class="n">{getattr(profile.soc, key):,}</td><td>{p.kind.value}</td>'
        f"<td>{escape(p.source)}</td></tr>"
        for key, p in profile.soc.provenance.items()
    )
    heads = "<tr><th>number</th><th>value</th><th>known as</th><th>source</th></tr>"
    table = f"<table><thead>{heads}</thead><tbody>{rows}</tbody></table>"
    return f"<details><summary>{escape(profile.soc.title)}</summary>{table}</details>"


def _section(title: str, note: str, body: str) -> str:
    note_html = note if note.startswith("<") else f"<p>{escape(note)}</p>"
    return f"<section><h2>{escape(title)}</h2>{note_html}{body}</section>"


_LEGEND_LAYERS = (
    '<p class="legend"><span class="k kernel"></span>kernel <span class="k dma"></span>waiting for DMA '
    '<span class="k setup"></span>set-up; cycles of the C7x, modelled. Point at a bar for details.</p>'
)
_LEGEND_L2 = (
    '<p class="legend"><span class="k kernel"></span>weights <span class="k dma"></span>input '
    '<span class="k setup"></span>output</p>'
)
_LEGEND_ROOFLINE = (
    "<p>circles: convolutions, triangles: depthwise, squares: fully connected; vertical: useful MACs per cycle of the whole "
    "layer, modelled; dashed: what panel and memories allow</p>"
)
STYLE = """
:root{--bg:#F6F8FA;--surface:#FFFFFF;--raised:#EEF2F6;--line:#D5DDE5;--text:#14191E;--quiet:#52606D;--modelled:#9A4F00;
--soft:#D99A55;--grey:#9AA7B4;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--bg:#101418;--surface:#181D23;--raised:#222931;--line:#2E3742;--text:#E8EDF2;
--quiet:#9AA7B4;--modelled:#E69F00;--soft:#8A6414;--grey:#5B6875}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--text);font:14px/1.5 Inter,system-ui,sans-serif;
font-variant-numeric:tabular-nums}header,main{max-width:1240px;margin:0 auto;padding:24px}
header p{margin:0;color:var(--quiet)}header em{font-style:normal;color:var(--modelled);border-bottom:2px dashed}
h1{margin:0 0 8px;font-size:28px;line-height:1.25}h2{margin:0;font-size:20px}h3{margin:16px 0 0;font-size:14px}
section{background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:24px;margin:0 0 24px}
section>p{margin:4px 0 16px;color:var(--quiet)}main{padding-top:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(176px,1fr));gap:16px;margin:24px 0 0}
.tile{background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:16px}
.tile span,.tile i{display:block;color:var(--quiet);font-style:normal;font-size:12px}
.tile b{display:block;font-size:24px;line-height:1.5;font-weight:600}
.tile.modelled{border:2px dashed var(--modelled)}.tile.modelled b{color:var(--modelled)}
svg{display:block;width:100%;height:auto}.grid{stroke:var(--line)}.tick,.axis,.roof-label{fill:var(--quiet);font-size:12px}
.kernel{fill:var(--modelled);background:var(--modelled)}.dma{fill:var(--soft);background:var(--soft)}
.setup{fill:var(--grey);background:var(--grey)}.hit{fill:transparent}g:hover>.hit{fill:var(--raised)}
.roof{stroke:var(--modelled);stroke-width:2;stroke-dasharray:7 5}.mark{fill:var(--modelled);fill-opacity:.75;
stroke:var(--surface)}.span{fill:var(--modelled);fill-opacity:.22;stroke:var(--modelled);stroke-width:.8}
g:hover>.span,g:hover>.mark{fill-opacity:1}.k{display:inline-block;width:12px;height:12px;border-radius:3px;margin:0 4px 0 12px}
.legend{margin:4px 0;color:var(--quiet)}.legend .k:first-child{margin-left:0}
.steps{display:grid;grid-template-columns:repeat(6,1fr);gap:8px;list-style:none;margin:0;padding:0}
.steps li{background:var(--raised);border-radius:8px;padding:12px 16px 20px;position:relative;overflow:hidden}
.steps li::after{content:"";position:absolute;left:0;bottom:0;height:8px;width:calc(var(--share)*100%);background:var(--modelled)}
.steps b,.steps span,.steps i,.steps small{display:block}.steps span{font-size:20px}
.steps i{font-style:normal;color:var(--modelled)}
.steps small{color:var(--quiet);font-size:12px}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{padding:4px 8px;text-align:left;
border-bottom:1px solid var(--line);white-space:nowrap}th{color:var(--quiet);font-weight:500;font-size:12px}
td.n{text-align:right}td.name{max-width:240px;overflow:hidden;text-overflow:ellipsis}
td.bar{background:linear-gradient(to left,var(--raised) calc(var(--share)*100%),transparent 0)}
details td:last-child{white-space:normal}summary{cursor:pointer}
@media(max-width:760px){.steps{grid-template-columns:repeat(2,1fr)}}
@media print{section{break-inside:avoid}}
"""
