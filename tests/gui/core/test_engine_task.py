"""What is asked for reaches the processes beside the window as it was said."""

import json
from pathlib import Path

from engine.compiler.compile import CompileOptions
from engine.importers.options import ImportOptions, Layout
from gui.core.engine_task import compile_options, task_of
from gui.core.state import EngineChoice

BARE = ImportOptions(
    mean=(1.0, 2.0, 3.0), scale=(0.5, 0.5, 0.5), size=(224, 192), resize_short=256, layout=Layout.NHWC,
    labels=Path("names.txt"), random_weights=3,
)  # fmt: skip


def told(choice: EngineChoice) -> CompileOptions:
    return compile_options(json.loads(json.dumps(task_of(choice))))


def test_everything_that_decides_a_network_is_told():
    choice = EngineChoice("net.onnx", "am68a", "ti", cores=2, clock_mhz=800.0, bare=BARE)
    assert told(choice) == CompileOptions("am68a", "ti", cores=2, clock_hz=800e6, model=BARE)


def test_what_nobody_asked_for_is_the_default():
    assert told(EngineChoice()) == CompileOptions()


def test_another_model_knows_nothing_of_what_was_said_about_the_one_before():
    choice = EngineChoice("net.onnx", cores=2, bare=BARE, labels="l.txt", asked=frozenset({"soc", "cores"}))
    other = choice.with_model("other.onnx")
    assert (other.bare, other.labels, other.asked) == (None, "", frozenset())
    assert other.cores == 2
    assert other.wanted("cores") is None


def test_another_chip_is_as_it_is_made():
    choice = EngineChoice("net.onnx", cores=2, clock_mhz=800.0, asked=frozenset({"cores"})).with_soc("am68a")
    assert (choice.soc, choice.cores, choice.clock_mhz) == ("am68a", None, None)
    assert (choice.wanted("soc"), choice.wanted("cores")) == ("am68a", None)
    assert choice.with_recipe("ti").asked == {"soc", "recipe"}
