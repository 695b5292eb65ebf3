"""Connects cameras, their previews and setups with the camera panel of Bench."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gui.capture.camera_offer import UNKNOWN, CameraOffer
from gui.capture.camera_setup import CameraSetup
from gui.capture.view import WHOLE
from gui.core.settings import Settings
from gui.core.state import Severity
from gui.core.theme import Palette
from gui.widgets.camera_panel import CameraPanel
from gui.widgets.region_picker import Region, RegionPicker
from gui.widgets.stage_view import StageView
from gui.workers.camera_previews import CameraCard, CameraPreviews, thumbnail
from gui.workers.doorbell import Doorbell
from gui.workers.pipeline import Pipeline

_REFRESH_INTERVAL_MS = 500
_SPEC = "camera:"


class CameraFeeder(QObject):
    """Previews run while the panel is seen; what is set up is kept per physical camera."""

    source_chosen = Signal(str)

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        view: StageView,
        palette: Palette,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._pipeline = pipeline
        self._settings = settings
        self._view = view
        self._palette = palette
        self._in_use = ""
        self._before: CameraSetup | None = None
        self._picker: RegionPicker | None = None
        self._is_watched = self._has_thread = False
        self.panel = CameraPanel(palette)
        bell = Doorbell(self)
        bell.rung.connect(self.refresh)
        self.previews = CameraPreviews(
            pipeline.camera_door, pipeline.camera_setups, lambda: self._in_use, bell.ring
        )
        self._timer = QTimer(self, interval=_REFRESH_INTERVAL_MS)
        self._timer.timeout.connect(self.refresh)
        self.panel.watched.connect(self._watch)
        self.panel.opened.connect(lambda identity: self.source_chosen.emit(f"{_SPEC}{identity}"))
        self.panel.changed.connect(self._set_up)
        self.panel.region_asked.connect(self._choose_region)
        view.picture_placed.connect(self._place_picker)
        pipeline.state_changed.connect(self._on_state)
        self._load()
        self._on_state()

    def _load(self) -> None:
        bad = self._pipeline.camera_setups.load(self._settings.text("cameras"))
        if bad:
            text = self.tr("camera setups that make no sense are left out: {names}; set them up again")
            self._pipeline.post(Severity.WARNING, text.format(names=", ".join(bad)))

    @property
    def in_use(self) -> str:
        """The identity of the camera that is live, empty if none is."""
        return self._in_use

    @property
    def picker(self) -> RegionPicker | None:
        """The frame over the picture while a region is being chosen."""
        return self._picker

    @Slot(bool)
    def _watch(self, watched: bool) -> None:
        """Look through the cameras while somebody sees the panel."""
        self._is_watched = watched
        if watched and not self._has_thread:
            self._has_thread = True
            self._pipeline.run_beside("previews", self.previews.run, self.previews.stop)
        self.previews.set_wanted(watched)
        if watched:
            self._timer.start()
            self.refresh()
        else:
            self._timer.stop()
            self._give_up_region()

    @Slot()
    def _on_state(self) -> None:
        source = self._pipeline.source_info
        spec = source.spec if source is not None else ""
        in_use = spec.removeprefix(_SPEC) if spec.startswith(_SPEC) else ""
        if in_use != self._in_use:
            self._give_up_region()
            self._in_use = in_use
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show cameras and setup as they are now; nothing while nobody sees the panel."""
        if not self._is_watched:
            return
        cards, source = self.previews.cards, self._pipeline.source_info
        self.panel.set_cards(cards, self._in_use, self._live_thumbnail())
        card = next((card for card in cards if card.device.identity == self._in_use), None)
        setup = self._before or self._pipeline.camera_setups.of(self._in_use)
        name = source.title if source is not None and self._in_use else ""
        detail = source.detail if source is not None and self._in_use else ""
        self.panel.set_camera(card.device.name if card else name, _offer(card), setup, detail)

    def _live_thumbnail(self) -> NDArray[np.uint8] | None:
        shown, pipeline = self._view.shown, self._pipeline
        stands_in = pipeline.stand_in is not None or pipeline.attracting
        return None if shown is None or not self._in_use or stands_in else thumbnail(shown.rgb)

    @Slot(object)
    def _set_up(self, setup: CameraSetup) -> None:
        """Use another setup of the camera in use from its next picture on, and keep it."""
        if not self._in_use:
            return
        self._give_up_region()
        self._pipeline.camera_setups.put(self._in_use, setup)
        self._settings.set("cameras", self._pipeline.camera_setups.to_text())
        self.refresh()

    # --- the region ---

    @Slot(bool)
    def _choose_region(self, choosing: bool) -> None:
        """Show the whole picture with a frame to move; without one to move, give up."""
        if not (choosing and self._in_use):
            self._give_up_region()
            return
        setups = self._pipeline.camera_setups
        self._before = setups.of(self._in_use)
        setups.put(self._in_use, replace(self._before, view=replace(self._before.view, region=WHOLE)))
        self._picker = RegionPicker(self._palette, self._before.view.region, self._view)
        self._picker.chosen.connect(self._take_region)
        self._picker.given_up.connect(self._give_up_region)
        self._view.set_bare(True)
        self._place_picker()
        self._picker.show()
        self._picker.setFocus()
        self.panel.set_choosing_region(True)

    @Slot()
    def _place_picker(self) -> None:
        if self._picker is not None:
            self._picker.setGeometry(self._view.picture_rect.toRect())

    @Slot(object)
    def _take_region(self, region: Region) -> None:
        before = self._before
        self._give_up_region()
        if before is not None:
            self._set_up(replace(before, view=replace(before.view, region=region)))

    @Slot()
    def _give_up_region(self) -> None:
        """Put everything back as it was before a region was asked for."""
        before, picker = self._before, self._picker
        self._before = self._picker = None
        self.panel.set_choosing_region(False)
        if before is not None:
            self._pipeline.camera_setups.put(self._in_use, before)
        if picker is not None:
            self._view.set_bare(False)
            self._view.setFocus()
            picker.deleteLater()

    def set_theme(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.panel.set_theme(palette)


def _offer(card: CameraCard | None) -> CameraOffer:
    return card.offer if card is not None else UNKNOWN
