"""What the pipeline mends by itself: demo pictures stand in, the engine is started again; each repair is counted."""

import threading
import time
from dataclasses import replace

import pytest

from engine.errors import DeviceError
from gui.core.counters import DropReason
from gui.core.errors import CaptureError
from gui.core.healing import Repair
from gui.core.state import EngineChoice, EngineState, SourceState
from gui.core.status import Status
from gui.workers.capture import CaptureTiming
from gui.workers.loader import EngineLoader
from tests.gui.fakes import EndlessSource, FakeBackend, FakeSession, FakeSource, never, picture
from tests.gui.workers.conftest import ENGINE_TIMING, STAND_IN_TIMING


def lost_camera() -> FakeSource:
    source = FakeSource(reconnects=True)
    source.open_error = CaptureError("camera 'desk' is not plugged in")
    return source


def test_demo_pictures_stand_in_until_the_camera_is_back(make_stand):
    source = lost_camera()
    stand = make_stand(source, timing=STAND_IN_TIMING)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.stand_in is not None)
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 200"])
    assert stand.pipeline.source_state in (SourceState.LOST, SourceState.RETRYING)
    assert stand.pipeline.source_info.title == "fake camera"
    source.open_error = None
    source.put(picture(7))
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 7"])
    assert stand.pipeline.stand_in is None
    assert stand.pipeline.source_state is SourceState.LIVE
    assert stand.stand_in.closed == 1
    assert stand.pipeline.repairs.of(Repair.STAND_IN_SHOWN) == 1
    assert stand.pipeline.repairs.of(Repair.SOURCE_RETRIED) >= 1


def test_the_time_until_the_stand_in_comes_may_be_changed(make_stand):
    stand = make_stand(lost_camera(), timing=replace(STAND_IN_TIMING, stand_in_after_s=0.0))
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.source_state in (SourceState.LOST, SourceState.RETRYING))
    stand.pipeline.set_stand_in_after(1)
    stand.wait(lambda: stand.pipeline.stand_in is not None)


def test_the_stand_in_outlives_a_source_that_is_given_up_again_and_again(make_stand):
    blocked = [FakeSource(picture(1), never, reconnects=True) for _ in range(2)]
    for source in blocked[1:]:
        source.open = never
    fresh = FakeSource(picture(2), reconnects=True)
    fresh.open_error = CaptureError("still busy")
    sources = iter([*blocked, fresh])
    stand = make_stand(lambda _: next(sources), timing=STAND_IN_TIMING)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 200"])
    stand.wait(lambda: fresh.opened > 0)
    assert stand.pipeline.repairs.of(Repair.SOURCE_ABANDONED) == 2
    assert stand.pipeline.repairs.of(Repair.STAND_IN_SHOWN) == 1
    fresh.open_error = None
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 2"])
    assert stand.pipeline.stand_in is None


def test_a_picture_that_comes_just_as_the_stand_in_is_called_ends_it(make_stand):
    stand = make_stand(lost_camera(), timing=STAND_IN_TIMING)
    stand.pipeline.start("fake")
    keeper = stand.pipeline._sources

    class Info(EndlessSource):
        """The camera's picture comes, in its own thread, just as the main thread asks what stands in."""

        @property
        def info(self):
            keeper._dismiss_stand_in()
            return super().info

    stand.stand_in = Info(grey=200)
    stand.wait(lambda: stand.pipeline.repairs.of(Repair.STAND_IN_SHOWN) == 1)
    keeper._dismiss_stand_in()
    assert stand.pipeline.stand_in is None


def test_a_driver_that_hangs_when_it_is_closed_is_given_up_and_the_camera_opened_anew(make_stand):
    hanging, fresh = (
        FakeSource(CaptureError("unplugged"), reconnects=True),
        FakeSource(picture(3), reconnects=True),
    )
    hanging.on_close = never
    sources = iter([hanging, fresh])
    stand = make_stand(lambda _: next(sources))
    stand.pipeline.start("fake")
    stand.wait(lambda: len(stand.screen.painted) > 0)
    assert stand.pipeline.source_state is SourceState.LIVE
    assert stand.pipeline.repairs.of(Repair.SOURCE_ABANDONED) == 1


