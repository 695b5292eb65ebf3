"""``lens7 replay``: a recording run again, two recordings side by side, and clear errors."""

import json
from dataclasses import replace

import numpy as np
import pytest
import typer

from engine import Session
from engine.cli.edge import run
from engine.errors import EngineError
from engine.program.artifact import write_artifact
from gui.core.errors import GuiError
from gui.monitor.recording import RecordingFacts, RecordingWriter
from gui.monitor.records import EngineRecord
from gui.replay_command import MOST_LISTED
from gui.replay_command import replay as replay_command
from tests.engine.program.small import small_artifact
from tests.gui.monitor.test_recording import pictures, taken


def command(*arguments: object) -> int:
    app = typer.Typer()
    app.command("replay")(replay_command)
    return run(app, [str(each) for each in arguments], (EngineError, GuiError))


@pytest.fixture
def recordings(tmp_path, tmp_cache):
    """Recordings of the same pictures: two alike, one whose answers are turned around, one whose are no numbers."""
    write_artifact(small_artifact(), tmp_path / "network")
    facts = RecordingFacts(
        "0.1", "today", str(tmp_path / "network"), EngineRecord("small", "tda4vm", "ti", "reference", 1)
    )
    with Session(tmp_path / "network", "reference") as session:
        frames = taken(session, pictures(MOST_LISTED + 5))
    for name in ("a", "same", "other", "nan"):
        for each in frames:
            if name == "other":
                each.result.logits[:] = each.result.logits[::-1].copy()
            if name == "nan":
                each.result.logits[:] = np.nan
        writer = RecordingWriter(tmp_path / name, facts)
        writer.write(frames)
        writer.close()
    return tmp_path


@pytest.mark.parametrize("kernels", ["numpy", "reference"])
def test_a_replay_of_the_same_network_is_bit_identical(recordings, capsys, kernels):
    assert command(recordings / "a", "--kernels", kernels, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["identical"] == told["frames"] == MOST_LISTED + 5
    assert told["differences"] == []
    assert told["b"].endswith(f"{kernels} kernels")


def test_an_artifact_of_another_chip_is_run_as_it_is_compiled(recordings, capsys):
    other = recordings / "compiled for another"
    write_artifact(replace(small_artifact(), soc="am68a", recipe="lens7"), other)
    assert command(recordings / "a", "--model", other, "--kernels", "numpy", "--json") == 0
    assert "on am68a, recipe lens7" in json.loads(capsys.readouterr().out)["b"]
    assert command(recordings / "a", "--model", other, "--soc", "tda4vm") == 1
    assert "is compiled for soc am68a" in capsys.readouterr().err


def test_two_recordings_are_held_side_by_side(recordings, capsys):
    assert command(recordings / "a", "--against", recordings / "same", "--json") == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []
    assert command(recordings / "a", "--against", recordings / "other", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["differences"]) == MOST_LISTED + 5
    assert told["differences"][0]["a"][0]["label"] in ("ant", "bee", "cat", "dog")


def test_for_people_the_first_few_differences_are_listed(recordings, capsys):
    assert command(recordings / "a", "--against", recordings / "other") == 0
    shown = capsys.readouterr().out
    assert "bit-identical" in shown
    assert "and 5 more; --json lists them all" in shown


def test_answers_that_are_no_numbers_are_told_in_words(recordings, capsys):
    assert command(recordings / "a", "--against", recordings / "nan") == 0
    shown = capsys.readouterr().out
    assert "NaN or infinite" in shown
    assert "nan " not in shown


def test_no_recording_is_one_line_and_status_1(tmp_path, capsys):
    assert command(tmp_path / "nothing") == 1
    assert "no such file" in capsys.readouterr().err


def test_a_model_that_is_gone_is_one_line_and_status_1(recordings, capsys):
    assert command(recordings / "a", "--model", recordings / "gone.onnx") == 1
    assert "gone.onnx" in capsys.readouterr().err
