"""Words and figures: fixed decimals, units, and no claim beyond what is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.runtime.postprocess import Label
from gui.core.batch import Batch, BatchItem
from gui.core.latency import Stage
from gui.core.state import EngineState, SourceInfo, SourceState
from gui.core.theme import Mark
from gui.core.unnamed import Unnamed
from gui.widgets import wording
from tests.gui.widgets.fake_pipeline import FakeSessionInfo, shown

CAMERA = SourceInfo("camera:desk", "Desk camera", "1280 × 720")


@pytest.mark.parametrize(
    ("fraction", "text"), [(0.0, "0 %"), (0.004, "<1 %"), (0.005, "0 %"), (0.347, "35 %"), (1.0, "100 %")]
)
def test_percentages_are_whole_and_small_ones_are_not_zero(fraction: float, text: str) -> None:
    assert wording.percent(fraction) == text


def test_milliseconds_have_fixed_decimals() -> None:
    assert [wording.milliseconds(value) for value in (0.061, 1.3, 120.0, None)] == [
        "0.06",
        "1.30",
        "120.00",
        "–",
    ]


def test_clocks_say_measured_or_modelled_and_never_both() -> None:
    assert wording.measured_clock(1.34).sentence == "this laptop 1.3 ms measured"
    assert wording.measured_clock(None).sentence == "this laptop not measured yet"
    assert wording.modelled_clock(2.41).sentence == "Jacinto 7 2.4 ms modelled"
    assert wording.modelled_clock(None).sentence == "Jacinto 7 not modelled"


@pytest.mark.parametrize("state", SourceState)
def test_every_source_state_has_mark_and_word(state: SourceState) -> None:
    status = wording.source_status(state, paused=False, retries=0)
    assert status.word == state.word
    if state is SourceState.LIVE:
        assert status.mark is Mark.GOOD
    else:
        assert status.mark is not Mark.GOOD


def test_a_camera_is_plugged_in_again_and_a_stream_is_not() -> None:
    stream = SourceInfo("rtsp://10.0.0.7/live", "10.0.0.7", "")
    camera_gone = wording.notice(SourceState.LOST, True, CAMERA, 0)
    stream_gone = wording.notice(SourceState.LOST, True, stream, 0)
    assert camera_gone and camera_gone.hint.startswith("Plug it in again")
    assert stream_gone and stream_gone.hint.startswith("It goes on by itself when the stream is back")


def test_retries_are_counted_and_a_pause_goes_before() -> None:
    assert wording.source_status(SourceState.RETRYING, paused=False, retries=3).word == "retrying 3"
    assert wording.source_status(SourceState.RETRYING, paused=True, retries=3).word == "paused"


def test_what_is_wrong_with_an_engine_is_told_by_a_word_too() -> None:
    line = wording.engine_line(FakeSessionInfo())
    assert wording.bench_engine(EngineState.READY, FakeSessionInfo()).word == line
    assert wording.bench_engine(EngineState.STALLED, FakeSessionInfo()) == wording.Status(
        Mark.WARNING, f"{EngineState.STALLED.word} · {line}"
    )
    assert wording.bench_engine(EngineState.FAILED, None).word == EngineState.FAILED.word


def test_the_engine_is_only_told_while_it_does_not_simply_work() -> None:
    working = wording.show_states(SourceState.LIVE, EngineState.READY, False, 0)
    assert [state.word for state in working] == ["live"]
    compiling = wording.show_states(SourceState.LIVE, EngineState.COMPILING, False, 0)
    assert [state.word for state in compiling] == ["compiling", "live"]


@pytest.mark.parametrize(
    ("state", "has_picture", "told"),
    [
        (SourceState.LIVE, True, None),
        (SourceState.PAUSED, True, None),
        (SourceState.ENDED, True, None),
        (SourceState.STARTING, True, None),
        (SourceState.STARTING, False, "Opening Desk camera"),
        (SourceState.STALLED, True, "No new picture from Desk camera"),
        (SourceState.LOST, True, "Desk camera is gone"),
        (SourceState.RETRYING, False, "Desk camera is gone"),
        (SourceState.FAILED, True, "This does not open"),
    ],
)
def test_a_notice_stands_where_the_picture_does_not_speak(
    state: SourceState, has_picture: bool, told: str | None
) -> None:
    notice = wording.notice(state, has_picture, CAMERA, 1)
    assert (notice.title if notice else None) == told


def test_overlay_texts_belong_to_their_frame() -> None:
    text = wording.overlay_text(shown(seq=12, labels=(("cup", 0.2), ("mug", 0.1))))
    assert text.seq == 12
    assert wording.overlay_sentence(text) == "perhaps cup 20 %, mug 10 %"
    assert wording.overlay_sentence(wording.overlay_text(shown(labels=()))) == ""


@pytest.mark.parametrize("why", Unnamed)
def test_an_answer_that_names_nothing_says_why(why: Unnamed) -> None:
    text = wording.overlay_text(replace(shown(labels=()), unnamed=why))
    assert text.rows == ()
    assert wording.overlay_sentence(text) == why.value


def test_batches_tell_results_and_failures() -> None:
    cup = BatchItem(Path("cup.jpg"), (Label(1, "cup", 0.9),))
    unsure = BatchItem(Path("thing.jpg"), (Label(1, "cup", 0.2),))
    broken = BatchItem(Path("x.jpg"), (), "x.jpg: cut short")
    assert [wording.item_line(item) for item in (cup, unsure, broken)] == [
        "cup 90 %",
        "perhaps cup 20 %",
        "x.jpg: cut short",
    ]
    assert wording.batch_line(Batch((cup,), 2)) == "1 of 2 done"
    assert wording.batch_line(Batch((cup, broken), 2)) == "2 of 2 done · 1 failed"


def test_every_stage_is_explained() -> None:
    assert len({wording.stage_help(stage) for stage in Stage}) == len(Stage)


def test_the_badge_names_model_soc_kernels_and_threads() -> None:
    line = wording.engine_line(FakeSessionInfo())  # type: ignore[arg-type]
    assert line == "efficientnet_lite0 · TDA4VM · numpy kernels · 1 thread"
    assert "2 threads" in wording.engine_line(FakeSessionInfo(threads=2))  # type: ignore[arg-type]


def test_what_stands_in_is_named_beside_what_is_away():
    camera = SourceInfo("camera:x", "Desk camera", "")
    demo = SourceInfo("demo", "demo pictures", "")
    assert (
        wording.show_title(camera, "TDA4VM", demo)
        == "demo pictures while Desk camera is away · TDA4VM emulated"
    )
    told = wording.show_title(camera, "TDA4VM", attracting=True)
    assert told == "demo pictures until something moves before Desk camera · TDA4VM emulated"
    assert wording.show_title(camera, "TDA4VM") == "Desk camera · TDA4VM emulated"