def test_another_source_ends_the_stand_in(make_stand):
    sources = {"lost": lost_camera(), "other": EndlessSource(grey=5)}
    stand = make_stand(sources.__getitem__, timing=STAND_IN_TIMING)
    stand.pipeline.start("lost")
    stand.wait(lambda: stand.pipeline.stand_in is not None)
    stand.pipeline.open_source("other")
    assert stand.pipeline.stand_in is None
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 5"])
    stand.wait(lambda: stand.stand_in.closed == 1)


def test_zero_seconds_let_nothing_stand_in(make_stand):
    source = lost_camera()
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.repairs.of(Repair.SOURCE_RETRIED) > 10)
    assert stand.pipeline.stand_in is None


def test_a_driver_that_raises_anything_is_tried_again(make_stand):
    source = FakeSource(picture(1), ZeroDivisionError("in the driver"), picture(2), reconnects=True)
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait(lambda: bool(stand.screen.painted) and stand.screen.painted[-1].rgb[0, 0, 0] == 2)
    assert "fake camera: ZeroDivisionError: in the driver; trying again" in stand.texts()


def test_a_file_on_a_disk_that_does_not_answer_is_seen(make_stand):
    stand = make_stand(FakeSource(picture(1), never, is_live=False))
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.source_state is SourceState.STALLED)


def test_a_slow_camera_is_called_stalled_within_two_seconds():
    timing = CaptureTiming()
    assert timing.stalled_at_latest_s + 0.2 < 2.0


def test_retries_hurry_while_nothing_stands_in_and_then_take_their_time():
    timing = CaptureTiming()
    waits_s = [timing.retry_s(attempt) for attempt in range(1, 12)]
    assert waits_s == [0.5, 1.0, 2.0, 2.0, 2.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]
    assert sum(waits_s[:6]) < timing.stand_in_after_s


# --- the engine ---


def test_an_engine_that_fails_is_started_again(make_stand):
    stand = make_stand(EndlessSource())
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.wait(lambda: "grey 0" in stand.screen.labels())
    stand.session.error = RuntimeError("bus fault")
    stand.wait(lambda: stand.pipeline.engine_state is EngineState.RESTARTING)
    stand.session.error = None
    stand.wait(lambda: stand.pipeline.repairs.of(Repair.ENGINE_RESTARTED) == 1)
    stand.wait_ready()
    painted = len(stand.screen.painted)
    stand.wait(lambda: "grey 0" in stand.screen.labels()[painted:])
    assert "engine: it failed; it is started again (1 of 3)" in stand.texts()


def test_a_session_that_does_not_close_does_not_end_the_compile_thread():
    class Stubborn(FakeSession):
        def close(self):
            raise DeviceError("the device's mailbox is full (4 requests wait)")

    status, used = Status(lambda _: None), []
    backend = FakeBackend(Stubborn())
    loader = EngineLoader(backend, status, used.append)

    def choose_another(choice, *_):
        if choice.soc == "tda4vm":
            loader.request(EngineChoice(soc="am68a"))
        else:
            backend.session = FakeSession()

    backend.work = choose_another
    thread = threading.Thread(target=loader.run)
    loader.request(EngineChoice())
    thread.start()
    deadline_s = time.monotonic() + 10
    while not used and thread.is_alive() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    loader.stop()
    thread.join(10)
    assert used == [backend.session]


