"""``lens7 replay``: run a recording again, or hold two recordings side by side, and list the frames that differ.

NOTE: imports the engine's compiler; ``gui.cli`` imports this module only where a command needs it.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli import options as o
from engine.cli.models import open_session
from engine.cli.output import print_json, print_table, progress_bar, stdout
from engine.runtime.model_cache import is_artifact
from gui.monitor.recording import RecordingError, RecordingReader
from gui.monitor.records import EngineRecord
from gui.monitor.replay import Comparison, compare, recorded_answers
from gui.monitor.replay import replay as run_again

MOST_LISTED = 20


@o.takes_model
def replay(
    recording: Annotated[Path, typer.Argument(metavar="RECORDING", help="A recording made by the window.")],
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="RECORDING", help="Compare with this one; run nothing."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="MODEL", help="Without it the model that was recorded.")
    ] = None,
    asked: o.Asked = o.NOTHING_ASKED,
    json: o.Json = False,
) -> None:
    """Run every recorded frame again on an engine of choice, and list each that is answered differently.

    SoC and recipe are the recorded ones where none are named, those of an artifact folder where --model names one.
    """
    with RecordingReader(recording) as a:
        recorded, labels = a.facts.engine, a.labels()
        if against is not None:
            with RecordingReader(against) as b:
                comparison = compare(recorded_answers(a.frames()), recorded_answers(b.frames()))
                labels, other = b.labels() | labels, b.facts.engine
        else:
            if model is None or not is_artifact(Path(model)):  # which says itself what it is compiled for
                recipe = asked.recipe or _recipe(recording, recorded)
                asked = replace(asked, soc=asked.soc or recorded.soc, recipe=recipe)
            comparison, other = _again(a, model or a.facts.model, asked)
    document = {"a": _line(recorded), "b": _line(other), **comparison.document(labels)}
    if json:
        print_json(document)
    else:
        _print(document)


def _recipe(recording: Path, recorded: EngineRecord) -> o.Recipe:
    try:
        return o.Recipe(recorded.recipe)
    except ValueError:
        raise RecordingError(
            f"{recording}: recorded with an unknown recipe {recorded.recipe!r}; choose a --recipe"
        ) from None


def _again(recording: RecordingReader, model: str, asked: o.Asked) -> tuple[Comparison, EngineRecord]:
    """Return how a new run compares with the recorded one, and what ran."""
    total = recording.count()
    with open_session(model, asked) as session, progress_bar() as progress:
        again = run_again(recording.frames(), session, lambda done: progress("frames", done / max(total, 1)))
        return compare(recorded_answers(recording.frames()), again), EngineRecord.of(session.info)


def _line(engine: EngineRecord) -> str:
    return f"{engine.model} on {engine.soc}, recipe {engine.recipe}, {engine.kernels} kernels"


def _print(document: dict[str, Any]) -> None:
    host_ms = document["host_ms"]
    rows = [
        ("frames", document["frames"]),
        ("bit-identical", document["identical"]),
        ("another first label", document["first_label_differs"]),
        ("only in one of them", document["missing"]),
        ("run p50 / p95 of a (measured)", f"{host_ms['a']['p50']:.2f} / {host_ms['a']['p95']:.2f} ms"),
        ("run p50 / p95 of b (measured)", f"{host_ms['b']['p50']:.2f} / {host_ms['b']['p95']:.2f} ms"),
    ]
    print_table(("figure", "value"), rows, f"a: {document['a']}", f"b: {document['b']}")
    # What people would notice comes first.
    differences = sorted(document["differences"], key=lambda each: not each["first_label_differs"])
    if differences:
        listed = [
            (each["seq"], _first(each["a"]), _first(each["b"]), _cosine(each["logit_cosine"]))
            for each in differences[:MOST_LISTED]
        ]
        print_table(("frame", "a", "b", "logit cosine"), listed)
    if len(differences) > MOST_LISTED:
        stdout.print(f"and {len(differences) - MOST_LISTED} more; --json lists them all")


def _cosine(value: float) -> str:
    return f"{value:.5f}" if isfinite(value) else "–"


def _first(best: list[dict[str, Any]]) -> str:
    return best[0]["label"] if best else "nothing: its scores are NaN or infinite"
