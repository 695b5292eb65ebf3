"""Quiz and tour through the real window: keys and mouse, what is hidden, what is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import assets
from gui.core.batch import BatchItem
from gui.core.settings import Settings
from gui.core.state import SourceInfo
from gui.core.theme import THEMES, Mark
from gui.core.tour import Tour, load_quiz, load_tour
from gui.core.unnamed import Unnamed
from gui.widgets import guide
from gui.widgets.guide_card import Network
from gui.widgets.guide_panel import GuidePanel
from gui.widgets.main_window import Face, MainWindow
from gui.widgets.tour_walk import TourWalk
from tests.gui.widgets.fake_pipeline import FakePipeline, shown

QUESTIONS = {question.picture: question for question in load_quiz()}
STOPS = load_tour()


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(guide, "default_score_path", lambda: tmp_path / "data" / "quiz.json")
    return tmp_path / "data"


def press(qtbot: QtBot, window: MainWindow, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(window.view, key)


def panel(window: MainWindow) -> GuidePanel:
    assert window.show_face.guide.isVisible()
    return window.show_face.guide


def asked_picture(pipeline: FakePipeline) -> tuple[Path, str]:
    name, given = pipeline.calls.made[-1]
    assert name == "open_still"
    return given  # type: ignore[return-value]


def machine_says(
    window: MainWindow,
    pipeline: FakePipeline,
    name: str,
    probability: float = 0.8,
    *others: tuple[str, float],
) -> None:
    """The engine has answered for the picture that is open."""
    frame = shown(seq=9, labels=((name, probability), *others))
    pipeline.put(replace(frame, frame=replace(frame.frame, name=asked_picture(pipeline)[1])))
    window.view.repaint()
    window.guide.look()


def live_frame(window: MainWindow, pipeline: FakePipeline, name: str, probability: float) -> None:
    pipeline.source_info = SourceInfo("camera:desk", "Desk camera", "")
    pipeline.put(shown(seq=10, labels=((name, probability),)))
    window.guide.look()


# --- quiz --------------------------------------------------------------------------------------------------------


def test_q_begins_a_quiz_whose_title_tells_nothing(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    window.set_face("bench")
    press(qtbot, window, Qt.Key.Key_Q)
    assert window.face is Face.SHOW
    path, name = asked_picture(pipeline)
    question = QUESTIONS[path]
    assert path.stem not in name
    assert question.truth not in name
    texts = [button.accessibleName() for button in panel(window).choices]
    assert sorted(texts) == sorted([question.truth, *question.others])


def test_the_choices_stand_in_line(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, Qt.Key.Key_Q)
    buttons = panel(window).choices
    assert len({QFontMetricsF(one.font()).horizontalAdvance(one.text()[:4]) for one in buttons}) == 1


@pytest.mark.parametrize("face", ["show", "bench"])
def test_the_label_is_hidden_until_the_guess(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, face: str
) -> None:
    press(qtbot, window, Qt.Key.Key_Q, Qt.Key.Key_H)
    machine_says(window, pipeline, "submarine", 0.77)
    view = (window.show_face if face == "show" else window.bench_face).view
    view.show_frame(window.view.shown)
    assert view.overlay.rows[0].name == "?"
    window.show_face.conditions.refresh()
    window.refresh()
    assert window.show_face.conditions.name.text() == ""
    assert "submarine" not in window.view.accessibleDescription()
    assert "submarine" not in panel(window).accessibleName()
    press(qtbot, window, Qt.Key.Key_1)
    assert view.overlay.rows[0].name == "submarine"
    window.show_face.conditions.refresh()
    assert window.show_face.conditions.name.text() == "submarine"


def test_a_guess_by_number_and_one_by_mouse_are_scored(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, data_folder: Path
) -> None:
    press(qtbot, window, Qt.Key.Key_Q)
    assert panel(window).card.score == ""  # nobody has played yet
    truth = QUESTIONS[asked_picture(pipeline)[0]].truth
    machine_says(window, pipeline, truth)
    place = [button.accessibleName() for button in panel(window).choices].index(truth)
    press(qtbot, window, Qt.Key(Qt.Key.Key_1 + place))
    card = panel(window).card
    assert [verdict.mark for verdict in card.verdicts] == [Mark.GOOD, Mark.GOOD]
    assert card.explanation.startswith("Right")
    assert card.score == "Today: visitors 1, machine 1, of 1"
    qtbot.mouseClick(panel(window).ask, Qt.MouseButton.LeftButton)
    truth = QUESTIONS[asked_picture(pipeline)[0]].truth
    machine_says(window, pipeline, "broom")
    wrong = next(one for one in panel(window).choices if one.accessibleName() != truth)
    qtbot.mouseClick(wrong, Qt.MouseButton.LeftButton)
    card = panel(window).card
    assert [verdict.mark for verdict in card.verdicts] == [Mark.BAD, Mark.BAD]
    assert card.score == "Today: visitors 1, machine 1, of 2"
    kept = json.loads((data_folder / "quiz.json").read_text())
    assert (kept["rounds"], kept["visitor"], kept["machine"]) == (2, 1, 1)


def test_the_machine_is_waited_for(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline) -> None:
    press(qtbot, window, Qt.Key.Key_Q, Qt.Key.Key_2)
    assert panel(window).card.title == "The machine is still looking"
    assert window.guide.is_active
    machine_says(window, pipeline, "broom")
    assert len(panel(window).card.verdicts) == 2


def machine_names_nothing(window: MainWindow, pipeline: FakePipeline) -> None:
    """The engine's scores for the picture that is open are no numbers."""
    frame = replace(shown(seq=9, labels=()), unnamed=Unnamed.NO_NUMBERS)
    pipeline.put(replace(frame, frame=replace(frame.frame, name=asked_picture(pipeline)[1])))
    window.guide.look()