def test_an_engine_that_always_fails_is_given_up_and_a_choice_starts_it(make_stand):
    stand = make_stand(EndlessSource())
    stand.session.error = RuntimeError("bus fault")
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.engine_state is EngineState.FAILED)
    assert stand.texts()[0] == "engine: it failed after 3 restarts; choose a model to start it again"
    assert stand.pipeline.repairs.of(Repair.ENGINE_RESTARTED) == ENGINE_TIMING.most_restarts
    assert stand.pipeline.session_info is None
    painted = len(stand.screen.painted)
    stand.wait(lambda: len(stand.screen.painted) > painted + 5)
    stand.session.error = None
    stand.pipeline.engine.set_model(stand.pipeline.engine.model)
    stand.wait_ready()
    stand.wait(lambda: stand.screen.labels()[-1] == "grey 0")


def test_an_engine_that_does_not_start_again_is_tried_a_few_times(make_stand):
    stand = make_stand(EndlessSource())
    stand.pipeline.start("fake")
    stand.wait_ready()

    def refuse(*_):
        raise OSError(28, "No space left on device", "cache")

    stand.backend.work = refuse
    stand.session.error = RuntimeError("bus fault")
    stand.wait(lambda: stand.pipeline.engine_state is EngineState.FAILED and len(stand.backend.asked) == 4)
    stand.wait(lambda: "engine: it does not start after 3 restarts" in stand.texts()[0])


def test_a_hanging_engine_is_given_up_and_a_new_one_goes_on(make_stand):
    stand = make_stand(EndlessSource())
    hanging = stand.session
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.wait(lambda: hanging.runs > 0)
    stand.backend.session = type(hanging)()
    hanging.gate.clear()
    stand.wait(lambda: stand.pipeline.engine_state is EngineState.STALLED)
    stand.wait(lambda: stand.backend.session.runs > 3)
    assert stand.pipeline.engine_state is EngineState.READY
    repairs = stand.pipeline.repairs
    assert (repairs.of(Repair.THREAD_RESTARTED), repairs.of(Repair.ENGINE_RESTARTED)) == (1, 1)
    assert stand.pipeline.drops.count(DropReason.ENGINE_GAVE_UP) == 1
    assert not hanging.closed
    hanging.gate.set()
    stand.wait(lambda: hanging.closed)
    stand.check_books()


def test_no_more_threads_hang_than_may_and_the_picture_goes_on(make_stand, qtbot):
    stand = make_stand(EndlessSource())
    stand.pipeline._engine_keeper._timing = replace(ENGINE_TIMING, most_hung=2)
    hanging: list[FakeSession] = []

    def hand_out_one_that_hangs(*_):
        stand.backend.session = FakeSession()
        stand.backend.session.gate.clear()
        hanging.append(stand.backend.session)

    stand.backend.work = hand_out_one_that_hangs
    with qtbot.waitSignal(stand.pipeline.engine_exhausted, timeout=10_000):
        stand.pipeline.start("fake")
    said = "engine: no answer; 2 of its threads hang, so it is not started again: restart Lens7"
    assert stand.texts()[0] == said
    painted = len(stand.screen.painted)
    stand.wait(lambda: len(stand.screen.painted) > painted + 3)
    assert stand.screen.labels()[-1] == ""
    stand.pipeline.engine.set_model("another")
    assert stand.pipeline.engine_state is EngineState.FAILED
    assert len(hanging) == len(stand.backend.asked) == 2
    stand.backend.work = lambda *_: setattr(stand.backend, "session", FakeSession())
    for session in hanging:
        session.gate.set()  # they wake up after all
    stand.wait(
        lambda: all(session.closed for session in hanging) and not stand.pipeline._inference.hung_threads
    )
    stand.pipeline.engine.set_model("a third")
    stand.wait(lambda: bool(stand.screen.labels()[-1]))


