"""The long runs themselves can fail: what they judge by, and what a dead process leaves them."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import EngineError
from tests.fuzz.runner import Found, fuzz, last_input
from tests.fuzz.targets import Target
from tests.soak import book

ROOT = Path(__file__).parents[2]


def run(frames: int = 1_000_000, excused: int = 0, **series) -> dict:
    samples = [
        {"frames": frames * n // 100, "rss_mb": 200.0, "threads": 7, "handles": 10}
        | {name: of(n) for name, of in series.items()}
        for n in range(101)
    ]
    return {
        "captured": frames, "faults": {"camera stalls": 90}, "actions": {"pause": 10}, "excused": ["late"] * excused,
        "samples": samples,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("judged", "says"),
    [
        (run(), []),
        (run(threads=lambda n: 7 + 20 * (n % 3)), []),  # comes and goes
        (run(excused=5), []),
        (run(frames=20_000, rss_mb=lambda n: 200.0 + n), []),  # too short to tell
        (run(rss_mb=lambda n: 200.0 + min(n, 20)), []),  # while caches fill
        (run(rss_mb=lambda n: 200.0 + n / 4), ["RSS grew by 2.50 MB per 100,000 frames"]),
        (run(handles=lambda n: 10 + n // 10), ["5 handles more at the quietest moment"]),
        (run(threads=lambda n: 7 + n // 5 + n % 3), ["10 threads more at the quietest moment"]),
        (run(excused=6), ["6 of 100 steps had to be excused"]),
    ],
)
def test_a_soak_is_judged_as_a_whole(judged, says):
    found = book.judge(judged)
    assert len(found) == len(says)
    assert all(text.startswith(said) for text, said in zip(found, says, strict=True))


def test_the_soak_judges_memory_unless_told_otherwise():
    script = (
        "import sys; sys.argv[1:] = []; from tests.soak.__main__ import _options; print(_options().per_seed)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert int(shown.stdout) >= book.FEWEST_FRAMES


def fuzzed(execute) -> str:
    target = Target("test", lambda _: ([b"seed"], execute))
    with pytest.raises(Found) as caught:
        fuzz(target, 1, 5.0, lambda *_: None)
    return str(caught.value)


def answering(cause: Exception):
    def execute(data: bytes) -> None:
        try:
            raise cause
        except Exception as error:
            raise EngineError("too large") from error

    return execute


class OpenCvError(Exception):
    code = -4


@pytest.mark.parametrize("cause", [MemoryError(), OpenCvError("Insufficient memory")])
def test_an_allocation_that_failed_behind_an_answer_is_a_find(cause):
    assert fuzzed(answering(cause)) == "asked for more than 1024 MB: too large"


def test_an_answer_of_two_lines_is_a_find():
    def execute(data: bytes) -> None:
        raise EngineError("two\nlines")

    assert fuzzed(execute).startswith("the answer is not one line")


def test_the_input_that_killed_the_process_is_kept(tmp_path):
    path = tmp_path / "deep" / "current"
    script = (
        "import faulthandler; from pathlib import Path; from tests.fuzz.runner import FlightRecorder\n"
        f"recorder = FlightRecorder(Path({str(path)!r}))\n"
        "for data in (b'a longer one before', b'deadly'): recorder.note(data)\n"
        "faulthandler._sigsegv()"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, timeout=60).returncode < 0
    assert last_input(path) == b"deadly"
