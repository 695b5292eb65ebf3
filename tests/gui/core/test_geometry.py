"""Rectangles between picture, network and view."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.core.geometry import Rect, first_size, letterbox, network_area, within

SIZES = st.tuples(st.integers(1, 8000), st.integers(1, 8000))


@given(SIZES, SIZES)
def test_letterbox_fills_one_side_and_keeps_proportions(image_wh, view_wh):
    rect = letterbox(image_wh, view_wh)
    assert rect.width / rect.height == pytest.approx(image_wh[0] / image_wh[1])
    assert rect.width == pytest.approx(view_wh[0]) or rect.height == pytest.approx(view_wh[1])
    assert rect.x >= 0.0
    assert rect.y >= 0.0
    assert rect.x * 2 + rect.width == pytest.approx(view_wh[0])
    assert rect.y * 2 + rect.height == pytest.approx(view_wh[1])


def test_letterbox_of_nothing_is_empty():
    assert letterbox((0, 10), (100, 100)) == Rect(0.0, 0.0, 0.0, 0.0)


def test_the_network_sees_the_central_seven_eighths():
    assert network_area((1280, 720)) == Rect(325.0, 45.0, 630.0, 630.0)


def test_network_area_moves_with_the_picture():
    area = network_area((640, 480))
    placed = within(area, (640, 480), Rect(100.0, 50.0, 320.0, 240.0))
    assert placed == Rect(100.0 + area.x / 2, 50.0 + area.y / 2, area.width / 2, area.height / 2)


@pytest.mark.parametrize(
    ("available_wh", "size_wh"),
    [
        ((1920, 1053), (1600, 900)),
        ((1366, 740), (1366, 700)),
        ((1600, 900), (1600, 860)),
        ((3840, 2100), (1600, 900)),
    ],
)
def test_the_first_window_is_whole_on_every_screen(available_wh, size_wh):
    assert first_size(available_wh) == size_wh
