"""The two parts of a kernel set: what each may call, and both as one piece of code."""

import re

import pytest

pytest.importorskip("llvmlite")

from engine.kernels.native import assembly, build, entries
from engine.kernels.native.isa import ISAS, Isa
from engine.kernels.native.records import Opcode


def names(pattern: str, text: str) -> set[str]:
    return set(re.findall(rf"^{pattern} .*?@([\w.]+)\(", text, re.MULTILINE))


@pytest.mark.parametrize("isa", ISAS, ids=lambda isa: isa.name)
def test_only_the_second_part_calls_the_other_and_only_what_is_shared(isa: Isa) -> None:
    first, second = (part(isa) for part in assembly.PARTS)
    called = [{n for n in names("declare", text) if not n.startswith("llvm.")} for text in (first, second)]
    assert called[0] == set()
    assert called[1] <= names("define dso_local", first)
    assert called[1] <= {*entries.SHARED, *map(entries.command_name, Opcode)}
    assert names("define", first).isdisjoint(names("define", second))


@pytest.mark.parametrize("objects", [[], [b"one"], [b"first", b"", bytes(300)]])
def test_joined_parts_come_apart_again(objects: list[bytes]) -> None:
    assert build.split_parts(build.join_parts(objects)) == objects


@pytest.mark.parametrize("kept", [3, 8, 12])
def test_a_part_that_is_cut_off_is_noticed(kept: int) -> None:
    code = build.join_parts([b"first"])
    with pytest.raises(ValueError, match="of an object file are missing"):
        build.split_parts(code[:kept])
