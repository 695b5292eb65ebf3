"""Metrics: text that Prometheus' own parser takes, JSON, and a listener that only this computer reaches."""

import contextlib
import http.client
import json
import socket
import statistics
import time
from threading import Thread

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gui.compare.function import FunctionServer
from gui.compare.function import _Handler as function_handler
from gui.core.latency import Percentiles, Stage
from gui.monitor.endpoint import MOST_REQUESTS_AT_ONCE, Endpoint, EndpointError
from gui.monitor.endpoint import _Handler as endpoint_handler
from gui.monitor.figures import CloudFigures, CompareFigures, Figures, document, prometheus_text
from gui.monitor.records import EngineRecord

NASTY = 'name "quoted" \\ with\nnewline'
FIGURES = Figures(
    version="0.1",
    uptime_s=3600.25,
    source_state="live",
    engine_state="ready",
    engine=EngineRecord(NASTY, "tda4vm", "lens7", "native", 1),
    captured=1000,
    labelled=900,
    shown=890,
    dropped={"newer frame arrived": 100, "replaced before painting": 10},
    fps=59.9,
    stages={
        Stage.RUN: Percentiles(4.0, 5.0, 6.0, 7.0),
        Stage.AGE: Percentiles(9.0, 12.0, 15.0, 30.0),
        Stage.QUEUE: None,
    },
    modelled_ms=2.4,
    memory_bytes=300_000_000,
    alarms=("latency p95 is 83 ms",),
    compare=CompareFigures(500, 480, 20, 0.993),
    cloud=CloudFigures(300, 3, 5_000_000, 120.0, 180.0),
    history_lost=2,
)
BARE = Figures("0.1", 1.0, "starting", "no model", None, 0, 0, 0, {}, 0.0, {}, None, 1)


def samples(figures: Figures) -> dict[tuple[str, frozenset], float]:
    families = list(text_string_to_metric_families(prometheus_text(figures)))
    assert len({family.name for family in families}) == len(families)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize(
    "listen", [lambda: Endpoint(0, lambda: None)._server, lambda: FunctionServer(None, "", 1)]
)
def test_nobody_is_asked_for_this_computers_name(monkeypatch, listen):
    """A name service that does not answer would hold up the window for seconds."""
    monkeypatch.setattr(socket, "getfqdn", lambda *_: pytest.fail("a name service was asked"))
    listen().server_close()


def test_prometheus_own_parser_reads_every_figure():
    facts = {
        "version": "0.1",
        "model": NASTY,
        "soc": "tda4vm",
        "recipe": "lens7",
        "kernels": "native",
        "threads": "1",
    }
    expected = {
        ("lens7_info", frozenset(facts.items())): 1,
        ("lens7_source_state", frozenset({("state", "live")})): 1,
        ("lens7_engine_state", frozenset({("state", "ready")})): 1,
    }
    numbers = {
        "uptime_seconds": 3600.25, "frames_captured_total": 1000, "frames_labelled_total": 900, "frames_shown_total": 890,
        "frames_per_second": 59.9, "chip_modelled_seconds": 0.0024, "resident_memory_bytes": 3e8, "alarms": 1,
        "history_lost_records_total": 2, "frames_compared_total": 500, "frames_agreed_total": 480,
        "compare_dropped_total": 20, "logit_cosine": 0.993, "cloud_answers_total": 300, "cloud_failures_total": 3,
        "cloud_sent_bytes_total": 5_000_000,
    }  # fmt: skip
    expected |= {(f"lens7_{name}", frozenset()): value for name, value in numbers.items()}
    for reason, count in FIGURES.dropped.items():
        expected["lens7_frames_dropped_total", frozenset({("reason", reason)})] = count
    quantiles = ("0.5", "0.95", "0.99", "1")
    for stage, times_s in (("run", (0.004, 0.005, 0.006, 0.007)), ("frame age", (0.009, 0.012, 0.015, 0.03))):
        for quantile, time_s in zip(quantiles, times_s, strict=True):
            expected["lens7_stage_seconds", frozenset({("stage", stage), ("quantile", quantile)})] = time_s
    for quantile, time_s in (("0.5", 0.12), ("0.95", 0.18)):
        expected["lens7_cloud_seconds", frozenset({("quantile", quantile)})] = time_s
    assert samples(FIGURES) == expected


def test_every_family_has_help_and_a_known_type():
    for family in text_string_to_metric_families(prometheus_text(FIGURES)):
        assert family.documentation
        assert family.type in ("gauge", "counter")


def test_what_is_not_there_is_left_out_not_made_up():
    names = {name for name, _ in samples(BARE)}
    assert not names & {"lens7_chip_modelled_seconds", "lens7_frames_compared_total", "lens7_cloud_seconds"}
    told = document(BARE)
    assert (told["device_ms"], told["compare"], told["cloud"], told["engine"]) == (None, None, None, None)


