import pytest

from engine.program.listing import listing
from engine.runtime.golden import golden_programs
from tests.engine.program.small import small_program


@pytest.mark.parametrize("name", ["classifier", "operators"])
def test_every_descriptor_is_listed_with_its_operands(name):
    program = golden_programs()[name]
    text = listing(program)
    for index, descriptor in enumerate(program.descriptors):
        assert f"{index:4} {type(descriptor).__name__}" in text
        assert f"-> {descriptor.output} {program.tensors[descriptor.output].dtype}[" in text


def test_addresses_parameters_and_tiles_are_shown():
    text = listing(small_program())
    assert "DDR 192 bytes" in text
    assert "c uint8[1x3x3x8] MSMC+0x80 /20" in text
    assert "weight=int8[8x3x3x3](-1" in text
    assert "stride=2x2" in text
    assert "tile 3 rows x 8 channels, L2 396 bytes, weights stay" in text
