"""Choosing, compiling, cancelling and losing the engine while the picture goes on."""

import threading
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine import EngineError
from gui.core.batch import Batch
from gui.core.state import EngineChoice, EngineState, Progress, SourceState
from gui.core.unnamed import Unnamed
from gui.workers.doorbell import Doorbell
from tests.gui.fakes import EndlessSource, FakeBackend, FakeSession, FakeSource, picture


def compile_until_cancelled(choice, status, cancellation):
    """Compile like the real thing: report progress, then wait for the end or for a cancellation."""
    status.set_engine(EngineState.COMPILING)
    status.set_progress(Progress("quantizing", 0.5))
    stopped = threading.Event()
    cancellation.stop_job_by(stopped.set)
    stopped.wait(10)
    status.set_progress(None)
    cancellation.check()


def test_a_chosen_soc_is_compiled_while_the_old_engine_goes_on(make_stand):
    first, second = FakeSession(), FakeSession(soc="am68a")
    backend = FakeBackend(first)
    stand = make_stand(EndlessSource(), backend)
    stand.pipeline.start("fake")
    stand.wait_ready()
    finish = threading.Event()

    def work(choice, status, cancellation):
        status.set_engine(EngineState.COMPILING)
        status.set_progress(Progress("quantizing", 0.25))
        finish.wait(10)
        status.set_progress(None)
        backend.session = second

    backend.work = work
    stand.pipeline.engine.set_soc("am68a")
    stand.wait(lambda: stand.pipeline.progress == Progress("quantizing", 0.25))
    assert stand.pipeline.engine_state is EngineState.COMPILING
    assert stand.pipeline.session_info.soc == "tda4vm"
    runs = first.runs
    stand.wait(lambda: first.runs > runs)
    finish.set()
    stand.wait(lambda: second.runs > 0)
    stand.wait(lambda: first.closed)
    assert stand.pipeline.session_info.soc == "am68a"
    assert stand.pipeline.progress is None
    assert backend.asked == [EngineChoice(), EngineChoice(soc="am68a")]


def test_a_held_picture_is_labelled_by_the_engine_that_comes(make_stand):
    first, second = FakeSession(), FakeSession(soc="am68a")
    backend = FakeBackend(first)
    source = FakeSource()
    stand = make_stand(source, backend)
    stand.pipeline.start("fake")
    stand.wait_ready()
    source.put(picture(10))
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 10"])
    stand.pipeline.set_paused(True)
    backend.session = second
    stand.pipeline.engine.set_soc("am68a")

    def is_labelled() -> bool:
        source.put(picture(99))  # the present goes on unseen
        return second.runs == 1

    stand.wait(is_labelled)
    stand.wait(lambda: stand.pipeline.drops.in_flight == 0)
    assert set(stand.screen.labels()) - {""} == {"grey 10"}


def test_a_picture_held_before_there_was_an_engine_is_labelled(make_stand):
    backend, began = FakeBackend(), threading.Event()
    backend.work = lambda *_: began.wait(10)
    source = FakeSource(picture(10))
    stand = make_stand(source, backend)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.screen.labels() == [""])
    stand.pipeline.set_paused(True)
    began.set()

    def is_labelled() -> bool:
        source.put(picture(99))
        return stand.screen.labels()[-1] == "grey 10"

    stand.wait(is_labelled)


def test_the_last_picture_of_a_video_is_labelled_by_the_engine_that_comes(make_stand):
    first, second = FakeSession(), FakeSession(soc="am68a")
    backend = FakeBackend(first)
    stand = make_stand(FakeSource(picture(10), picture(20), None, is_live=False), backend)
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 20"])
    stand.qtbot.wait(1)  # the pipeline hears of the first engine before there is another
    backend.session = second
    stand.pipeline.engine.set_soc("am68a")
    stand.wait(lambda: second.runs == 1)
    stand.wait(lambda: stand.pipeline.drops.in_flight == 0)
    assert stand.screen.labels()[-1] == "grey 20"
    assert stand.pipeline.source_state is SourceState.ENDED


def test_a_dropped_picture_is_labelled_by_the_engine_that_comes(make_stand, tmp_path):
    first, second = FakeSession(), FakeSession(soc="am68a")
    backend = FakeBackend(first)
    path = tmp_path / "dark.png"
    cv2.imwrite(str(path), np.full((30, 40, 3), 10, np.uint8))
    stand = make_stand(EndlessSource(), backend)
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.pipeline.open_files([path])
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 10"])
    backend.session = second
    stand.pipeline.engine.set_soc("am68a")
    stand.wait(lambda: second.runs == 1)
    assert len(stand.pipeline.batch.items) == 1


class Renaming(FakeSession):
    """Names pictures like the fake session, in words of its own."""

    def run(self, image):
        result = super().run(image)
        return replace(result, top=tuple(replace(label, name=f"new {label.name}") for label in result.top))


