"""SoC files: every number has a source, and every wrong file is refused by a line naming the key."""

import tomllib
from dataclasses import fields
from importlib import resources

import pytest

from engine.errors import SocError
from engine.soc import load_soc, soc_names
from engine.soc.spec import RULES, Kind, SocSpec, parse_soc, read_soc

NAMES = soc_names()


def _text(name: str = "tda4vm") -> str:
    return (resources.files("engine.soc") / f"{name}.toml").read_text(encoding="utf-8")


def test_the_five_socs_ship_and_the_default_comes_first():
    assert NAMES[0] == "tda4vm"
    assert set(NAMES) == {"tda4vm", "am68a", "am69a", "am67a", "am62a"}


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_kind_and_source(name):
    soc = load_soc(name)
    numbers = {f.name for f in fields(SocSpec)} - {"name", "title", "cores", "provenance"}
    assert numbers == set(RULES)
    for key in numbers:
        assert soc.provenance[key].kind in Kind
        assert len(soc.provenance[key].source) > 5


@pytest.mark.parametrize("name", NAMES)
def test_peak_is_the_square_of_the_panel(name):
    soc = load_soc(name)
    assert soc.macs_per_cycle == soc.panel**2


def test_per_channel_follows_the_mma_version():
    assert not load_soc("tda4vm").per_channel
    assert load_soc("am68a").per_channel


def test_cores_default_to_one_and_stop_at_what_the_chip_has():
    assert load_soc("am69a").cores == 1
    assert load_soc("am69a", cores=4).cores == 4
    with pytest.raises(SocError, match="cores of am67a: allowed are 1 to 2, got 3"):
        load_soc("am67a", cores=3)
    with pytest.raises(SocError, match="got 0"):
        load_soc("am69a", cores=0)


def test_another_clock_is_marked_as_chosen():
    soc = load_soc("am62a", clock_hz=1e9)
    assert soc.clock_hz == 1e9
    assert "chosen by the user; 850 MHz" in soc.provenance["clock_hz"].source


@pytest.mark.parametrize("clock_hz", [0, -1.0, 1e-314, 1e300, float("nan"), float("inf")])
def test_an_impossible_clock_is_refused(clock_hz):
    with pytest.raises(SocError, match="clock_hz must be a finite number of Hz above 0"):
        load_soc("tda4vm", clock_hz=clock_hz)


@pytest.mark.parametrize(("asked", "meant"), [("tda4vn", "tda4vm"), ("AM68A", "am68a"), ("am62", "am62a")])
def test_an_unknown_name_gets_a_suggestion(asked, meant):
    with pytest.raises(SocError, match=f"did you mean {meant}"):
        load_soc(asked)


@pytest.mark.parametrize("key", sorted(RULES))
def test_a_missing_key_is_named(key):
    lines, keep = [], True
    for line in _text().splitlines():
        keep = line != f"[{key}]" if line.startswith("[") else keep
        lines += [line] * keep
    with pytest.raises(SocError, match=f"x.toml: key '{key}' is missing"):
        parse_soc("\n".join(lines), "x.toml")


@pytest.mark.parametrize("key", sorted(RULES))
@pytest.mark.parametrize("bad", ["-1", "0", "nan", '"many"', "true"])
def test_a_wrong_number_is_named_with_what_is_allowed(key, bad):
    value = tomllib.loads(_text())[key]["value"]
    text = _text().replace(f"[{key}]\nvalue = {value}\n", f"[{key}]\nvalue = {bad}\n")
    if bad == "0" and RULES[key].accepts(0):
        assert getattr(parse_soc(text, "x.toml"), key) == 0
        return
    with pytest.raises(SocError) as error:
        parse_soc(text, "x.toml")
    assert f"value of '{key}' must be {RULES[key].allowed}" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[clock_hz]", "[clock_hertz]", "unknown key 'clock_hertz': did you mean 'clock_hz'"),
        ('name = "tda4vm"', "", "key 'name' is missing"),
        ('kind = "documented"', 'kind = "guessed"', "must be one of documented, measured, assumed"),
        ('kind = "documented"\n', "", "must have exactly value, kind and source, got source, value"),
        ("[clock_hz]", "[clock_hz", "not a TOML file"),
    ],
)
def test_a_wrong_file_is_refused(old, new, message):
    with pytest.raises(SocError) as error:
        parse_soc(_text().replace(old, new, 1), "x.toml")
    assert message in str(error.value)


def test_an_empty_source_and_a_bare_number_are_refused():
    empty = _text().replace('source = "', 'source = " "  # "', 1)
    with pytest.raises(SocError, match="source of 'mma_version' is empty"):
        parse_soc(empty, "x.toml")
    with pytest.raises(SocError, match="key 'panel' must be a table"):
        parse_soc('panel = 64\nname = "x"\ntitle = "X"\n' + _without(_text(), "panel"), "x.toml")


def _without(text: str, key: str) -> str:
    sections = text.split("\n[")[1:]
    return "\n".join("[" + s for s in sections if not s.startswith(key + "]"))


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(SocError, match="cannot read this SoC file"):
        read_soc(tmp_path / "none.toml")
    good = tmp_path / "own.toml"
    good.write_text(_text("am62a"), encoding="utf-8")
    assert read_soc(good) == load_soc("am62a")
    assert load_soc(str(good), clock_hz=1e9) == load_soc("am62a", clock_hz=1e9)