def test_a_file_in_a_hanging_engine_has_its_error_and_the_next_are_done(make_stand, tmp_path):
    from gui.capture.spec import source_for
    from tests.gui.workers.test_pipeline_sources import write_grey

    stand = make_stand(source_for)
    hanging = stand.session
    hanging.gate.clear()
    paths = [write_grey(tmp_path / f"{grey}.png", grey) for grey in (11, 22, 33)]
    stand.pipeline.start(str(tmp_path))
    stand.wait(lambda: hanging.runs == 1)
    stand.backend.session = type(hanging)()
    stand.wait(lambda: stand.pipeline.batch is not None and len(stand.pipeline.batch.items) == 3)
    items = stand.pipeline.batch.items
    assert [item.path for item in items] == paths
    assert items[0].error == "engine: engine gave no answer"
    assert [item.top[0].name for item in items[1:]] == ["grey 22", "grey 33"]
    hanging.gate.set()


def close_while_the_engine_hangs(make_stand, beside: int = 0) -> float:
    """Return how many seconds closing takes, with so many other threads that do not end either."""
    stand = make_stand(EndlessSource())
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.session.runs > 0)
    stand.session.gate.clear()
    for number in range(beside):
        stand.pipeline.run_beside(f"hangs {number}", never, lambda: None)
    stand.wait(lambda: stand.pipeline.engine_state is EngineState.STALLED)
    began_s = time.monotonic()
    stand.pipeline.close()
    took_s = time.monotonic() - began_s
    assert stand.pipeline.drops.in_flight == 0
    return took_s


def test_closing_does_not_wait_for_a_hanging_engine(make_stand, monkeypatch):
    monkeypatch.setattr("gui.workers.pipeline.JOIN_PATIENCE_S", 0.2)
    assert close_while_the_engine_hangs(make_stand) < 5.0


def test_closing_waits_for_all_threads_together_and_not_for_each(make_stand, monkeypatch):
    monkeypatch.setattr("gui.workers.pipeline.JOIN_PATIENCE_S", 0.5)
    assert close_while_the_engine_hangs(make_stand, beside=4) < 2.0


def test_a_picture_that_cannot_be_processed_is_counted_and_the_next_goes_on(make_stand, monkeypatch):
    source = FakeSource()
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait_ready()

    def refuse(image):
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr("gui.workers.inference.paintable", refuse)
        source.put(picture(1))
        stand.wait(lambda: stand.pipeline.drops.count(DropReason.NOT_PROCESSED) == 1)
    source.put(picture(2))
    stand.wait(lambda: stand.screen.labels() == ["grey 2"])
    assert stand.texts() == ["picture: MemoryError: no room"]


def test_a_fault_behind_the_engine_does_not_freeze_the_picture(make_stand):
    source = FakeSource()
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait_ready()
    del stand.session.labels  # what the smoothing of labels needs
    stand.pipeline.set_smoothing(True)
    for grey in (1, 2, 3):
        source.put(picture(grey))
        stand.wait(
            lambda grey=grey: bool(stand.screen.painted) and stand.screen.painted[-1].rgb[0, 0, 0] == grey
        )
    assert stand.pipeline.drops.count(DropReason.NOT_PROCESSED) == 0
    assert "no attribute 'labels'" in stand.texts()[0]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_inference_thread_is_replaced(make_stand, monkeypatch):
    source = FakeSource()
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.session.error = SystemExit()  # ends a thread silently, and no edge catches it
    source.put(picture(1))
    stand.wait(lambda: stand.pipeline.repairs.of(Repair.THREAD_RESTARTED) == 1)
    stand.session.error = None
    stand.wait_ready()
    source.put(picture(2))
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 2"])


@pytest.mark.parametrize("factor", [0.0, 1.0, 5.0, 1e9])
def test_overload_slows_the_engine_within_its_bounds(make_stand, factor):
    source = FakeSource()
    stand = make_stand(source)
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.pipeline.set_overload(factor)
    bounded = min(max(factor, 1.0), 100.0)
    assert stand.pipeline.overload == bounded
    source.put(picture(1))
    stand.wait(lambda: stand.screen.labels() == ["grey 1"])
    run_ns = stand.screen.painted[0].times.run_ns
    assert run_ns >= bounded * 2_000_000
    assert (run_ns == 2_000_000) == (bounded == 1.0)
