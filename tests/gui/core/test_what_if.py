"""Questions about another chip: the chips as they are made, limits, refusals."""

import math
from dataclasses import replace

import pytest

from engine.errors import SocError
from engine.soc import load_soc, soc_names
from gui.core.what_if import LIMITS, Number, WhatIf, WhatIfError, enough_ddr_gb_per_s
from tests.gui.widgets.compiled import compiled


@pytest.mark.parametrize("soc", soc_names())
def test_an_unchanged_question_is_the_chip_itself(soc):
    chip = WhatIf.chip(soc)
    assert chip.spec() == load_soc(soc)
    assert chip.is_made
    assert chip.differences() == ()


@pytest.mark.parametrize("soc", soc_names())
@pytest.mark.parametrize("number", Number)
def test_every_chip_and_every_stop_of_a_slider_is_allowed(soc, number):
    limits = LIMITS[number]
    for value in (WhatIf.chip(soc).value(number), *limits.stops):
        limits.check(value)


def test_every_number_reaches_the_chip_in_its_own_unit():
    asked = WhatIf("am69a", 4, 1500, 34.0, 896, True)
    spec = asked.spec()
    assert (spec.cores, spec.clock_hz, spec.ddr_bytes_per_s) == (4, 1.5e9, 34e9)
    assert (spec.l2_bytes, spec.weights_in_msmc) == (896 * 1024, True)
    assert [asked.value(number) for number in Number] == [1500, 34, 896]
    assert not asked.is_made
    assert asked.differences() == (
        "4 cores", "clock 1500 MHz", "DDR bandwidth 34.0 GB/s", "L2 896 KB", "weights in MSMC",
    )  # fmt: skip


def test_each_number_is_changed_alone():
    chip = WhatIf.chip("tda4vm")
    for number in Number:
        changed = chip.with_value(number, 77.0)
        assert changed.value(number) == 77.0
        assert all(changed.value(other) == chip.value(other) for other in Number if other is not number)


@pytest.mark.parametrize(
    ("number", "value", "told"),
    [
        (Number.CLOCK, 0.0, "clock of 0 MHz: allowed are 50 to 4000 MHz"),
        (Number.CLOCK, -1.0, "clock of -1 MHz: allowed are 50 to 4000 MHz"),
        (Number.CLOCK, math.nan, "clock of nan MHz: allowed are 50 to 4000 MHz"),
        (Number.DDR, 0.4, "DDR bandwidth of 0.4 GB/s: allowed are 0.5 to 200 GB/s"),
        (Number.L2, 8193.0, "L2 of 8193 KB: allowed are 16 to 8192 KB"),
    ],
)
def test_a_number_outside_its_limits_is_refused_with_what_is_allowed(number, value, told):
    with pytest.raises(WhatIfError) as refusal:
        WhatIf.chip("tda4vm").with_value(number, value).spec()
    assert str(refusal.value) == told


def test_cores_that_a_chip_does_not_have_are_refused():
    with pytest.raises(SocError, match="cores of tda4vm: allowed are 1 to 1, got 2"):
        replace(WhatIf.chip("tda4vm"), cores=2).spec()


def test_the_chip_compiled_for_keeps_its_cores_and_clock():
    artifact = replace(compiled(soc="am69a"), cores=2, clock_hz=9e8)
    question = WhatIf.compiled(artifact)
    assert (question.soc, question.cores, question.clock_mhz) == ("am69a", 2, 900.0)


def test_more_ddr_than_the_cores_can_take_is_known():
    spec = load_soc("tda4vm")
    enough = enough_ddr_gb_per_s(spec)
    share = spec.ddr_peak_fraction * enough * 1e9 / spec.clock_hz
    assert share == pytest.approx(spec.ddr_bytes_per_cycle)