def test_the_document_is_json_and_says_the_same():
    told = json.loads(json.dumps(document(FIGURES)))
    assert told["host_ms"]["run"] == {"p50": 4.0, "p95": 5.0, "p99": 6.0, "max": 7.0}
    assert told["host_ms"]["queue"] is None
    assert told["frames"]["dropped"]["newer frame arrived"] == 100
    assert told["compare"] == {"compared": 500, "agreed": 480, "dropped": 20, "cosine": 0.993}
    assert told["cloud"] == {
        "answered": 300, "failed": 3, "bytes_sent": 5_000_000, "p50_ms": 120.0, "p95_ms": 180.0,
    }  # fmt: skip
    assert told["frames"] == {
        "captured": 1000,
        "inferred": 900,
        "shown": 890,
        "dropped": dict(FIGURES.dropped),
    }
    assert (told["fps"], told["device_ms"], told["memory_bytes"]) == (59.9, 2.4, 300_000_000)
    assert (told["alarms"], told["history_lost"], told["uptime_s"]) == (["latency p95 is 83 ms"], 2, 3600.2)


@pytest.fixture
def endpoint():
    served = Endpoint(0, lambda: FIGURES)
    thread = Thread(target=served.run)
    thread.start()
    yield served
    served.stop()
    thread.join(10)
    assert not thread.is_alive()


def ask(endpoint, path="/metrics", method="GET", host=None):
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=10)
    try:
        connection.request(method, path, headers={} if host is None else {"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read().decode()
    finally:
        connection.close()


def test_metrics_and_json_are_served(endpoint):
    status, kind, text = ask(endpoint)
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert text == prometheus_text(FIGURES)
    status, kind, text = ask(endpoint, "/metrics.json")
    assert (status, kind) == (200, "application/json")
    assert json.loads(text) == document(FIGURES)
    assert ask(endpoint, host=f"localhost:{endpoint.port}")[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9464", "127.0.0.1.evil.example", ""])
def test_a_foreign_host_name_is_refused(endpoint, host):
    status, _, text = ask(endpoint, host=host)
    assert status == 403
    assert "lens7_" not in text


def test_other_paths_and_methods_are_refused(endpoint):
    assert ask(endpoint, "/etc/passwd")[0] == 404
    assert ask(endpoint, "/metrics", "POST")[0] == 501
    assert ask(endpoint, "/metrics", "HEAD")[2] == ""


def test_no_figures_yet_is_said():
    served = Endpoint(0, lambda: None)
    thread = Thread(target=served.run)
    thread.start()
    try:
        assert ask(served)[0] == 503
    finally:
        served.stop()
        thread.join(10)


def test_only_this_computer_reaches_it(endpoint):
    addresses = [
        address.address
        for interface in psutil.net_if_addrs().values()
        for address in interface
        if address.family is socket.AF_INET and not address.address.startswith("127.")
    ]
    if not addresses:
        pytest.skip("this machine has no network address besides its own loopback")
    for address in addresses:
        with (
            pytest.raises((ConnectionRefusedError, TimeoutError)),
            socket.create_connection((address, endpoint.port), timeout=2),
        ):
            pass


def test_a_taken_port_is_a_clear_error(endpoint):
    with pytest.raises(EndpointError, match=f"port {endpoint.port} of 127.0.0.1: .* choose another port"):
        Endpoint(endpoint.port, lambda: None)


@pytest.mark.parametrize("port", [-1, 70_000])
def test_an_impossible_port_is_a_clear_error(port):
    with pytest.raises(EndpointError, match="choose another port"):
        Endpoint(port, lambda: None)


@pytest.mark.parametrize(
    "request_", [b"", b"\r\n\r\n", b"\x00\xff" * 100, b"GET " + b"a" * 100_000, b"GET / HTTP/9.9\r\n\r\n"]
)
def test_nonsense_is_survived(endpoint, request_):
    # It may be hung up on before all of it was read.
    address = ("127.0.0.1", endpoint.port)
    with contextlib.suppress(OSError), socket.create_connection(address, timeout=10) as client:
        client.sendall(request_)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass
    assert ask(endpoint)[0] == 200


def test_idle_clients_take_only_so_many_places(endpoint):
    idle = [
        socket.create_connection(("127.0.0.1", endpoint.port), timeout=10)
        for _ in range(MOST_REQUESTS_AT_ONCE)
    ]
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=10) as turned_away:
        assert turned_away.recv(1) == b""
    for client in idle:
        client.close()
    deadline_s = time.monotonic() + 10
    while time.monotonic() < deadline_s:
        try:
            status = ask(endpoint)[0]
        except (http.client.HTTPException, OSError):
            continue
        break
    assert status == 200


@pytest.mark.parametrize("handler", [endpoint_handler, function_handler])
def test_a_client_that_sends_a_byte_now_and_then_is_hung_up_on(monkeypatch, handler):
    monkeypatch.setattr(handler, "timeout", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    serving = Thread(target=lambda: handler(theirs, ("127.0.0.1", 1), None))
    serving.start()
    ours.settimeout(0.1)
    began_s = time.monotonic()
    while serving.is_alive() and time.monotonic() - began_s < 10:
        with contextlib.suppress(OSError):
            ours.sendall(b"G")
            ours.recv(1)
    ours.close()
    serving.join(10)
    theirs.close()
    assert 0.5 <= time.monotonic() - began_s < 10


def test_an_answer_takes_less_than_5_ms(endpoint):
    took_ms = []
    for _ in range(30):
        start_ns = time.perf_counter_ns()
        ask(endpoint)
        took_ms.append((time.perf_counter_ns() - start_ns) / 1e6)
    assert statistics.median(took_ms) < 5.0