def grey_files(folder: Path) -> list[Path]:
    paths = [folder / f"{grey}.png" for grey in (10, 20, 30)]
    for path in paths:
        cv2.imwrite(str(path), np.full((30, 40, 3), int(path.stem), np.uint8))
    return paths


def names_of(batch: Batch | None) -> list[str]:
    return [item.top[0].name if item.top else item.error for item in batch.items] if batch else []


@pytest.mark.parametrize("shown", [0, 2], ids=["first", "last"])
def test_all_files_of_a_batch_are_labelled_by_the_engine_that_comes(make_stand, tmp_path, shown):
    backend, paths = FakeBackend(), grey_files(tmp_path)
    stand = make_stand(EndlessSource(), backend)
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.pipeline.open_files(paths)
    stand.wait(lambda: names_of(stand.pipeline.batch) == ["grey 10", "grey 20", "grey 30"])
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    stand.pipeline.show_file(shown)
    stand.wait(lambda: stand.screen.labels()[-1:] == [f"grey {paths[shown].stem}"])
    backend.session = Renaming(soc="am68a")
    stand.pipeline.engine.set_soc("am68a")
    stand.wait(lambda: names_of(stand.pipeline.batch) == ["new grey 10", "new grey 20", "new grey 30"])
    stand.wait(lambda: stand.screen.labels()[-1:] == [f"new grey {paths[shown].stem}"])
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)


def test_files_are_not_labelled_anew_by_kernels_that_give_the_same_answers(make_stand, tmp_path):
    backend = FakeBackend()
    stand = make_stand(EndlessSource(), backend)
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.pipeline.open_files(grey_files(tmp_path))
    stand.wait(lambda: names_of(stand.pipeline.batch) == ["grey 10", "grey 20", "grey 30"])
    stand.wait(lambda: stand.pipeline.source_state is SourceState.ENDED)
    backend.session = Renaming()
    stand.pipeline.engine.set_kernels("numpy")
    stand.wait(
        lambda: stand.screen.labels()[-1:] == ["new grey 30"]
    )  # the picture in the view: its times are new
    assert names_of(stand.pipeline.batch) == ["grey 10", "grey 20", "grey 30"]


def test_files_are_labelled_anew_though_not_all_were_read(make_stand, tmp_path):
    backend = FakeBackend()
    one, two = (replace(picture(grey), path=tmp_path / str(grey)) for grey in (10, 20))
    source = FakeSource(one, is_live=False, total=2)
    stand = make_stand(source, backend)
    stand.pipeline.start("fake")
    stand.wait(lambda: names_of(stand.pipeline.batch) == ["grey 10"])
    backend.session = Renaming(soc="am68a")
    stand.pipeline.engine.set_soc("am68a")
    stand.wait(lambda: names_of(stand.pipeline.batch) == [])
    source.put(None, one, two, None)  # the reading that was given up gets the first of them
    stand.wait(lambda: names_of(stand.pipeline.batch) == ["new grey 10", "new grey 20"])


def refuse(choice, status, cancellation):
    raise EngineError(f"{choice.model}: no such model")


def test_files_that_no_engine_labelled_are_labelled_by_the_one_that_comes(make_stand, tmp_path):
    backend = FakeBackend()
    backend.work = refuse
    stand = make_stand(EndlessSource(), backend)
    stand.pipeline.start("fake")
    stand.pipeline.open_files(grey_files(tmp_path))
    stand.wait(lambda: names_of(stand.pipeline.batch) == [EngineState.FAILED.word] * 3)
    backend.work = lambda *_: None
    stand.pipeline.engine.set_model("other.onnx")
    stand.wait(lambda: names_of(stand.pipeline.batch) == ["grey 10", "grey 20", "grey 30"])


def stand_with_cancelled_compilation(make_stand):
    """Return a stand whose compilation of another model was cancelled, and its backend."""
    backend = FakeBackend()
    stand = make_stand(EndlessSource(), backend)
    stand.pipeline.start("fake")
    stand.wait_ready()
    backend.work = compile_until_cancelled
    stand.pipeline.engine.set_model("other.onnx")
    stand.wait(lambda: stand.pipeline.progress is not None)
    stand.pipeline.engine.cancel_compile()
    stand.wait_ready()
    return stand, backend


class Nameless(FakeSession):
    """Its answers hold no label: for pictures darker than 25 its ``scores`` tell nothing."""

    scores = np.full(3, np.nan, np.float32)

    def run(self, image):
        result = super().run(image)
        return replace(result, top=(), logits=self.scores) if image.mean() < 25 else result


@pytest.mark.parametrize("scores", [np.zeros(1, np.float32), Nameless.scores], ids=["one output", "NaN"])
def test_a_network_that_names_nothing_is_told_once_and_why(make_stand, scores):
    session = Nameless("dog_or_not")
    session.scores = scores
    stand = make_stand(EndlessSource(), FakeBackend(session))
    stand.pipeline.start("fake")
    stand.wait(lambda: len(stand.screen.painted) > 3 and stand.screen.painted[-1].times is not None)
    why = Unnamed.ONE_OUTPUT if scores.size == 1 else Unnamed.NO_NUMBERS
    assert stand.screen.painted[-1].unnamed is why
    told = [message.text for message in stand.pipeline.messages()]
    assert told == [f"dog_or_not: {why.value}; choose another model"]


