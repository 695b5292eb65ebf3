"""The camera panel through the real window: list, thumbnails, mode, controls, view, region."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.capture.camera_offer import CameraOffer, ControlRange
from gui.capture.camera_setup import CameraSetup
from gui.capture.cameras import CameraDevice
from gui.capture.view import View
from gui.core.settings import Settings
from gui.core.state import SourceInfo, SourceState
from gui.widgets.camera_panel import CameraPanel
from gui.widgets.main_window import Face, MainWindow
from gui.widgets.region_picker import RegionPicker
from gui.workers.camera_previews import CameraCard
from tests.gui.widgets.fake_pipeline import FakePipeline, shown
from tests.gui.widgets.test_choices import choose

DESK = CameraDevice("desk", "Desk camera", "/dev/video0", 0)
ROOF = CameraDevice("usb-roof", "Roof camera", "/dev/video2", 0)
OFFER = CameraOffer(
    {(640, 480): (30, 60), (1280, 720): (30,)},
    ControlRange(3, 2047, 1, 250),
    ControlRange(0, 250, 5, 0),
    True,
)


def grey(value: int) -> np.ndarray:
    return np.full((90, 160, 4), value, np.uint8)


def cards(window: MainWindow, *found: CameraCard) -> None:
    """What the preview thread has found."""
    window.cameras.previews._cards = {card.device.identity: card for card in found}
    window.cameras.refresh()


@pytest.fixture
def panel(qtbot: QtBot, window: MainWindow) -> CameraPanel:
    """The panel, opened by its key, with the desk camera in use and another one."""
    qtbot.keyClick(window.view, Qt.Key.Key_C)
    cards(window, CameraCard(DESK, OFFER), CameraCard(ROOF, OFFER, grey(80)))
    return window.cameras.panel


def setup(pipeline: FakePipeline) -> CameraSetup:
    return pipeline.camera_setups.of("desk")


def picture_at(panel: CameraPanel, row: int) -> tuple[int, int, int]:
    image = panel.cameras.item(row).icon().pixmap(panel.cameras.iconSize()).toImage()
    return image.pixelColor(image.width() // 2, image.height() // 2).getRgb()[:3]


# --- the list ----------------------------------------------------------------------------------------------------


def test_c_opens_the_cameras_in_bench_and_closes_them(
    qtbot: QtBot, window: MainWindow, panel: CameraPanel, pipeline: FakePipeline
) -> None:
    assert window.face is Face.BENCH
    assert panel.isVisible()
    assert pipeline.calls.made == [("run_beside", "previews")]
    assert window.cameras.previews._wanted.is_set()
    qtbot.keyClick(panel.cameras, Qt.Key.Key_C, Qt.KeyboardModifier.NoModifier)
    qtbot.keyClick(window.view, Qt.Key.Key_C)
    assert not panel.isVisible()
    assert not window.cameras.previews._wanted.is_set()
    qtbot.keyClick(window.view, Qt.Key.Key_C)
    assert pipeline.calls.names().count("run_beside") == 1


def test_nothing_is_looked_through_before_somebody_asks(window: MainWindow, pipeline: FakePipeline) -> None:
    window.set_face("bench")
    assert "run_beside" not in pipeline.calls.names()


def test_cameras_are_listed_by_name_with_a_picture(
    window: MainWindow, panel: CameraPanel, pipeline: FakePipeline
) -> None:
    names = [panel.cameras.item(row).text() for row in range(panel.cameras.count())]
    assert names == ["Desk camera\nin use", "Roof camera\nclick to open"]
    assert picture_at(panel, 1) == (80, 80, 80)
    pipeline.put(shown(image=np.full((36, 64, 3), 140, np.uint8)))
    window.cameras.refresh()
    assert picture_at(panel, 0) == (140, 140, 140)
    broken = CameraCard(ROOF, OFFER, None, "Roof camera: cannot be opened; is another program using it?")
    cards(window, CameraCard(DESK, OFFER), broken)
    assert panel.cameras.item(1).text() == "Roof camera\ncannot be opened"
    assert "another program" in panel.cameras.item(1).toolTip()


def test_a_click_opens_a_camera_and_the_open_one_stays(
    qtbot: QtBot, panel: CameraPanel, pipeline: FakePipeline, settings: Settings
) -> None:
    pipeline.calls.made.clear()
    for row in (0, 1):
        place = panel.cameras.visualItemRect(panel.cameras.item(row)).center()
        qtbot.mouseClick(panel.cameras.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert pipeline.calls.made == [("open_source", "camera:usb-roof")]
    assert settings.text("source") == "camera:usb-roof"


def test_without_a_camera_the_panel_teaches(
    window: MainWindow, panel: CameraPanel, pipeline: FakePipeline
) -> None:
    pipeline.source_info = SourceInfo("demo", "demo pictures", "")
    pipeline.state_changed.emit()
    cards(window)
    assert not panel.cameras.isVisible()
    assert not panel.size_picker.isVisible()
    assert panel.texts[0] == "Open a camera to set it up."


# --- mode and controls -------------------------------------------------------------------------------------------


def test_what_the_camera_offers_can_be_chosen_and_is_kept(
    window: MainWindow, panel: CameraPanel, pipeline: FakePipeline, settings: Settings
) -> None:
    combo = panel.size_picker.combo
    assert [combo.itemText(row) for row in range(combo.count())] == ["640 × 480", "1280 × 720"]
    choose(combo, 0)
    assert setup(pipeline).mode == (640, 480, 30)
    assert [panel.rate.combo.itemText(row) for row in range(2)] == ["30 fps", "60 fps"]
    choose(panel.rate.combo, 1)
    assert setup(pipeline).mode == (640, 480, 60)
    assert json.loads(settings.text("cameras"))["desk"]["mode"] == [640, 480, 60]


def test_the_panel_says_what_the_camera_gives(window: MainWindow, panel: CameraPanel) -> None:
    assert panel.texts[1] == "gives 1280 × 720, 60 fps"
    cards(window, CameraCard(DESK, replace(OFFER, is_known=False)))
    assert "may give another" in panel.texts[1]


def test_exposure_is_the_cameras_own_until_somebody_takes_it(
    qtbot: QtBot, window: MainWindow, panel: CameraPanel, pipeline: FakePipeline
) -> None:
    row = panel.exposure
    assert row.automatic.isChecked()
    assert not row.slider.isEnabled()
    qtbot.mouseClick(row.automatic, Qt.MouseButton.LeftButton, pos=QPoint(8, row.automatic.height() // 2))
    assert setup(pipeline).exposure == 250
    qtbot.keyClick(row.slider, Qt.Key.Key_Right)
    assert setup(pipeline).exposure == 251
    qtbot.keyClick(row.automatic, Qt.Key.Key_Space)
    assert setup(pipeline).exposure is None
    assert setup(pipeline).focus is None


def test_focus_moves_in_the_cameras_steps(qtbot: QtBot, panel: CameraPanel, pipeline: FakePipeline) -> None:
    qtbot.keyClick(panel.focus.automatic, Qt.Key.Key_Space)
    qtbot.keyClick(panel.focus.slider, Qt.Key.Key_Right)
    assert setup(pipeline).focus == 5


def test_a_control_that_the_camera_lacks_is_not_offered(window: MainWindow, panel: CameraPanel) -> None:
    cards(window, CameraCard(DESK, replace(OFFER, focus=None)))
    assert not panel.focus.slider.isVisible()
    assert panel.exposure.slider.isVisible()


# --- view --------------------------------------------------------------------------------------------------------


def test_mirror_turn_and_back(qtbot: QtBot, panel: CameraPanel, pipeline: FakePipeline) -> None:
    assert panel.texts[2] == "as the camera gives it"
    qtbot.mouseClick(panel.buttons["mirror"], Qt.MouseButton.LeftButton)
    assert setup(pipeline).view == View(mirror=True)
    qtbot.mouseClick(panel.buttons["mirror"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.buttons["turn"], Qt.MouseButton.LeftButton)
    assert setup(pipeline).view == View(turn=90)
    assert panel.texts[2] == "turned 90°"
    qtbot.mouseClick(panel.buttons["whole"], Qt.MouseButton.LeftButton)
    assert setup(pipeline).view == View()
    assert not panel.buttons["whole"].isEnabled()


@pytest.fixture
def picker(qtbot: QtBot, window: MainWindow, panel: CameraPanel, pipeline: FakePipeline) -> RegionPicker:
    pipeline.camera_setups.put("desk", CameraSetup(view=View(region=(0.25, 0.25, 0.5, 0.5))))
    pipeline.put(shown())
    window.cameras.refresh()
    qtbot.mouseClick(panel.buttons["region"], Qt.MouseButton.LeftButton)
    made = window.cameras.picker
    assert made is not None
    return made


def test_the_whole_picture_is_seen_while_a_region_is_chosen(
    window: MainWindow, picker: RegionPicker, pipeline: FakePipeline, settings: Settings
) -> None:
    assert setup(pipeline).view.region == (0.0, 0.0, 1.0, 1.0)
    assert picker.region == (0.25, 0.25, 0.5, 0.5)
    assert picker.geometry() == window.view.picture_rect.toRect()
    assert picker.hasFocus()
    assert settings.text("cameras") == ""
    window.resize(1500, 900)
    QApplication.processEvents()
    assert picker.geometry() == window.view.picture_rect.toRect()


def test_a_frame_is_dragged(
    qtbot: QtBot, window: MainWindow, picker: RegionPicker, panel: CameraPanel, pipeline: FakePipeline
) -> None:
    width, height = picker.width(), picker.height()
    qtbot.mousePress(picker, Qt.MouseButton.LeftButton, pos=QPoint(3 * width // 4, height // 2))
    qtbot.mouseMove(picker, QPoint(width // 2, height // 3))
    qtbot.mouseRelease(picker, Qt.MouseButton.LeftButton, pos=QPoint(width // 4, height // 4))
    x, y, w, h = setup(pipeline).view.region
    assert (x, y, w, h) == pytest.approx((0.25, 0.25, 0.5, 0.25), abs=0.01)
    assert window.cameras.picker is None
    assert not panel.buttons["region"].isChecked()
    assert panel.texts[2] == "region 50\u00a0% × 25\u00a0%"


def test_a_mere_click_is_no_frame(qtbot: QtBot, window: MainWindow, picker: RegionPicker) -> None:
    qtbot.mouseClick(picker, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert window.cameras.picker is picker


def test_a_frame_is_moved_and_sized_by_keys(
    qtbot: QtBot, picker: RegionPicker, pipeline: FakePipeline
) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up):
        qtbot.keyClick(picker, key)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Down):
        qtbot.keyClick(picker, key, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    assert setup(pipeline).view.region == pytest.approx((0.27, 0.23, 0.48, 0.52))


def test_a_frame_stays_inside_the_picture(qtbot: QtBot, picker: RegionPicker) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        for _ in range(60):
            qtbot.keyClick(picker, key)
    for _ in range(60):
        qtbot.keyClick(picker, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert picker.region == pytest.approx((0.5, 0.5, 0.5, 0.5))
    for _ in range(60):
        qtbot.keyClick(picker, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert picker.region[2] == pytest.approx(0.05)


@pytest.mark.parametrize("how", ["escape", "button", "another source", "hidden"])
def test_giving_up_leaves_the_region_as_it_was(
    qtbot: QtBot,
    window: MainWindow,
    picker: RegionPicker,
    panel: CameraPanel,
    pipeline: FakePipeline,
    how: str,
) -> None:
    if how == "escape":
        qtbot.keyClick(picker, Qt.Key.Key_Escape)
    elif how == "button":
        qtbot.mouseClick(panel.buttons["region"], Qt.MouseButton.LeftButton)
    elif how == "another source":
        pipeline.source_info = SourceInfo("demo", "demo pictures", "")
        pipeline.set_state(SourceState.LIVE)
    else:
        window.bench_face.dock("cameras").close()
    assert window.cameras.picker is None
    assert setup(pipeline).view.region == (0.25, 0.25, 0.5, 0.5)


# --- kept --------------------------------------------------------------------------------------------------------


def test_setups_come_back_with_the_window(qtbot: QtBot, settings: Settings) -> None:
    first = FakePipeline()
    first.camera_setups.put("desk", CameraSetup(view=View(turn=180)))
    settings.set("cameras", first.camera_setups.to_text())
    pipeline = FakePipeline()
    window = MainWindow(pipeline, settings, "dark")
    qtbot.addWidget(window)
    assert setup(pipeline).view == View(turn=180)
    window.close()


def test_a_damaged_setup_is_told(qtbot: QtBot, settings: Settings) -> None:
    settings.set("cameras", '{"desk": 7}')
    pipeline = FakePipeline()
    window = MainWindow(pipeline, settings, "dark")
    qtbot.addWidget(window)
    assert "desk; set them up again" in pipeline.messages()[0].text
    window.close()
