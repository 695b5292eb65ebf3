"""The calibration script: its search, its reading, its judgement, and the error that it states."""

from pathlib import Path

import pytest

from engine.compiler import fit
from engine.compiler.published_networks import NETWORKS
from engine.errors import ModelError
from engine.soc import load_soc, soc_names
from engine.soc.spec import Kind

SHARED = Path(__file__).parents[4] / "shared" / "data"
needs_figures = pytest.mark.skipif(
    not SHARED.exists(), reason="the published latencies are not beside the project"
)


def test_the_search_finds_the_minimum_of_a_narrow_valley():
    found = fit.pattern_search(lambda v: (v[0] + v[1] - 3) ** 2 + 0.05 * (v[0] - 2) ** 2, [0.0, 0.0])
    assert found == pytest.approx([2.0, 1.0], abs=0.05)


def test_order_is_judged_on_one_device_or_one_network_where_figures_differ_enough():
    published = {("a", "x"): 1.0, ("a", "y"): 2.0, ("b", "x"): 3.0, ("b", "y"): 3.1}
    assert fit.kept_order(published, published) == (3, 3)  # not (b x, b y): 3 %; not across both
    assert fit.kept_order(published, {**published, ("b", "x"): 0.5}) == (2, 3)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("device,topology\nam62a,x\n", "'latency_ms'"),
        ("device,topology,latency_ms\nam62a,x,fast\n", "could not convert"),
        ("device,topology,latency_ms\nam62a,x,0\n", "line 2: latency_ms must be above 0"),
        ("device,topology,latency_ms\nam62a,x\n", "columns device, topology, latency_ms"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path, text, problem):
    table = tmp_path / "figures.csv"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=problem):
        fit.read_latencies(table)


def test_a_missing_table_ends_in_one_line(tmp_path, capsys):
    assert fit.main([str(tmp_path / "none.csv")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_figures_of_one_pair_are_gathered(tmp_path):
    table = tmp_path / "figures.csv"
    table.write_text("device,topology,latency_ms\nam62a,x,2\nam62a,x,4\nam62a,y,1\n", encoding="utf-8")
    assert fit.read_latencies(table) == {("am62a", "x"): [2.0, 4.0], ("am62a", "y"): [1.0]}


@pytest.fixture(scope="module")
def small():
    """Two networks on two devices, 'published' by the model itself with other constants."""
    figures = {
        (device, name): [1.0]
        for device in ("tda4vm", "am62a")
        for name in ("regnetx_400mf", "mobilenet_v2_1p4")
    }
    calibration = fit.prepare(figures, Path())
    truth = fit.Constants(12_000, 300, 9.0, 3.0)
    published = {pair: calibration.modelled_ms(pair, truth) for pair in figures}
    return fit.Calibration(published, calibration.predictions), truth


def test_the_fit_recovers_known_constants(small):
    calibration, truth = small
    found = fit.fit(calibration, list(calibration.published_ms), fit.Constants(8_000, 500, 12.0, 4.0))
    assert max(abs(calibration.error(pair, found)) for pair in calibration.published_ms) < 0.02
    assert found.layer_setup_cycles == pytest.approx(truth.layer_setup_cycles, rel=0.1)


def test_a_network_left_out_is_judged_by_constants_that_have_not_seen_it(small):
    calibration, truth = small
    spoilt = {p: ms * (3.0 if p[1] == "regnetx_400mf" else 1.0) for p, ms in calibration.published_ms.items()}
    judged = [("tda4vm", "regnetx_400mf")]
    modelled = fit.leave_one_out(fit.Calibration(spoilt, calibration.predictions), truth, judged)
    assert modelled[judged[0]] == pytest.approx(calibration.published_ms[judged[0]], rel=0.02)


def test_the_report_states_errors_per_device_and_overall(small):
    calibration, truth = small
    modelled = {pair: 1.1 * ms for pair, ms in calibration.published_ms.items()}
    text = "\n".join(fit.report(calibration, truth, modelled))
    for line in (
        "tda4vm, one topology left out: median absolute relative error 10.0%",
        "all devices",
        "order kept",
    ):
        assert line in text


@pytest.mark.parametrize("name", soc_names())
def test_fitted_constants_are_in_every_soc_file_and_say_so(name):
    soc = load_soc(name)
    for key in ("layer_setup_cycles", "frame_overhead_us", "ddr_bytes_per_cycle"):
        assert soc.provenance[key].kind is Kind.MEASURED
        assert "published latencies" in soc.provenance[key].source
    assert soc.layer_setup_cycles == load_soc("tda4vm").layer_setup_cycles


@needs_figures
def test_shipped_constants_meet_the_published_figures():
    figures = fit.read_latencies(SHARED / "device_latency.csv")
    calibration = fit.prepare(figures, SHARED / "topologies")
    modelled = {pair: p.device_ms for pair, p in calibration.predictions.items()}
    errors = sorted(abs(ms / calibration.published_ms[pair] - 1) for pair, ms in modelled.items())
    assert errors[len(errors) // 2] <= 0.12
    assert errors[-1] <= 0.35
    assert modelled["tda4vm", "mobilenet_v2"] == pytest.approx(2.364544, rel=0.15)
    agreeing, total = fit.kept_order(calibration.published_ms, modelled)
    assert agreeing >= 0.9 * total


@needs_figures
@pytest.mark.slow
def test_the_error_on_unseen_networks_is_small_enough(capsys):
    assert fit.main([str(SHARED / "device_latency.csv")]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("all devices"))
    median, worst = (float(word.rstrip("%,")) for word in line.split() if "%" in word)
    assert median <= 12
    assert worst <= 35


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_the_built_networks_are_those_that_are_published(name):
    from engine.compiler.macs import macs_of
    from engine.compiler.outline import outline
    from engine.cycles.published import recognise

    program = outline(NETWORKS[name](), load_soc("tda4vm"))
    weights = sum(program.constants[d.weight].size for d in program.descriptors if hasattr(d, "weight"))
    assert recognise(macs_of(program), weights).name == name
