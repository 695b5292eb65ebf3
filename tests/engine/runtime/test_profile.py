"""The profile document, the trace and the report: complete, consistent, and never without the word modelled."""

import json
import re
import time
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from engine.compiler.outline import outline
from engine.compiler.partition import Place
from engine.compiler.predict import predict
from engine.compiler.published_networks import NETWORKS
from engine.errors import CompileError
from engine.program.artifact import Artifact, DeviceSegment, HostSegment
from engine.runtime.profile import Profile, profile_artifact, profile_model
from engine.runtime.profile_html import html_report
from engine.runtime.profile_trace import KERNEL, chrome_trace
from engine.soc import load_soc
from tests.engine.op_graphs import DEVICE_GRAPHS

SHARED = Path(__file__).parents[4] / "shared" / "data" / "topologies"
needs_topologies = pytest.mark.skipif(not SHARED.exists(), reason="the topologies are not beside the project")
TDA4VM = load_soc("tda4vm")
TRACE_COLUMNS = [
    "Layer Cycles", "kernelOnlyCycles", "coreLoopCycles", "LayerSetupCycles", "dmaPipeupCycles", "dmaPipeDownCycles",
    "PrefetchCycles", "copyKerCoeffCycles",
]  # fmt: skip


@pytest.fixture(scope="module")
def profile() -> Profile:
    program = outline(NETWORKS["mobilenet_v2_1p4"](), TDA4VM)
    return Profile("mobilenet_v2_1p4", (program,), (predict(program, TDA4VM),))


@pytest.fixture(scope="module")
def partly_hosted(profile) -> Profile:
    place = Place("norm <1>", "LRN", "host", "local response normalisation & co")
    return Profile("two parts", profile.programs * 2, profile.predictions * 2, (place,))


def test_the_document_keeps_the_contract_and_adds_up(profile):
    document = json.loads(json.dumps(profile.document()))
    assert {"soc", "device_ms", "clock_hz", "utilization", "ddr_mb", "layers"} <= document.keys()
    assert document["device_ms"] == pytest.approx(sum(document["frame_ms"].values()))
    assert 0 < document["utilization"]["network"] < document["utilization"]["core_loop"] <= 1
    for layer in document["layers"]:
        assert layer["cycles"] == layer["kernel_cycles"] + layer["dma_cycles"] + layer["setup_cycles"]
        assert layer["bound"] in ("compute", "memory", "overhead")
        assert 0 <= layer["utilization"] <= 1
        assert list(layer["trace"]) == TRACE_COLUMNS
    cycles = sum(layer["cycles"] for layer in document["layers"])
    assert 1e3 * cycles / document["clock_hz"] == pytest.approx(document["frame_ms"]["proc"], rel=0.3)
    assert sum(layer["macs"] for layer in document["layers"]) == 582_195_824


def test_the_published_latency_stands_beside_the_modelled_one(profile):
    published = profile.document()["published"]
    assert published["network"] == "MobileNetV2 1.4"
    assert published["median_ms"] == pytest.approx(3.02)
    assert all("datasheet" in source for source in published["sources"])
    other = Profile("x", profile.programs, (predict(profile.programs[0], load_soc("am62a")),))
    assert other.document()["published"] is None


def test_no_frame_time_is_claimed_where_the_a72_takes_part(partly_hosted):
    document = partly_hosted.document()
    assert document["device_ms"] is None
    assert document["on_host"] == [
        {"node": "norm <1>", "op": "LRN", "reason": "local response normalisation & co"}
    ]
    assert partly_hosted.modelled_ms > 0


def test_the_trace_is_a_chrome_trace_of_the_whole_frame(profile):
    trace = json.loads(json.dumps(chrome_trace(profile)))
    events = [e for e in trace["traceEvents"] if e["ph"] == "X"]
    names = {e["tid"]: e["args"]["name"] for e in trace["traceEvents"] if e["name"] == "thread_name"}
    assert {e["tid"] for e in events} <= names.keys()
    assert all("modelled" in name for name in names.values())
    assert max(e["ts"] + e["dur"] for e in events) == pytest.approx(1e3 * profile.device_ms, abs=0.01)
    assert min(e["dur"] for e in events) > 0
    kernels = sorted((e["ts"], e["dur"]) for e in events if e["tid"] == KERNEL)
    assert len(kernels) == sum(layer.cycles.kernel > 0 for layer in profile.layers)
    for (start, length), (following, _) in pairwise(kernels):
        assert start + length <= following + 1e-3


