"""Monitoring beside a running pipeline: everything is kept, told and looked after, and the picture never waits."""

import http.client
import json
import socket
import sys
from dataclasses import replace
from datetime import datetime
from threading import Event

import numpy as np
import platformdirs
import pytest

from engine import Result
from gui.core.settings import Settings
from gui.core.state import SourceInfo, SourceState
from gui.monitor import alarms
from gui.monitor.history_reader import HistoryReader, Span
from gui.monitor.hook import HookError
from gui.monitor.recording import RecordingReader
from gui.workers.comparisons import Comparisons
from gui.workers.monitor import Monitor, default_recording_path
from tests.gui.fakes import EndlessSource, FakeBackend, FakeSession, FakeSource, picture
from tests.gui.workers.test_compare_worker import FakeClient

EVER = Span(0, 1 << 60)


class Camera(EndlessSource):
    """A live source that calls itself a camera."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo("camera:fake", "fake camera", "")


class StillCamera(FakeSource):
    """A camera that gives what the test puts in, and otherwise blocks."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo("camera:fake", "fake camera", "")


class SeeingSession(FakeSession):
    """Also says what the network saw."""

    def run(self, image) -> Result:
        pixels = np.full((4, 4, 3), self.runs % 256, np.uint8)
        return replace(super().run(image), pixels=pixels, logits=np.array([0, 3, 1], np.float32))


@pytest.fixture
def make_monitor(make_stand, tmp_path):
    """Build a stand with a monitor over it, its history in the test's own folder."""

    def make(source=None, session: FakeSession | None = None, **chosen):
        stand = make_stand(source or Camera(), FakeBackend(session or FakeSession()))
        settings = Settings(tmp_path / "settings.json")
        for name, value in chosen.items():
            settings.set(name, value)
        monitor = Monitor(stand.pipeline, settings, tmp_path / "history.sqlite")
        monitor.start()
        stand.pipeline.start("fake")
        stand.wait_ready()
        return stand, monitor

    return make


def test_history_holds_every_painted_frame_its_engine_and_the_messages(make_monitor):
    stand, monitor = make_monitor()
    stand.wait(lambda: sum(bool(shown.top) for shown in stand.screen.painted) > 20)
    stand.pipeline.close()
    with HistoryReader(monitor.history_path) as reader:
        frames = reader.frames(EVER)
        assert frames.date_us.size == stand.pipeline.drops.shown == len(stand.screen.painted)
        minutes = reader.minutes(EVER)
        assert minutes.captured.sum() == stand.pipeline.drops.captured
        assert minutes.labelled.sum() == sum(bool(shown.top) for shown in stand.screen.painted)
        assert set(reader.labels().values()) == {"grey 0"}
        assert "fake on tda4vm, recipe lens7" in reader.engines()[frames.engine[-1]]
        assert [event.text for event in reader.events(EVER)] == list(reversed(stand.texts()))
    assert monitor.history.lost == 0


def test_a_history_that_cannot_be_written_leaves_the_picture_alone(make_monitor, tmp_path):
    (tmp_path / "history.sqlite").mkdir()
    stand, monitor = make_monitor()
    stand.wait(lambda: any("history" in text and "the picture goes on" in text for text in stand.texts()))
    painted = len(stand.screen.painted)
    stand.wait(lambda: len(stand.screen.painted) > painted + 10)
    assert monitor.history.lost == 0


def test_history_can_be_off(make_monitor, tmp_path):
    stand, monitor = make_monitor(history=False)
    stand.wait(lambda: len(stand.screen.painted) > 5)
    stand.pipeline.close()
    assert monitor.history is None
    assert not (tmp_path / "history.sqlite").exists()


def test_history_switched_on_later_counts_from_then_on(make_monitor):
    stand, monitor = make_monitor(history=False)
    stand.wait(lambda: stand.pipeline.drops.captured > 50)
    before = stand.pipeline.drops.captured
    monitor.set_history(True)
    stand.wait(lambda: len(stand.screen.painted) > 60)
    stand.pipeline.close()
    with HistoryReader(monitor.history_path) as reader:
        captured = reader.minutes(EVER).captured.sum()
    assert captured <= stand.pipeline.drops.captured - before


def test_a_picture_that_stands_still_raises_an_alarm_that_ends_when_it_moves(make_monitor, monkeypatch):
    monkeypatch.setattr(alarms, "PATIENCE_NS", 0)
    source = StillCamera(picture())
    stand, monitor = make_monitor(source, alarm_age_ms=60)
    rung = []
    monitor.alarms_changed.connect(lambda: rung.append(True))

    def look_until(condition) -> None:
        def looked() -> bool:
            monitor.look()
            return condition()

        stand.wait(looked)

    look_until(lambda: bool(monitor.board.active))
    (alarm,) = monitor.board.active
    assert alarm.text.startswith("picture age is ")
    assert rung

    def moving() -> bool:
        source.put(picture())
        return not monitor.board.active

    look_until(moving)
    stand.pipeline.close()
    with HistoryReader(monitor.history_path) as reader:
        kinds = [event.kind for event in reader.events(EVER) if event.kind != "message"]
    assert kinds == ["alarm", "alarm ended"]


