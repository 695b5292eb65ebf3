"""What the tests' pipeline answers to, the real one does too."""

from __future__ import annotations

from PySide6.QtCore import QObject

from gui.workers.engine_selector import EngineSelector
from gui.workers.pipeline import Pipeline
from tests.gui.widgets.fake_pipeline import FakePipeline

OF_TESTS = {
    "calls",
    "painted",
    "closed",
    "put",
    "post",
    "set_state",
    "set_progress",
    "set_batch",
    "woken",
    "attract_after_s",
}
OF_INSTANCES = {
    "drops",
    "latency",
    "camera_setups",
    "camera_door",
    "candidates",
    "engine",
}  # set in Pipeline.__init__


def public(thing: object) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_") and not hasattr(QObject, name)}


def test_the_fake_has_nothing_that_the_pipeline_lacks(pipeline: FakePipeline) -> None:
    assert public(pipeline) - OF_TESTS - public(Pipeline) <= OF_INSTANCES
    assert public(pipeline.engine) <= public(EngineSelector)
