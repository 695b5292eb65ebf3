"""The picture and its overlay: one frame, painted as it is, told once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFocusEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import assets
from gui.core.frame import Shown
from gui.core.theme import BENCH_SCALE, DARK, LIGHT, SHOW_SCALE, OverlayScale
from gui.core.unnamed import Unnamed
from gui.widgets import label_layer, style
from gui.widgets.label_layer import LabelLayer
from gui.widgets.text_cache import TextCache, TextLook
from gui.widgets.video_view import VideoView
from gui.widgets.wording import LabelRow, OverlayText
from tests.gui.widgets.fake_pipeline import MUG, shown

Painted = list[tuple[Shown, int, int, int]]
GREY = np.full((360, 640, 3), 90, np.uint8)


@pytest.fixture
def painted() -> Painted:
    return []


@pytest.fixture
def view(qtbot: QtBot, painted: Painted) -> VideoView:
    labels = LabelLayer(DARK, SHOW_SCALE)
    labels.motion = False

    def note(frame: Shown, painted_ns: int, paint_ns: int) -> None:
        painted.append((frame, painted_ns, paint_ns, made.overlay.seq))

    made = VideoView(DARK, labels, (), note)
    made.resize(1280, 720)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def pixel(view: VideoView, x: float, y: float) -> str:
    """The colour painted at a place given as fractions of the view."""
    image = view.grab().toImage()
    at = QPoint(round(x * (image.width() - 1)), round(y * (image.height() - 1)))
    return image.pixelColor(at).name().upper()


def test_a_frame_is_painted_with_its_own_labels(qtbot: QtBot, view: VideoView, painted: Painted) -> None:
    frame = shown(seq=7)
    view.show_frame(frame)
    qtbot.waitUntil(lambda: bool(painted))
    assert view.overlay.seq == 7
    assert [row.name for row in view.overlay.rows] == [name for name, _ in MUG]
    assert [row.percent for row in view.overlay.rows] == ["93 %", "4 %", "2 %", "1 %", "<1 %"]
    told, painted_ns, paint_ns, overlay_seq = painted[0]
    assert told is frame
    assert overlay_seq == 7
    assert painted_ns > frame.frame.captured_ns
    assert paint_ns > 0


def test_labels_change_the_pixels_at_the_foot(view: VideoView) -> None:
    view.show_frame(shown(seq=1, labels=(), image=GREY))
    plain = pixel(view, 0.3, 0.97)
    assert plain == "#5A5A5A"
    view.show_frame(shown(seq=2, image=GREY))
    assert pixel(view, 0.3, 0.97) != plain
    assert pixel(view, 0.5, 0.5) == plain


@pytest.mark.parametrize("size_wh", [(320, 180), (1280, 720), (400, 720)])
def test_why_nothing_is_named_is_painted_whole(view: VideoView, size_wh: tuple[int, int]) -> None:
    view.resize(*size_wh)
    view.show_frame(shown(labels=(), image=GREY))
    bare = view.grab().toImage()
    view.show_frame(replace(shown(labels=(), image=GREY), unnamed=Unnamed.NO_NUMBERS))
    said = view.grab().toImage()
    assert said.copy(view.labels_rect) != bare.copy(view.labels_rect)
    assert view.overlay.why.endswith(Unnamed.NO_NUMBERS.value)


def test_each_frame_is_told_once(qtbot: QtBot, view: VideoView, painted: Painted) -> None:
    for seq in (1, 2):
        view.show_frame(shown(seq=seq))
        qtbot.waitUntil(lambda seq=seq: len(painted) == seq)
        view.repaint()
    assert [frame.frame.seq for frame, *_ in painted] == [1, 2]


def test_colours_are_those_of_the_picture(view: VideoView) -> None:
    image = np.empty((360, 640, 3), np.uint8)
    image[:] = (200, 100, 50)
    view.show_frame(shown(labels=(), image=image))
    assert pixel(view, 0.5, 0.5) == "#C86432"


def test_the_picture_keeps_its_proportions(view: VideoView) -> None:
    view.show_frame(shown(labels=(), image=np.full((400, 400, 3), 90, np.uint8)))
    assert (view.picture_rect.width(), view.picture_rect.height()) == (720.0, 720.0)
    assert pixel(view, 0.05, 0.5) == DARK.background
    assert pixel(view, 0.5, 0.5) == "#5A5A5A"


def test_odd_widths_are_painted_straight(view: VideoView) -> None:
    image = np.zeros((333, 333, 3), np.uint8)
    image[:, 160:173] = 255  # a row that is read at a wrong stride makes this line slant
    view.show_frame(shown(labels=(), image=image))
    assert {pixel(view, 0.5, y) for y in (0.02, 0.5, 0.98)} == {"#FFFFFF"}


def test_the_network_area_is_marked_only_where_asked(view: VideoView) -> None:
    view.show_frame(shown(labels=(), image=GREY))
    assert pixel(view, 0.5, 0.0625) == "#5A5A5A"
    view.set_network_area((256, 224))  # crops an eighth of the height: the frame's top is at a sixteenth

    def near_the_top() -> set[str]:
        return {pixel(view, 0.5, y / 720) for y in range(42, 49)}

    assert len(near_the_top()) > 1
    view.set_network_frame(False)
    assert near_the_top() == {"#5A5A5A"}


def test_a_stale_picture_is_dimmed(view: VideoView) -> None:
    view.show_frame(shown(labels=(), image=np.full((360, 640, 3), 250, np.uint8)))
    view.set_stale(True)
    assert QColor(pixel(view, 0.5, 0.5)).lightness() < 150
    view.set_stale(False)
    assert pixel(view, 0.5, 0.5) == "#FAFAFA"


def test_another_theme_repaints(view: VideoView) -> None:
    view.show_frame(shown(labels=(), image=np.full((400, 400, 3), 90, np.uint8)))
    view.set_theme(LIGHT)
    assert pixel(view, 0.05, 0.5) == LIGHT.background


def test_focus_by_key_is_seen(view: VideoView) -> None:
    view.show_frame(shown(labels=(), image=GREY))
    QApplication.sendEvent(view, QFocusEvent(QFocusEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    assert pixel(view, 0.0, 0.5) == DARK.text
    QApplication.sendEvent(view, QFocusEvent(QFocusEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))
    assert pixel(view, 0.0, 0.5) == "#5A5A5A"


def test_long_names_are_elided_not_clipped(qtbot: QtBot) -> None:
    look = TextLook(40, DARK.text)
    name = "black-and-tan coonhound of Staffordshire"
    piece = TextCache().piece(name, look, 200, 1.0)
    assert piece.width_px <= 201
    assert look.width_px(name) > 400


def test_the_cache_forgets_the_oldest(qtbot: QtBot) -> None:
    cache, look = TextCache(capacity=2), TextLook(14, DARK.text)
    first = cache.piece("a", look, 99, 1.0)
    assert cache.piece("a", look, 99, 1.0) is first
    cache.piece("b", look, 99, 1.0)
    cache.piece("c", look, 99, 1.0)
    assert cache.piece("a", look, 99, 1.0) is not first


def rows(first: float) -> OverlayText:
    return OverlayText(1, (LabelRow("cup", "", first, False), LabelRow("mug", "", 1 - first, False)))


def test_bars_ease_to_their_value_in_120_ms(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    now_ms = [1_000.0]
    monkeypatch.setattr(label_layer.time, "monotonic_ns", lambda: round(now_ms[0] * 1e6))
    layer = LabelLayer(DARK, SHOW_SCALE)

    def lengths() -> list[float]:
        return layer.lengths(round(now_ms[0] * 1e6))

    layer.set_text(rows(0.8))
    assert lengths()[0] == pytest.approx(0.0)
    assert layer.is_moving
    now_ms[0] += 60
    assert 0.4 < lengths()[0] < 0.8
    now_ms[0] += 60
    assert lengths()[:2] == pytest.approx([0.8, 0.2])
    assert not layer.is_moving


def test_bars_do_not_move_where_motion_is_off(qtbot: QtBot) -> None:
    layer = LabelLayer(DARK, SHOW_SCALE)
    layer.motion = False
    layer.set_text(rows(0.8))
    assert layer.lengths(0)[:2] == pytest.approx([0.8, 0.2])
    assert not layer.is_moving


def test_a_bare_view_shows_the_picture_alone(view: VideoView) -> None:
    view.set_network_area((256, 224))
    view.show_frame(shown())
    labelled = view.grab().toImage()
    view.set_bare(True)
    bare = view.grab().toImage()
    assert bare != labelled
    for fraction in (0.1, 0.9):  # no labels at the foot
        assert bare.pixelColor(20, round(fraction * 720)) == labelled.pixelColor(20, 72)
    view.set_bare(False)
    assert view.grab().toImage() == labelled


@pytest.mark.parametrize("size_wh", [(1366, 768), (1920, 1080)])
def test_every_name_of_the_network_fits_in_show(qtbot: QtBot, size_wh: tuple[int, int]) -> None:
    style.install_fonts()
    labels = LabelLayer(DARK, SHOW_SCALE, foot=SHOW_SCALE.clocks)
    labels.place(QRect(0, 0, *size_wh), 1.0)
    names = assets.path("labels/imagenet1k.txt").read_text(encoding="utf-8").splitlines()
    assert len(names) == 1000
    room = round(label_layer._NAME_COLUMN * labels._rows_area.width()) - labels._pad_px
    for name in names:
        size_px = label_layer._fitting_px(name, labels._other_px, labels._least_other_px, room)
        assert TextLook(size_px, "#000000").width_px(name) <= room, name
        assert size_px >= SHOW_SCALE.px(SHOW_SCALE.steps_text, size_wh[1])


@pytest.mark.parametrize(
    ("scale", "size_wh", "least"),
    [
        (SHOW_SCALE, (1366, 768), 0.05),
        (SHOW_SCALE, (1920, 1080), 0.05),
        (SHOW_SCALE, (930, 768), 0.035),  # beside the panel of a quiz
        (SHOW_SCALE, (768, 1366), 0.03),
        (BENCH_SCALE, (710, 400), 0.04),
        (BENCH_SCALE, (710, 245), 0.04),
    ],
)
def test_every_name_fits_as_first_label(
    qtbot: QtBot, scale: OverlayScale, size_wh: tuple[int, int], least: float
) -> None:
    style.install_fonts()
    labels = LabelLayer(DARK, scale, foot=scale.clocks)
    labels.place(QRect(0, 0, *size_wh), 1.0)
    names = assets.path("labels/imagenet1k.txt").read_text(encoding="utf-8").splitlines()
    for name in names:
        size_px, lines = labels._first_lines(name)
        look, figures = TextLook(size_px, "#000000", bold=True), TextLook(size_px, "#000000", True, True)
        room = labels._first_area.width() - labels._pad_px - round(figures.width_px("100 %"))
        assert max(map(look.width_px, lines)) <= room, name
        assert size_px >= min(scale.px(least, size_wh[1]), labels._of_two_px), name
        assert " ".join(lines).replace("- ", "-") == name


def test_a_long_first_label_stands_on_two_lines(qtbot: QtBot) -> None:
    style.install_fonts()
    labels = LabelLayer(DARK, SHOW_SCALE)
    labels.place(QRect(0, 0, 930, 768), 1.0)
    assert labels._first_lines("cup") == (labels._first_px, ("cup",))
    size_px, lines = labels._first_lines("American Staffordshire terrier")
    assert lines == ("American", "Staffordshire terrier")
    area, caption_px = labels._first_area_of_two, 1.2 * labels._other_px
    assert labels.rect.contains(area)
    assert caption_px + 2.3 * size_px + labels._bar_px(True) <= area.height() + 1
