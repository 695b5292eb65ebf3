"""Published latencies are recognised by the network's size and always carry a source."""

import pytest

from engine.cycles.published import published_figures, published_latency, recognise
from engine.soc import soc_names


def test_every_figure_has_a_source_a_known_device_and_a_known_network():
    for figure in published_figures():
        assert figure.latency_ms > 0
        assert len(figure.source) > 20
        assert figure.device in soc_names()


def test_mobilenet_v2_on_tda4vm_shows_the_median_of_its_figures():
    found = published_latency(300_774_272, 3_469_760, "tda4vm")
    assert found.network.title == "MobileNetV2 1.0"
    assert found.median_ms == pytest.approx(2.364544)
    assert found.range_ms[0] < found.median_ms < found.range_ms[1]


def test_1001_classes_are_the_same_network_and_another_one_is_not():
    assert recognise(300_774_272 + 1280, 3_469_760 + 1280).name == "mobilenet_v2"
    assert recognise(3_858_000_000, 25_500_000) is None
    assert published_latency(1, 1, "tda4vm") is None


def test_a_known_network_without_a_figure_on_the_device_has_none():
    assert published_latency(199_039_872, 2_662_944, "am62a") is not None
    assert published_latency(199_039_872, 2_662_944, "am68a") is None
