import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.capture.attract import AttractSource
from gui.capture.camera_setup import DEFAULT, CameraSetup, CameraSetups
from gui.capture.demo import DemoSource
from gui.capture.maker import SourceMaker
from gui.capture.view import View

SETUPS = st.builds(
    CameraSetup,
    width_px=st.integers(1, 16_384),
    height_px=st.integers(1, 16_384),
    fps=st.integers(1, 1000),
    exposure=st.none() | st.integers(-20, 10_000),
    focus=st.none() | st.integers(0, 1023),
    view=st.builds(
        View,
        mirror=st.booleans(),
        turn=st.sampled_from([0, 90, 180, 270]),
        region=st.sampled_from([(0.0, 0.0, 1.0, 1.0), (0.25, 0.125, 0.5, 0.5)]),
    ),
)


@given(st.dictionaries(st.text(min_size=1), SETUPS, max_size=5))
def test_setups_come_back_as_they_were_kept(given_setups):
    setups, again = CameraSetups(), CameraSetups()
    for identity, setup in given_setups.items():
        setups.put(identity, setup)
    assert again.load(setups.to_text()) == []
    for identity, setup in given_setups.items():
        assert again.of(identity) == setup
    assert again.of("\0 another") == DEFAULT


def test_what_was_never_changed_is_not_kept():
    setups = CameraSetups()
    setups.put("usb-x", CameraSetup())
    assert setups.to_text() == ""


@pytest.mark.parametrize("text", ["{", "[]", "7", "[" * 100_000])
def test_nonsense_is_said_to_be(text):
    setups = CameraSetups()
    assert setups.load(text) == ["all of them"]


@pytest.mark.parametrize(
    "change",
    [
        {"turn": 45},
        {"mode": [0, 1, 1]},
        {"mode": [1, 1]},
        {"region": [0, 0, 2, 1]},
        {"region": None},
        {"focus": "x"},
        {"mode": [float("inf"), 1, 1]},
        {"turn": float("inf")},
        {"region": [10**400, 0, 1, 1]},
    ],
)
def test_a_setup_that_makes_no_sense_is_left_out_and_the_others_stay(change):
    setups = CameraSetups()
    setups.put("good", CameraSetup(640, 480))
    setups.put("bad", CameraSetup(640, 480))
    tables = json.loads(setups.to_text())
    tables["bad"].update(change)
    again = CameraSetups()
    assert again.load(json.dumps(tables)) == ["bad"]
    assert again.of("good") == CameraSetup(640, 480)
    assert again.of("bad") == DEFAULT


def test_cameras_and_streams_have_a_show_and_nothing_else_has():
    make = SourceMaker(CameraSetups())
    for spec in ("camera", "camera:usb-x", "rtsp://h/s"):
        source = make(spec)
        assert isinstance(source, AttractSource)
        assert source.info.spec == spec
        assert source.reconnects
    assert isinstance(make("demo"), DemoSource)
