"""Reports: figures that are those of the frames, a page that loads nothing, a table no spreadsheet misreads."""

import csv
import gc
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import typer

from engine.cli.edge import run
from gui.core.errors import GuiError
from gui.core.latency import Stage
from gui.core.state import Severity
from gui.monitor import svg_plot
from gui.monitor.history_file import HistoryError
from gui.monitor.history_reader import HistoryReader
from gui.monitor.records import Counts, EngineRecord, EventKind, EventRecord
from gui.monitor.report import make_report
from gui.monitor.report_files import ReportError, html_page, write_csv, write_html
from gui.monitor.svg_plot import Line, time_plot
from gui.report_command import report as report_command
from tests.gui.monitor.diary import ENGINE, Diary, frame, frames_of

NASTY = '=cmd("x")<script>alert(1)</script>'


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Two sessions: one frame long ago, then three minutes with two engines, an alarm and a nasty label."""
    path = tmp_path_factory.mktemp("report") / "history.sqlite"
    first = Diary(path)
    first.writer.write([frame(first.clock.monotonic_ns)], Counts(captured=1))
    first.writer.close()
    diary = Diary(path)
    diary.clock.pass_s(600)
    diary = Diary(path, clock=diary.clock)
    shown = 0
    for number, batch in enumerate(frames_of(diary.clock, seconds=180, fps=20)):
        shown += len(batch)
        news = [ENGINE] if number == 0 else []
        if number == 180:
            other = EngineRecord("mobilenet", "am68a", "ti", "numpy", 2)
            now_ns = diary.clock.monotonic_ns
            news = [
                other,
                EventRecord(now_ns, EventKind.ALARM, Severity.BAD, f"too slow {NASTY}"),
                frame(now_ns, label=NASTY),
            ]
            shown += 1
        dropped = {"newer frame arrived": shown // 4, "could not be decoded": shown // 100}
        diary.writer.write(
            [*news, *batch] if number == 0 else [*batch, *news], Counts(2 * shown, shown, shown // 2, dropped)
        )
    diary.writer.close()
    return path


@pytest.fixture
def reader(history):
    with HistoryReader(history) as opened:
        yield opened


def test_the_last_session_is_reported_with_exact_figures(reader):
    report = make_report(reader)
    document = report.document()
    frames = reader.frames(report.session.span, report.session.id)
    run_ms = frames.stages_ms[Stage.RUN]
    assert document["frames"]["shown"] == document["frames"]["kept"] == run_ms.size == 3601
    assert document["host_ms"]["run"]["p95"] == pytest.approx(np.percentile(run_ms, 95))
    assert document["frame_age_ms"]["max"] == frames.stages_ms[Stage.AGE].max()
    assert document["frames"]["captured"] == 2 * 3601
    assert document["frames"]["dropped"] == {"newer frame arrived": 900, "could not be decoded": 36}
    assert document["compare"]["agreement"] == pytest.approx(0.5, abs=0.001)
    assert document["device_ms"] == 2.4
    assert document["fps"] == pytest.approx(20.0, abs=0.1)
    assert [each["engine"].split()[0] for each in document["engines"]] == ["efficientnet_lite0", "mobilenet"]
    assert sum(each["frames"] for each in document["engines"]) == 3601
    assert document["events"][0]["kind"] == "alarm"


def test_another_session_can_be_asked_for(reader):
    assert make_report(reader, 1).document()["frames"]["shown"] == 1
    with pytest.raises(HistoryError, match="there is no session 99; the last ones are 1, 2"):
        make_report(reader, 99)


def test_a_history_without_a_picture_is_a_clear_error(tmp_path):
    diary = Diary(tmp_path / "h.sqlite")
    diary.writer.write([], Counts())
    diary.writer.close()
    with (
        HistoryReader(diary.path) as reader,
        pytest.raises(HistoryError, match="no session in it showed a picture"),
    ):
        make_report(reader)


class Page(HTMLParser):
    """Collects tags and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_page_runs_nothing_loads_nothing_and_says_which_time_is_which(reader):
    text = html_page(make_report(reader))
    page = Page(text)
    assert not {"script", "img", "link", "iframe", "object"} & set(page.tags)
    assert not {"src", "href", "onclick"} & page.attributes
    assert "default-src 'none'" in text
    assert page.tags.count("svg") == 5
    assert "&lt;script&gt;" in text
    for words in ("Frame age, measured", "Run, measured", "chip (modelled)", "Float against 8 bit"):
        assert words in text