@pytest.mark.parametrize("hold", ["paused", "hidden", "pictures", "ended"])
def test_a_picture_held_on_purpose_is_no_alarm(make_monitor, monkeypatch, hold):
    monkeypatch.setattr(alarms, "PATIENCE_NS", 0)
    source = FakeSource(picture()) if hold == "pictures" else StillCamera(picture())
    stand, monitor = make_monitor(source, alarm_age_ms=1, alarm_fps=240)
    stand.wait(lambda: bool(stand.screen.painted))
    if hold == "paused":
        stand.pipeline.set_paused(True)
    if hold == "hidden":
        monitor.watch_while(lambda: False)
    if hold == "ended":
        source.put(None)
        stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    for _ in range(3):
        stand.qtbot.wait(5)
        monitor.look()
    assert monitor.board.active == ()
    assert monitor.vitals.age_ms is None


class Film(FakeSource):
    """A video file, whose every frame counts."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo("/films/film.mp4", "film.mp4", "")


def test_a_film_that_waits_for_its_engine_is_no_alarm(make_stand, monkeypatch, tmp_path):
    monkeypatch.setattr(alarms, "PATIENCE_NS", 0)
    backend, prepared = FakeBackend(), Event()
    backend.work = lambda *_: prepared.wait(20)
    stand = make_stand(Film(picture(), picture(), is_live=False), backend)
    settings = Settings(tmp_path / "settings.json")
    settings.set("alarm_age_ms", 1)
    monitor = Monitor(stand.pipeline, settings, tmp_path / "history.sqlite")
    stand.pipeline.start("fake")
    stand.wait(lambda: bool(stand.screen.painted))
    for _ in range(3):
        stand.qtbot.wait(5)
        monitor.look()
    assert monitor.board.active == ()
    prepared.set()
    stand.wait_ready()
    stand.qtbot.wait(5)
    monitor.look()
    assert monitor.vitals.age_ms is not None


def test_rules_follow_the_settings(make_monitor):
    _, monitor = make_monitor(alarm_age_ms=0)
    assert monitor.board.rules == ()
    monitor._settings.set("alarm_dropped_percent", 25)
    monitor.set_rules()
    (rule,) = monitor.board.rules
    assert rule.limit == 0.25


def test_an_alarm_whose_rule_is_taken_away_ends_and_is_told(make_monitor, monkeypatch):
    monkeypatch.setattr(alarms, "PATIENCE_NS", 0)
    source = StillCamera(picture())
    stand, monitor = make_monitor(source, alarm_age_ms=60)
    stand.wait(lambda: (monitor.look(), bool(monitor.board.active))[1])
    monitor._settings.set("alarm_age_ms", 0)
    monitor.use_setting("alarm_age_ms")
    assert monitor.board.active == ()
    stand.pipeline.close()
    with HistoryReader(monitor.history_path) as reader:
        kinds = [event.kind for event in reader.events(EVER) if event.kind != "message"]
    assert kinds == ["alarm", "alarm ended"]


def test_the_alarm_command_runs(make_monitor, monkeypatch, tmp_path):
    monkeypatch.setattr(alarms, "PATIENCE_NS", 0)
    script = "import os, sys; open(sys.argv[1], 'w').write(os.environ['LENS7_ALARM'])"
    command = f'{sys.executable} -c "{script}" {tmp_path / "rung"}'
    stand, monitor = make_monitor(StillCamera(picture()), alarm_age_ms=20, alarm_command=command)

    def rung() -> bool:
        monitor.look()
        return (tmp_path / "rung").exists() and (tmp_path / "rung").read_text() == "picture age"

    stand.wait(rung)


def test_a_command_that_cannot_run_is_said(make_monitor):
    stand, monitor = make_monitor(alarm_command="/no/such/program --loud")
    assert any("there is no program '/no/such/program'" in text for text in stand.texts())
    with pytest.raises(HookError):
        monitor.set_command("'")


def test_metrics_are_offered_when_asked_for(make_monitor):
    stand, monitor = make_monitor()
    stand.wait(lambda: stand.pipeline.drops.captured > 0)
    assert monitor.metrics_url == ""
    monitor.set_metrics(True, 0)
    port = int(monitor.metrics_url.split(":")[2].split("/")[0])
    monitor.look()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics.json")
    told = json.loads(connection.getresponse().read())
    connection.close()
    assert told["engine"]["model"] == "fake"
    assert told["engine_state"] == "ready"
    assert told["frames"]["captured"] > 0
    monitor.set_metrics(False, 0)
    assert monitor.metrics_url == ""


def test_figures_are_those_of_this_moment(make_monitor):
    session = FakeSession()
    session.info = replace(session.info, device_ms=2.25)
    stand, monitor = make_monitor(session=session)
    stand.wait(lambda: len(stand.screen.painted) > 3)
    stand.screen.paints = False
    stand.wait(lambda: stand.pipeline.drops.inferred > stand.pipeline.drops.shown)
    stand.pipeline.close()  # from here on nothing changes
    monitor.history.lost = 7
    drops, told = stand.pipeline.drops, monitor.figures()
    assert (told.captured, told.labelled, told.shown) == (drops.captured, drops.inferred, drops.shown)
    assert (told.engine.model, told.modelled_ms, told.history_lost) == ("fake", 2.25, 7)
    stand.pipeline.status.set_session(None)
    monitor.set_history(False)
    told = monitor.figures()
    assert (told.engine, told.modelled_ms, told.history_lost) == (None, None, 0)


def test_settings_that_change_together_leave_the_endpoint_where_it_is(make_monitor):
    """As a profile does: the endpoint is told of each setting, one right after the other."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    stand, monitor = make_monitor(metrics=True, metrics_port=port)
    url = monitor.metrics_url
    monitor.use_setting("metrics")
    monitor.use_setting("metrics_port")
    assert monitor.metrics_url == url != ""
    assert not any("port" in text for text in stand.texts())