def test_a_machine_that_names_nothing_has_lost_and_says_why(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    press(qtbot, window, Qt.Key.Key_Q, Qt.Key.Key_1)
    machine_names_nothing(window, pipeline)
    card = panel(window).card
    assert card.verdicts[1].word == "the machine: nothing, wrong"
    assert card.explanation == Unnamed.NO_NUMBERS.value


def test_the_frame_of_another_picture_is_no_answer(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    press(qtbot, window, Qt.Key.Key_Q)
    pipeline.put(shown(seq=3))
    press(qtbot, window, Qt.Key.Key_1)
    assert panel(window).card.verdicts == ()


def test_enter_and_the_arrow_go_on_once_the_round_is_over(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    press(qtbot, window, Qt.Key.Key_Q, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Left)
    assert pipeline.calls.names() == ["open_still"]
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Right):
        machine_says(window, pipeline, "broom")
        press(qtbot, window, Qt.Key.Key_1, key)
        assert panel(window).card.title == "What is this?"
    assert pipeline.calls.names() == ["open_still"] * 3
    assert len({name for _, (_, name) in pipeline.calls.made}) == 3  # type: ignore[misc]


def test_a_score_that_cannot_be_kept_is_told(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, data_folder: Path
) -> None:
    data_folder.write_text("a file where the folder should be")
    press(qtbot, window, Qt.Key.Key_Q)
    machine_says(window, pipeline, "broom")
    press(qtbot, window, Qt.Key.Key_1)
    assert "cannot be kept" in pipeline.messages()[0].text
    assert panel(window).card.score.endswith("of 1")


def test_an_incomplete_installation_is_one_line(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(relative: str) -> Path:
        raise FileNotFoundError(f"no asset named {relative!r}")

    monkeypatch.setattr(assets, "path", missing)
    press(qtbot, window, Qt.Key.Key_Q)
    assert "install Lens7 again" in pipeline.messages()[0].text
    assert not window.guide.is_active


# --- tour --------------------------------------------------------------------------------------------------------


def test_arrows_walk_the_tour_round(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline) -> None:
    press(qtbot, window, Qt.Key.Key_T)
    seen = []
    for _ in STOPS:
        seen.append(panel(window).card.title)
        press(qtbot, window, Qt.Key.Key_Right)
    assert seen == [stop.title for stop in STOPS]
    press(qtbot, window, Qt.Key.Key_Left)
    assert panel(window).card.title == STOPS[-1].title
    asked = ["open_still" if stop.picture else "back_to_live" for stop in STOPS]
    assert pipeline.calls.names()[: len(STOPS)] == asked
    qtbot.mouseClick(panel(window).next, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel(window).previous, Qt.MouseButton.LeftButton)
    assert panel(window).card.title == STOPS[-1].title


def go_to(qtbot: QtBot, window: MainWindow, title: str) -> None:
    press(qtbot, window, Qt.Key.Key_T)
    while panel(window).card.title != title:
        press(qtbot, window, Qt.Key.Key_Right)


def test_scissors_are_no_class_and_that_is_why(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    go_to(qtbot, window, "Scissors")
    assert panel(window).card.explanation == ""
    machine_says(window, pipeline, "screwdriver", 0.4)
    card = panel(window).card
    assert "not among its 1000 classes" in card.explanation
    assert card.verdicts[0].mark is Mark.BAD
    assert window.view.overlay.rows[0].name == "screwdriver"


def test_a_good_case_is_right(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline) -> None:
    press(qtbot, window, Qt.Key.Key_T)
    machine_says(window, pipeline, "screwdriver", 0.9)
    assert panel(window).card.verdicts[0].mark is Mark.GOOD


def test_a_network_that_names_nothing_says_why_on_the_tour(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    press(qtbot, window, Qt.Key.Key_T)
    machine_names_nothing(window, pipeline)
    assert panel(window).card.verdicts[0].mark is Mark.BAD
    assert panel(window).card.explanation == Unnamed.NO_NUMBERS.value


def test_look_alikes_are_a_warning(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline) -> None:
    go_to(qtbot, window, "A cat between two classes")
    machine_says(window, pipeline, "Egyptian cat", 0.4, ("tabby", 0.3))
    card = panel(window).card
    assert card.verdicts[0].mark is Mark.WARNING
    assert "look alike" in card.explanation


def test_before_the_camera_only_the_operator_knows_when(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    go_to(qtbot, window, "A glass of cola")
    live_frame(window, pipeline, "desk", 0.5)
    assert panel(window).card.explanation == ""
    assert "before the camera" in panel(window).card.text
    live_frame(window, pipeline, "red wine", 0.8)
    press(qtbot, window, Qt.Key.Key_Return)
    assert "red wine" in panel(window).card.explanation
    live_frame(window, pipeline, "desk", 0.5)
    assert "red wine" in panel(window).card.explanation
    qtbot.mouseClick(panel(window).ask, Qt.MouseButton.LeftButton)
    assert "desk" in panel(window).card.explanation


def test_without_a_camera_the_stop_says_so(qtbot: QtBot, window: MainWindow, pipeline: FakePipeline) -> None:
    go_to(qtbot, window, "A computer mouse")
    pipeline.source_info = SourceInfo("demo", "demo pictures", "")
    pipeline.put(shown())
    window.guide.look()
    assert "needs a camera" in panel(window).card.text
    press(qtbot, window, Qt.Key.Key_Return)
    assert panel(window).card.explanation == ""


@pytest.mark.parametrize(
    ("taught", "says"), [({"scissors", "hammer"}, "Right"), ({"hammer"}, "not among its 2 classes")]
)
def test_what_the_network_was_taught_decides(qtbot: QtBot, taught: set[str], says: str) -> None:
    walk = TourWalk(Tour(tuple(stop for stop in STOPS if stop.truth == "scissors")))
    frame = shown(labels=(("scissors", 0.9),))
    frame = replace(frame, frame=replace(frame.frame, name=walk.still.name))
    walk.look(frame, True, lambda: Network(frozenset(taught), 2))
    assert says in walk.card.explanation


# --- coming and going --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [Qt.Key.Key_Q, Qt.Key.Key_T])
def test_the_same_key_or_escape_or_the_button_leave(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, key: Qt.Key
) -> None:
    leavers = (
        lambda: press(qtbot, window, key),
        lambda: press(qtbot, window, Qt.Key.Key_Escape),
        lambda: press(qtbot, window, Qt.Key.Key_L),
        lambda: qtbot.mouseClick(panel(window).leave, Qt.MouseButton.LeftButton),
    )
    for leave in leavers:
        press(qtbot, window, key)
        assert window.guide.is_active
        leave()
        assert not window.guide.is_active
        assert not window.show_face.guide.isVisible()
        assert pipeline.calls.names()[-1] == "back_to_live"
        assert window.view.hasFocus()
    pipeline.put(shown(seq=50))
    assert window.view.overlay.rows[0].name == "coffee mug"


def test_the_tour_follows_the_quiz(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, Qt.Key.Key_Q, Qt.Key.Key_T)
    assert panel(window).card.heading.startswith("Tour")


def test_dropped_files_and_another_source_end_it(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline
) -> None:
    press(qtbot, window, Qt.Key.Key_Q)
    pipeline.set_batch((BatchItem(Path("a.jpg")),), 1)
    assert not window.guide.is_active
    assert "back_to_live" not in pipeline.calls.names()
    pipeline.batch = None
    press(qtbot, window, Qt.Key.Key_Q)
    window.bench_face.sources.opened.emit("demo")
    assert not window.guide.is_active
    assert pipeline.calls.made[-1] == ("open_source", "demo")


def test_bench_ends_it(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, Qt.Key.Key_T, Qt.Key.Key_F2)
    assert window.face is Face.BENCH
    assert not window.guide.is_active


def test_a_visitor_who_walks_away_ends_it(qtbot: QtBot, pipeline: FakePipeline, settings: Settings) -> None:
    settings.set("attract_after_s", 45)
    window = MainWindow(pipeline, settings, "dark")
    qtbot.addWidget(window)
    window.show()
    press(qtbot, window, Qt.Key.Key_Q)
    idle = window.guide.idle
    assert (idle.isActive(), idle.interval()) == (True, 45_000)
    idle.timeout.emit()
    assert not window.guide.is_active
    assert pipeline.calls.names()[-1] == "back_to_live"
    window.close()


def test_without_a_time_it_stays(qtbot: QtBot, pipeline: FakePipeline, settings: Settings) -> None:
    settings.set("attract_after_s", 0)
    window = MainWindow(pipeline, settings, "dark")
    qtbot.addWidget(window)
    window.show()
    press(qtbot, window, Qt.Key.Key_Q)
    assert not window.guide.idle.isActive()
    window.close()


@pytest.mark.parametrize("size", [(1280, 720), (1366, 768), (1920, 1080)])
def test_picture_panel_and_labels_keep_apart(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, size: tuple[int, int]
) -> None:
    press(qtbot, window, Qt.Key.Key_T, Qt.Key.Key_H)
    window.resize(*size)
    machine_says(window, pipeline, "screwdriver")
    QApplication.processEvents()
    view, picture = window.view, window.view.picture_rect
    assert picture.width() > 0.25 * view.width()
    assert picture.left() >= window.show_face.guide_panel.geometry().right()
    assert picture.right() <= window.show_face.conditions_panel.x()
    assert picture.bottom() <= window.show_face.labels.rect.top()
    assert picture.top() >= window.show_face.status.rect.bottom()
    guide_panel = window.show_face.guide
    for part in guide_panel.findChildren(type(guide_panel.leave)):
        assert not part.isVisible() or guide_panel.rect().contains(part.geometry())


@pytest.mark.parametrize("theme", THEMES)
def test_verdicts_wear_the_colours_of_the_theme(
    qtbot: QtBot, window: MainWindow, pipeline: FakePipeline, theme: str
) -> None:
    press(qtbot, window, Qt.Key.Key_T)
    machine_says(window, pipeline, "screwdriver", 0.9)
    window.set_theme(theme)
    image = panel(window).grab().toImage()
    colours = {image.pixelColor(x, y).name().upper() for x in range(60) for y in range(image.height())}
    assert THEMES[theme].good in colours
