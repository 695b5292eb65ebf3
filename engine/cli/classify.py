"""``lens7 classify``: name pictures."""

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli import options as o
from engine.cli.models import open_session
from engine.cli.output import print_json, print_line, print_table
from engine.errors import ImageError
from engine.host.pictures import read_picture
from engine.runtime.postprocess import DEFAULT_TOP, unusable
from engine.runtime.session import Result, Session

UNUSABLE = "the network's scores are NaN or infinite, as where it divides by zero; it names no class"


@o.takes_model
def classify(
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE...", readable=False, help="JPEG, PNG, WebP or BMP files.")
    ],
    model: o.ModelOption = o.DEFAULT_MODEL,
    top: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"How many labels (default {DEFAULT_TOP}, fewer of a network with fewer classes)."
        ),
    ] = None,
    asked: o.Asked = o.NOTHING_ASKED,
    json: o.Json = False,
) -> None:
    """Name pictures with the emulated accelerator."""
    failed = False
    with open_session(model, asked) as session:
        for path in images:
            document = _classify_one(session, path, top)
            failed |= "error" in document
            if json:
                print_json(document, line=True)
            else:
                _print(document)
    if failed:
        raise typer.Exit(1)


def _classify_one(session: Session, path: Path, top: int | None) -> dict[str, Any]:
    try:
        result = session.run(read_picture(path), top=top or DEFAULT_TOP)
    except ImageError as error:
        reason = str(error).removeprefix(f"{path.name}: ")
        return {"file": str(path), "error": f"{path.name}: {reason}"}
    if result.logits.size > 1 and unusable(result.logits):
        return {"file": str(path), "error": f"{path.name}: {UNUSABLE}"}
    if top is not None and top > result.logits.size:
        raise typer.BadParameter(f"{top}: the network has {result.logits.size} classes", param_hint="--top")
    return _document(path, result)


def _document(path: Path, result: Result) -> dict[str, Any]:
    return {
        "file": str(path),
        "top": [{"index": x.index, "label": x.name, "probability": x.probability} for x in result.top],
        "host_ms": {
            "preprocess": result.preprocess_ns / 1e6,
            "run": result.run_ns / 1e6,
            "postprocess": result.postprocess_ns / 1e6,
        },
        "device_ms": result.device_ms,
    }


def _print(document: dict[str, Any]) -> None:
    if "error" in document:
        print_line(document["error"], "red")
        return
    host, device_ms = document["host_ms"], document["device_ms"]
    modelled = "not modelled" if device_ms is None else f"{device_ms:.2f} ms modelled"
    title = f"{document['file']}   this machine {host['run']:.2f} ms measured, chip {modelled}"
    if not document["top"]:
        print_line(f"{document['file']}: the network gives one number, which names no class", "yellow")
        return
    rows = [(x["label"], x["index"], f"{100 * x['probability']:.1f} %") for x in document["top"]]
    print_table(("label", "index", "probability"), rows, title)
