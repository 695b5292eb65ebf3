import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.capture.view import View, apply

PICTURE = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


def test_turn_then_mirror_then_region():
    np.testing.assert_array_equal(apply(PICTURE, View(mirror=True)), PICTURE[:, ::-1])
    np.testing.assert_array_equal(apply(PICTURE, View(turn=90)), np.rot90(PICTURE, -1))
    np.testing.assert_array_equal(apply(PICTURE, View(turn=180)), PICTURE[::-1, ::-1])
    np.testing.assert_array_equal(apply(PICTURE, View(turn=270)), np.rot90(PICTURE))
    np.testing.assert_array_equal(apply(PICTURE, View(region=(1 / 3, 0.5, 2 / 3, 0.5))), PICTURE[1:, 1:])


@given(st.floats(0, 0.99), st.floats(0, 0.99), st.floats(1e-6, 1), st.floats(1e-6, 1))
def test_something_always_remains(x, y, w, h):
    region = (x, y, min(w, 1 - x), min(h, 1 - y))
    result = apply(PICTURE, View(region=region))
    assert 0 not in result.shape
    assert result.flags.c_contiguous


@pytest.mark.parametrize(
    "wrong",
    [{"turn": 45}, {"region": (0.5, 0, 0.6, 1)}, {"region": (-0.1, 0, 1, 1)}, {"region": (0, 0, 0, 1)}],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"allowed|inside"):
        View(**wrong)


VIEWS = st.builds(
    View,
    mirror=st.booleans(),
    turn=st.sampled_from([0, 90, 180, 270]),
    region=st.sampled_from([(0.0, 0.0, 1.0, 1.0), (0.25, 0.5, 0.5, 0.25), (0.5, 0.0, 0.25, 0.75)]),
)
CHECKED = np.random.default_rng(0).integers(0, 256, (40, 80, 3)).astype(np.uint8)


@given(VIEWS)
def test_mirroring_and_turning_move_what_is_seen_and_nothing_else(view):
    seen = apply(CHECKED, view)
    np.testing.assert_array_equal(apply(CHECKED, view.mirrored()), seen[:, ::-1])
    np.testing.assert_array_equal(apply(CHECKED, view.turned()), np.rot90(seen, -1))
    assert view.turned().turned().turned().turned() == view