def test_a_file_on_which_a_network_names_nothing_says_why(make_stand, tmp_path):
    stand = make_stand(EndlessSource(), FakeBackend(Nameless()))
    stand.pipeline.start("fake")
    stand.pipeline.open_files(grey_files(tmp_path))
    stand.wait(lambda: names_of(stand.pipeline.batch) == [Unnamed.NO_NUMBERS.value] * 2 + ["grey 30"])
    assert stand.pipeline.batch.failed == 2


def test_another_number_of_threads_is_another_engine(make_stand):
    first, second = FakeSession(), FakeSession()
    backend = FakeBackend(first)
    stand = make_stand(EndlessSource(), backend)
    stand.pipeline.start("fake")
    stand.wait_ready()
    backend.session = second
    stand.pipeline.engine.set_threads(2)
    stand.wait(lambda: second.runs > 0)
    assert backend.asked == [EngineChoice(), EngineChoice(threads=2)]


def test_a_cancelled_compilation_keeps_the_engine(make_stand):
    stand, _ = stand_with_cancelled_compilation(make_stand)
    assert stand.texts()[0] == "compilation cancelled; fake on tda4vm goes on"
    assert stand.pipeline.engine.model == "other.onnx"
    assert [choice.title for choice in stand.pipeline.engine.model_choices()] == [
        "EfficientNet-Lite0",
        "other.onnx",
    ]


def test_a_choice_that_was_given_up_can_be_made_again(make_stand):
    stand, backend = stand_with_cancelled_compilation(make_stand)
    backend.work = lambda *_: None
    stand.pipeline.engine.set_model("other.onnx")
    stand.wait(lambda: len(backend.asked) == 3)
    stand.wait_ready()
    stand.pipeline.engine.set_model("other.onnx")  # it is in use now: nothing to do
    assert [choice.model for choice in backend.asked] == ["efficientnet_lite0", "other.onnx", "other.onnx"]


def test_an_artifact_in_use_tells_its_own_chip(make_stand):
    stand = make_stand(EndlessSource(), FakeBackend(FakeSession(soc="am68a")))
    assert stand.pipeline.engine.soc == "tda4vm"
    stand.pipeline.start("fake")
    stand.wait_ready()
    assert stand.pipeline.engine.soc == "am68a"
    stand.backend.session = FakeSession(soc="am69a")
    stand.pipeline.engine.set_soc("am69a")
    assert stand.pipeline.engine.soc == "am69a"


def test_a_newer_choice_cancels_the_older_silently(make_stand):
    backend = FakeBackend()
    backend.work = lambda *job: compile_until_cancelled(*job) if job[0].soc == "am69a" else None
    stand = make_stand(EndlessSource(), backend)
    stand.pipeline.start("fake")
    stand.wait_ready()
    stand.pipeline.engine.set_soc("am69a")
    stand.wait(lambda: stand.pipeline.progress is not None)
    stand.pipeline.engine.set_soc("am68a")
    stand.wait_ready()
    assert [choice.soc for choice in backend.asked] == ["tda4vm", "am69a", "am68a"]
    assert stand.texts() == []


def test_a_refused_model_is_one_line_and_the_picture_goes_on(make_stand):
    backend = FakeBackend()
    backend.work = refuse
    stand = make_stand(EndlessSource(), backend)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.engine_state is EngineState.FAILED)
    assert stand.texts() == ["efficientnet_lite0: no such model"]
    painted = len(stand.screen.painted)
    stand.wait(lambda: len(stand.screen.painted) > painted + 3)


def test_closing_while_compiling_cancels_it(make_stand):
    backend = FakeBackend()
    backend.work = compile_until_cancelled
    stand = make_stand(EndlessSource(), backend)
    stand.pipeline.start("fake")
    stand.wait(lambda: stand.pipeline.progress is not None)
    stand.pipeline.close()
    assert stand.pipeline.threads() == ()


def test_every_soc_has_a_title(make_stand):
    choices = make_stand(EndlessSource()).pipeline.engine.soc_choices()
    assert choices[0].value == "tda4vm"
    assert all(choice.title for choice in choices)


def test_a_bell_rings_once_for_any_number_of_pushes(qtbot):
    bell = Doorbell()
    heard: list[int] = []
    bell.rung.connect(lambda: heard.append(1))
    pusher = threading.Thread(target=lambda: [bell.ring() for _ in range(1000)])
    pusher.start()
    pusher.join(10)
    qtbot.waitUntil(lambda: bool(heard), timeout=5000)
    assert heard == [1]
    bell.ring()
    qtbot.waitUntil(lambda: heard == [1, 1], timeout=5000)
