"""Eight hours at 30 frames per second through the real history writer: `python -m tests.bench.history_day`.

864,000 frames in commits of half a second, as the window writes them. Prints the file's size, what writing costs of a
processor, and how long it takes to open a day, to zoom in and to make a report.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gui.monitor.history_reader import HistoryReader, Span, day_span
from gui.monitor.records import Counts
from gui.monitor.report import make_report
from tests.gui.monitor.diary import ENGINE, Diary, frames_of

HOURS, FPS = 8, 30


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "history.sqlite")
        print(json.dumps({**write(path), **read(path)}, indent=1))
    return 0


def write(path: Path) -> dict[str, float]:
    diary, shown, cpu_s = Diary(path), 0, 0.0
    diary.writer.write([ENGINE], Counts())
    for batch in frames_of(diary.clock, HOURS * 3600, FPS):
        shown += len(batch)
        totals = Counts(shown + shown // 20, 0, 0, {"newer frame arrived": shown // 20})
        start_s = time.thread_time()
        diary.writer.write(batch, totals)
        cpu_s += time.thread_time() - start_s
    diary.writer.close()
    size_mb = sum(file.stat().st_size for file in path.parent.iterdir()) / 1e6
    return {"frames": shown, "size_mb": size_mb, "cpu_percent_of_a_core": 100 * cpu_s / (HOURS * 3600)}


def read(path: Path) -> dict[str, float]:
    def open_day() -> None:
        with HistoryReader(path) as reader:
            span = day_span(reader.days()[-1])
            reader.minutes(span), reader.events(span), reader.drops(span)

    def zoom() -> None:
        with HistoryReader(path) as reader:
            start_us = int(reader.minutes(Span(0, 1 << 60)).start_us[100])
            reader.frames(Span(start_us, start_us + 1_800_000_000))

    def report() -> None:
        with HistoryReader(path) as reader:
            make_report(reader)

    return {"open_day_ms": took_ms(open_day), "zoom_30_min_ms": took_ms(zoom), "report_ms": took_ms(report)}


def took_ms(work: Callable[[], None]) -> float:
    start_s = time.perf_counter()
    work()
    return (time.perf_counter() - start_s) * 1e3


if __name__ == "__main__":
    sys.exit(main())