class _Page(HTMLParser):
    """Collects tags and attributes; a stray end tag or an open element at the end is an error of the page."""

    VOID = ("meta", "rect", "line", "circle", "path")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        self.links += [value for key, value in attributes if key in ("href", "src")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def _parsed(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    assert page.open == []
    return page


def test_the_report_is_one_page_without_script_or_network(profile):
    text = html_report(profile)
    page = _parsed(text)
    assert "script" not in page.seen
    assert page.links == []
    assert "url(" not in text
    assert "@import" not in text
    assert page.seen.count("svg") >= 5
    assert "prefers-color-scheme:dark" in text


def test_every_layer_is_in_the_charts_and_in_the_table(profile):
    text = html_report(profile)
    for layer in profile.layers:
        assert text.count(f">{layer.name} (") >= 1
        assert f'<td class="name">{layer.name}</td>' in text


def test_the_report_calls_every_time_modelled_and_nothing_measured(profile):
    text = re.sub(r"<style>.*</style>|<details>.*</details>", "", html_report(profile), flags=re.S)
    assert "modelled" in text
    assert re.findall(r"[^.>]*measured[^.<]*", text) == [" for the chip; none was measured on this machine"]
    for unit_label in re.findall(r'class="axis"[^>]*>([^<]*)<', text):
        assert "ms" not in unit_label.split() or "modelled" in unit_label


def test_names_from_a_model_cannot_break_the_page(partly_hosted):
    text = html_report(partly_hosted)
    _parsed(text)
    assert "norm &lt;1&gt;" in text
    assert "&gt; " in text  # the frame takes longer than the device's part
    assert "Memory map over time of subgraph 2" in text


@pytest.mark.parametrize("name", ["max_pool", "reshape"])
def test_a_network_without_macs_has_a_report_too(name):
    program = outline(DEVICE_GRAPHS[name], TDA4VM)
    found = Profile(name, (program,), (predict(program, TDA4VM),))
    assert found.macs == 0
    assert found.document()["utilization"] == {"core_loop": 0.0, "network": 0.0}
    _parsed(html_report(found))
    assert chrome_trace(found)


def test_an_artifact_is_profiled_on_its_own_soc(profile):
    artifact = Artifact(
        "net", "am69a", 4, 1e9, "ti", {}, "picture", (1, 224, 224, 3), None, "logits", (),
        (DeviceSegment(profile.programs[0]), HostSegment(b"", (), ())), None,
        {"on_host": [{"node": "n", "op": "LRN", "reason": "why"}]},
    )  # fmt: skip
    found = profile_artifact(artifact)
    assert (found.soc.name, found.soc.cores) == ("am69a", 4)
    assert found.host_nodes[0].reason == "why"
    assert profile_artifact(artifact, TDA4VM).soc is TDA4VM


def test_a_network_without_device_part_has_no_profile():
    empty = Artifact("net", "am69a", 1, 1e9, "ti", {}, "x", (1,), None, "y", (), (), None)
    with pytest.raises(CompileError, match="net: no node runs on the device"):
        profile_artifact(empty)


@needs_topologies
def test_resnet50_takes_less_than_a_second():
    start = time.process_time()
    profile = profile_model(SHARED / "resnet50.onnx", TDA4VM)
    profile.document()
    assert time.process_time() - start < 1.0
    assert profile.device_ms is not None


@needs_topologies
@pytest.mark.parametrize("name", ["resnet50", "alexnet"])
def test_full_panels_reach_tis_85_percent(name):
    profile = profile_model(SHARED / f"{name}.onnx", TDA4VM)
    checked = 0
    for program, prediction in zip(profile.programs, profile.predictions, strict=True):
        weights = {
            d.name: program.constants[d.weight].shape for d in program.descriptors if hasattr(d, "weight")
        }
        for layer in prediction.layers:
            shape = weights.get(layer.name, (1,))
            depth = shape[1] * shape[2] * shape[3] if len(shape) == 4 else 1
            if shape[0] % 64 == 0 and depth % 64 == 0:
                checked += 1
                assert layer.cycles.utilization >= 0.85
    assert checked >= (3 if name == "alexnet" else 40)


@needs_topologies
@pytest.mark.parametrize("name", sorted(p.stem for p in SHARED.glob("*.onnx")))
@pytest.mark.parametrize("soc", ["tda4vm", "am62a"])
def test_every_topology_has_a_profile_and_a_report(name, soc):
    profile = profile_model(SHARED / f"{name}.onnx", load_soc(soc))
    assert profile.modelled_ms > 0
    _parsed(html_report(profile))