def test_a_taken_port_is_said_and_nothing_else_happens(make_monitor):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        stand, monitor = make_monitor(metrics=True, metrics_port=port)
        assert any(f"port {port} of 127.0.0.1" in text for text in stand.texts())
        assert monitor.metrics_url == ""
        stand.wait(lambda: len(stand.screen.painted) > 3)


def test_recordings_of_the_same_second_have_names_of_their_own(monkeypatch, tmp_path):
    monkeypatch.setattr(platformdirs, "user_videos_path", lambda: tmp_path)
    now, names = datetime(2026, 3, 4, 17, 23, 43), []
    for _ in range(3):
        path = default_recording_path(now)
        path.parent.mkdir(exist_ok=True)
        path.touch()
        names.append(path.stem)
    assert names == ["2026-03-04 17.23.43", "2026-03-04 17.23.43 (2)", "2026-03-04 17.23.43 (3)"]


def test_a_recording_holds_what_the_network_saw_and_ends_with_its_engine(make_monitor, tmp_path):
    stand, monitor = make_monitor(session=SeeingSession())
    monitor.start_recording(tmp_path / "a.lens7rec")
    stand.wait(lambda: monitor.recording.frames > 5)
    assert monitor.recording.running
    stand.backend.session = SeeingSession(soc="am68a")
    stand.pipeline.engine.set_soc("am68a")
    stand.wait(lambda: not monitor.recording.running)
    stand.wait(lambda: any("recorded " in text for text in stand.texts()))
    with RecordingReader(tmp_path / "a.lens7rec") as reader:
        assert reader.facts.engine.soc == "tda4vm"
        assert reader.facts.model == "efficientnet_lite0"
        frames = list(reader.frames())
        assert len(frames) == monitor.recording.frames
        assert all(frame.logits.tolist() == [0, 3, 1] for frame in frames)


def test_nothing_is_recorded_before_there_is_an_engine(make_monitor, tmp_path):
    stand, monitor = make_monitor()
    stand.pipeline.status.set_session(None)
    monitor.start_recording(tmp_path / "a.lens7rec")
    assert "nothing to record" in stand.texts()[0]
    assert monitor.recording is None


def test_float_is_compared_while_it_is_wanted_and_counted_in_history(make_monitor):
    stand, monitor = make_monitor(session=SeeingSession())
    client = FakeClient()
    monitor.comparisons = Comparisons(
        stand.pipeline.run_beside,
        stand.pipeline.status.post,
        monitor._compare_bell.ring,
        monitor._cloud_bell.ring,
        make_client=lambda _: client,
    )
    with stand.qtbot.waitSignal(monitor.compare_changed):
        monitor.set_compare(True)
    agreement = monitor.comparisons.agreement
    stand.wait(lambda: agreement.compared > 3)
    assert monitor.figures().compare.compared > 3
    monitor.look()
    assert monitor.vitals.agreement == 0.0, "the fake engine always says grey, the fake float network bee"
    monitor.set_compare(False)
    stand.wait(lambda: client.closed)
    assert monitor.figures().compare is None
    compared = agreement.compared
    stand.pipeline.close()
    with HistoryReader(monitor.history_path) as reader:
        assert reader.minutes(EVER).compared.sum() == compared


def test_everything_beside_ends_with_the_pipeline(make_monitor, tmp_path):
    stand, monitor = make_monitor(session=SeeingSession())
    monitor.comparisons._make_client = lambda _: FakeClient()
    monitor.set_compare(True)
    monitor.set_cloud(True)
    monitor.set_metrics(True, 0)
    monitor.start_recording(tmp_path / "a.lens7rec")
    names = {thread.name for thread in stand.pipeline.threads()}
    assert {"history", "compare", "cloud 0", "cloud 3", "metrics", "recording"} <= names
    stand.pipeline.close()
    assert stand.pipeline.threads() == ()
