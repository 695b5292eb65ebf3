"""States of the window that people ask for by a key: hard conditions, quiz, tour, cameras; all others with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.runtime.postprocess import Label
from gui.capture.camera_offer import CameraOffer, ControlRange
from gui.capture.camera_setup import CameraSetup
from gui.capture.cameras import CameraDevice
from gui.capture.view import View
from gui.core.conditions import NEUTRAL, PRESETS, apply
from gui.core.state import SourceInfo
from gui.widgets.main_window import Face, MainWindow
from gui.widgets.words import word
from gui.workers.camera_previews import CameraCard, thumbnail
from tests.gui.widgets.fake_pipeline import FakePipeline, shown
from tests.tools.opened_states import OPENED

Labels = tuple[tuple[str, float], ...]
Photo = Callable[[str], NDArray[np.uint8]]

SCISSORS: Labels = (
    ("can opener", 0.19),
    ("spatula", 0.15),
    ("hook", 0.1),
    ("corkscrew", 0.09),
    ("cleaver", 0.09),
)
ESPRESSO: Labels = (
    ("espresso", 0.52),
    ("cup", 0.21),
    ("coffee mug", 0.11),
    ("eggnog", 0.04),
    ("soup bowl", 0.01),
)
SEA_LION: Labels = (
    ("sea lion", 0.47),
    ("weasel", 0.31),
    ("tiger cat", 0.12),
    ("lynx", 0.02),
    ("otter", 0.01),
)


def conditions(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """The hall has got dark twelve seconds ago."""
    dark = PRESETS["dim hall"]
    QTest.keyClick(window.view, Qt.Key.Key_H)
    pipeline.set_conditions(dark)
    frame = replace(
        shown(labels=ESPRESSO, image=apply(photo("coffee_cup"), dark), device_ms=2.41), conditions=dark
    )
    now_s = time.monotonic()
    for before_s in np.arange(30.0, 0.0, -0.05):
        hard = bool(before_s < 12.0)
        probability = (0.52 if hard else 0.94) + 0.02 * float(np.sin(before_s))
        told = replace(frame, top=(Label(0, "espresso", probability),), conditions=dark if hard else NEUTRAL)
        window.hard.trace.add(told, now_s - float(before_s))
    pipeline.put(replace(frame, raw=frame.top))
    for panel in (window.show_face.conditions, window.bench_face.conditions):
        panel.refresh()


def quiz(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """A visitor is asked."""
    QTest.keyClick(window.view, Qt.Key.Key_Q)
    _answer(window, pipeline, SEA_LION)


def revealed(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """The machine, at least, did not know it."""
    quiz(window, pipeline, photo)
    QTest.keyClick(window.view, Qt.Key.Key_1)


def tour(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """At the scissors."""
    QTest.keyClick(window.view, Qt.Key.Key_T)
    while (card := window.show_face.guide.card) is not None and card.title != word("Scissors"):
        QTest.keyClick(window.view, Qt.Key.Key_Right)
    _answer(window, pipeline, SCISSORS)


def cameras(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """One is in use, one can be opened, one cannot."""
    QTest.keyClick(window.view, Qt.Key.Key_C)
    offer = CameraOffer(
        {(640, 480): (30, 60), (1280, 720): (30, 60)}, ControlRange(3, 2047, 1, 250), None, True
    )
    hens = thumbnail(photo("hens"))
    names = ("Desk camera", "HD Pro Webcam C920", "Integrated_Webcam_HD: Integrated")
    desk, pro, built_in = (CameraDevice(name, name, f"/dev/video{2 * n}", 0) for n, name in enumerate(names))
    found = (
        CameraCard(desk, offer),
        CameraCard(pro, offer, hens),
        CameraCard(built_in, offer, None, f"{built_in.name}: cannot be opened; is another program using it?"),
    )
    window.cameras.previews._cards = {card.device.identity: card for card in found}
    setup = CameraSetup(1280, 720, 60, 250, None, View(True, 0, (0.1, 0.1, 0.8, 0.8)))
    pipeline.camera_setups.put(desk.identity, setup)
    pipeline.source_info = SourceInfo(f"camera:{desk.identity}", desk.name, "1280 × 720, 60 fps")
    pipeline.state_changed.emit()
    pipeline.put(shown(image=photo("coffee_cup"), device_ms=2.41))
    window.cameras.refresh()


def region(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """A region of the camera's picture is being chosen."""
    cameras(window, pipeline, photo)
    window.cameras.panel.region_asked.emit(True)


def _answer(window: MainWindow, pipeline: FakePipeline, labels: Labels) -> None:
    """The engine has answered for the picture that is open."""
    _, (path, name) = next(call for call in reversed(pipeline.calls.made) if call[0] == "open_still")  # type: ignore[misc]
    image = cv2.imread(str(path))
    assert image is not None
    frame = shown(
        labels=labels, image=np.ascontiguousarray(image[..., ::-1]).astype(np.uint8), device_ms=2.41
    )
    pipeline.put(replace(frame, frame=replace(frame.frame, name=name)))
    window.guide.look()


ASKED: dict[str, tuple[tuple[Face, ...], Callable[[MainWindow, FakePipeline, Photo], None]]] = {
    "conditions": (tuple(Face), conditions),
    "quiz": ((Face.SHOW,), quiz),
    "revealed": ((Face.SHOW,), revealed),
    "tour": ((Face.SHOW,), tour),
    "cameras": ((Face.BENCH,), cameras),
    "region": ((Face.BENCH,), region),
    **OPENED,
}
