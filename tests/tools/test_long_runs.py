"""The long runs themselves can fail: what they judge by, and what a dead process leaves them."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import EngineError
from tests.fuzz.runner import Found, fuzz, last_input
from tests.fuzz.targets import Target
from tests.soak import book
from tests.soak.memory import in_use_bytes

ROOT = Path(__file__).parents[2]


def run(frames: int = 1_000_000, excused: int = 0, **series) -> dict:
    samples = [
        {
            "frames": frames * n // 100,
            "rss_mb": 200.0,
            "threads": 7,
            "handles": 10,
            "in_use_mb": 100.0,
            "quiet": n % 2 == 0,
        }
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
        (run(frames=20_000, in_use_mb=lambda n: 100.0 + n), []),  # too short to tell
        (run(in_use_mb=lambda n: 100.0 + min(n, 20)), []),  # while caches fill
        (run(in_use_mb=lambda n: 100.0 + (n / 4) * (n % 2)), []),  # what is not quiet does not count
        (run(in_use_mb=lambda n: 100.0 + n / 4), ["memory in use grew by 2.50 MB per 100,000 frames"]),
        (run(rss_mb=lambda n: 200.0 + n / 5 + n % 9), []),  # gaps come and go, and stay below the limit
        (run(rss_mb=lambda n: 200.0 + n / 2), ["RSS at its lowest is 26 MB more in the last quarter"]),
        (run(in_use_mb=lambda n: None), []),
        (
            run(in_use_mb=lambda n: None, rss_mb=lambda n: 200.0 + n / 4),
            ["RSS grew by 2.50 MB per 100,000 frames"],
        ),
        (run(handles=lambda n: 10 + n // 10), ["5 handles more at the quietest moment"]),
        (run(threads=lambda n: 7 + n // 5 + n % 3), ["10 threads more at the quietest moment"]),
        (run(excused=6), ["6 of 100 steps had to be excused"]),
    ],
)
def test_a_soak_is_judged_as_a_whole(judged, says):
    found = book.judge(judged)
    assert len(found) == len(says)
    assert all(text.startswith(said) for text, said in zip(found, says, strict=True))


@pytest.mark.parametrize(("bytes_per_frame", "found"), [(0, []), (10, ["memory in use grew by"])])
def test_a_leak_of_ten_bytes_per_frame_is_found_in_the_fewest_frames_judged(bytes_per_frame, found):
    rng = random.Random(1)

    def in_use_mb(n):
        """As measured: a minute of the history fills and is summed up, and rendered texts come and go over a third of a run."""
        leaked_mb = bytes_per_frame * book.FEWEST_FRAMES * n / 100 / 1e6
        texts_mb = 2.5 * max(0.0, 1.0 - abs(n - 60) / 17)
        return 88.0 + (n % 3) / 3 + texts_mb + rng.gauss(0.0, 0.3) + leaked_mb

    judged = run(frames=book.FEWEST_FRAMES, in_use_mb=in_use_mb, rss_mb=lambda n: 200.0 + rng.uniform(0, 15))
    texts = book.judge(judged)
    assert [text[: len(found[0])] for text in texts] == found if found else not texts


@pytest.mark.skipif(in_use_bytes() is None, reason="the C library does not tell what is in use")
@pytest.mark.parametrize("size", [48, 5000, 3_000_000], ids=["Python's", "the C library's", "of the system"])
def test_what_is_kept_is_in_use_and_what_is_freed_is_not(size):
    bytes_in_all = 12_000_000
    before = in_use_bytes()
    kept = [bytes(size) for _ in range(bytes_in_all // size)]
    during = in_use_bytes()
    del kept
    after = in_use_bytes()
    assert 1.0 * bytes_in_all < during - before < 2.5 * bytes_in_all
    assert abs(after - before) < 0.1 * bytes_in_all


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
