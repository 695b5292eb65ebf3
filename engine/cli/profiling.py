"""``lens7 profile``: the modelled clock of a network, layer by layer. Weights need no values."""

import json as json_format
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from engine.cli import options as o
from engine.cli.models import refuse_other
from engine.cli.output import print_json, print_table, stdout
from engine.cycles.accuracy import stated_accuracy
from engine.errors import EngineError
from engine.files import write_whole
from engine.program.artifact import read_artifact
from engine.runtime.model_cache import is_artifact
from engine.runtime.profile import Profile, profile_artifact, profile_model
from engine.runtime.profile_html import html_report
from engine.runtime.profile_trace import chrome_trace
from engine.soc import load_soc

PARTS = ("kernel", "DMA", "set-up")
PARTS_WIDTH = 100  # columns; narrower terminals leave the parts out, so that names of layers stay legible


@o.takes_model
def profile(
    model: o.ModelArgument = o.DEFAULT_MODEL,
    trace: Annotated[
        Path | None,
        typer.Option(
            "--trace", metavar="FILE", readable=False, help="Write the modelled queues for Perfetto."
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", readable=False, help="Write a self-contained report."),
    ] = None,
    asked: o.Asked = o.NOTHING_ASKED,
    json: o.Json = False,
) -> None:
    """Model the chip's time of one frame. An artifact folder is profiled for its own SoC, at any clock."""
    if is_artifact(Path(model)):
        artifact = read_artifact(Path(model))
        refuse_other(model, artifact, replace(asked, cores=None, clock_mhz=None))
        cores, clock_hz = asked.cores or artifact.cores, asked.clock_hz or artifact.clock_hz
        spec = load_soc(asked.soc or artifact.soc, cores=cores, clock_hz=clock_hz)
        found = profile_artifact(artifact, spec)
    else:
        spec = load_soc(asked.soc or o.DEFAULT_SOC, cores=asked.cores, clock_hz=asked.clock_hz)
        found = profile_model(model, spec, asked.bare)
    if trace is not None:
        _write(trace, json_format.dumps(chrome_trace(found)))
    if html is not None:
        _write(html, html_report(found))
    if json:
        print_json(found.document())
    else:
        _print(found)


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        raise EngineError(f"cannot write {path}: {error.strerror or error}; choose another file") from error


def _print(found: Profile) -> None:
    document = found.document()
    print_parts = not stdout.is_terminal or stdout.width >= PARTS_WIDTH
    columns = ("layer", "operator", "cycles", *PARTS * print_parts, "bound", "core loop")
    rows = [
        (
            *(layer["name"], layer["op"], layer["cycles"]),
            *(layer["kernel_cycles"], layer["dma_cycles"], layer["setup_cycles"])[: len(PARTS) * print_parts],
            *(layer["bound"], f"{layer['utilization']:.0%}" if layer["macs"] else ""),
        )
        for layer in document["layers"]
    ]
    soc = found.soc
    title = (
        f"{found.model} on {soc.title}, {soc.cores} core(s) at {soc.clock_hz / 1e6:g} MHz: modelled cycles"
    )
    print_table(columns, rows, title)
    if found.device_ms is None:
        stdout.print(
            f"device part {found.modelled_ms:.2f} ms, modelled; {len(found.host_nodes)} nodes on the A72 besides"
        )
    else:
        stdout.print(f"device {found.device_ms:.2f} ms per frame, modelled")
    stdout.print(f"on {soc.name} the model is {stated_accuracy(soc.name)}", soft_wrap=True)
    parts, use, ddr = document["frame_ms"], document["utilization"], document["ddr_mb"]
    stdout.print(
        f"copy_in {parts['copy_in']:.3f}, proc {parts['proc']:.3f}, copy_out {parts['copy_out']:.3f} ms; core loop "
        f"{use['core_loop']:.1%}, network {use['network']:.1%}; ddr:read {ddr['read']:.2f}, ddr:write {ddr['write']:.2f} MB",
        soft_wrap=True,
    )
    if (published := found.published()) is not None:
        low, high = published.range_ms
        stdout.print(
            f"published for {published.network.title} on this chip, one core: median {published.median_ms:.2f} ms "
            f"({low:g} to {high:g}, {len(published.figures)} figures)",
            soft_wrap=True,
        )