def test_the_table_has_every_frame_and_no_formula(reader, tmp_path):
    report = make_report(reader)
    assert write_csv(reader, report, tmp_path / "frames.csv") == 3601
    with (tmp_path / "frames.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3601
    frames = reader.frames(report.session.span, report.session.id)
    assert [float(row["run_ms_measured"]) for row in rows] == pytest.approx(frames.stages_ms[Stage.RUN])
    assert rows[0]["chip_ms_modelled"] == "2.400"
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())
    assert sum("script" in row["label"] for row in rows) == 1
    assert rows == sorted(rows, key=lambda row: row["time"])


def test_a_file_that_cannot_be_written_is_a_clear_error(reader, tmp_path):
    report, path = make_report(reader), tmp_path / "nowhere" / "file"
    with pytest.raises(ReportError, match="choose another file"):
        write_html(report, path)
    with pytest.raises(ReportError, match="choose another file"):
        write_csv(reader, report, path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's")
def test_a_table_that_the_disk_has_no_room_for_is_one_line(history, capsys):
    assert command(str(history), "--csv", "/dev/full") == 1
    gc.collect()  # what was left of the query
    assert capsys.readouterr().err.count("\n") == 1


def command(*arguments: str) -> int:
    app = typer.Typer()
    app.command("report")(report_command)
    return run(app, arguments, (GuiError,))


def test_the_command_prints_json_and_writes_files(history, tmp_path, capsys):
    html, table = tmp_path / "r.html", tmp_path / "r.csv"
    assert command(str(history), "--json", "--html", str(html), "--csv", str(table)) == 0
    assert json.loads(capsys.readouterr().out)["frames"]["shown"] == 3601
    assert html.read_text("utf-8").startswith("<!doctype html>")
    assert len(table.read_text("utf-8").splitlines()) == 3602


def test_the_command_prints_for_people_and_lists_sessions(history, capsys):
    assert command(str(history)) == 0
    assert "frame age p50 / p95 / p99 (measured)" in capsys.readouterr().out
    assert command(str(history), "--sessions") == 0
    assert "3601" in capsys.readouterr().out
    assert command(str(history), "--sessions", "--json") == 0
    assert [row["frames"] for row in json.loads(capsys.readouterr().out)["sessions"]] == [1, 3601]


def test_a_wrong_file_is_one_line_and_status_1(tmp_path, capsys):
    assert command(str(tmp_path / "none.sqlite")) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "no such file" in shown.err
    assert "Traceback" not in shown.err


def test_a_plot_breaks_its_line_where_nothing_was_kept():
    date_us = np.array([0, 60, 120, 600, 660]) * 1_000_000
    line = Line("p50", "#000000", np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert time_plot(date_us, [line], "ms", 90_000_000).count("<polyline") == 2
    alone = Line("p50", "#000000", np.array([1.0, np.nan, np.nan, 4.0, 5.0]))
    assert time_plot(date_us, [alone], "ms", 90_000_000).count("<circle") == 1


def test_a_session_of_a_minute_stands_in_the_middle_and_no_time_is_cut_off():
    line = Line("p50", "#000000", np.array([2.0]), 0.5)
    text = time_plot(np.array([600_000_000]), [line], "ms", 90_000_000)
    (x_px,) = re.findall(r'<circle cx="([0-9.]+)".*opacity="0.5"', text)
    assert float(x_px) == pytest.approx((svg_plot._LEFT_PX + svg_plot.WIDTH_PX - svg_plot._RIGHT_PX) / 2)
    minutes = Line("p50", "#000000", np.arange(3.0))
    text = time_plot(np.arange(3) * 60_000_000, [minutes], "ms", 90_000_000)
    last_px = max(float(x) for x in re.findall(r'<text x="([0-9.]+)"[^>]*middle', text))
    assert last_px + 18 < svg_plot.WIDTH_PX  # half of "12:34" at 11 px


@pytest.mark.parametrize("values", [[], [0.0], [np.nan], [1e-9], [1e12], [0.0, 0.0]])
def test_any_values_can_be_plotted(values):
    date_us = np.arange(len(values)) * 60_000_000
    text = time_plot(date_us, [Line("x", "#000000", np.array(values, float))], "ms", 90_000_000)
    assert "nan" not in text
    assert text.count("<line") < 12
