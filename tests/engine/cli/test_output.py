"""Tables for people: nothing is cut off, nothing is taken for markup, a pipe gets whole lines."""

import pytest

from engine.cli import output
from engine.cli.app import app
from engine.cli.edge import run
from engine.cli.output import print_json, print_line, print_table
from engine.errors import EngineError

LONG = "/features/stage1/unit1/depthwise_convolution/" * 3 + "Conv"


@pytest.fixture
def terminal(monkeypatch):
    """Give a function that makes standard output a terminal of so many columns."""

    def of(columns: int) -> None:
        monkeypatch.setattr(output.stdout, "_force_terminal", True)
        monkeypatch.setattr(output.stdout, "_width", columns)
        monkeypatch.setattr(output.stdout, "no_color", True)

    return of


@pytest.fixture(autouse=True)
def width_as_before(monkeypatch):
    monkeypatch.setattr(output.stdout, "_width", None)


def cells(text: str, column: int) -> str:
    """Return what a column's lines say together."""
    return "".join(line.split("│")[column].strip() for line in text.splitlines() if line.startswith("│"))


def test_json_has_no_nan(capsys):
    print_json({"a": (float("nan"), 1.5), "b": [float("-inf"), None], "c": {"d": float("inf")}}, line=True)
    assert capsys.readouterr().out == '{"a": [null, 1.5], "b": [null, null], "c": {"d": null}}\n'


def test_a_pipe_gets_whole_lines(capsys):
    print_table(("layer", "cycles"), [(LONG, 12)])
    assert LONG in capsys.readouterr().out


def test_a_narrow_terminal_gets_all_of_it_on_more_lines(capsys, terminal):
    terminal(60)
    print_table(("layer", "cycles"), [(LONG, 12)])
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 60
    assert "…" not in text
    assert cells(text, 1) == LONG


def test_brackets_in_names_are_no_markup(capsys):
    print_table(("file",), [("[bold]cup[/red].jpg",)])
    assert "[bold]cup[/red].jpg" in capsys.readouterr().out


@pytest.mark.parametrize(("columns", "parts"), [(80, False), (120, True)])
def test_profile_keeps_layers_apart_at_every_width(capsys, terminal, columns, parts):
    terminal(columns)
    assert run(app, ["profile"]) == 0
    text = capsys.readouterr().out
    assert "DepthwiseConv2d" in text
    assert "block10.depthwise.conv" in text
    assert ("set-up" in text) is parts
    table = [line for line in text.splitlines() if line.startswith(("│", "┏", "┃", "└"))]
    assert max(map(len, table)) <= columns


def test_names_cannot_steer_the_terminal(capsys):
    name = "a\x1b[31m\u202e:car: [red]\x07.onnx"
    print_table(("layer", "cycles"), [(name, 12)], f"{name}\nsecond", "third")
    print_line(f"{name}\nsecond", "red")
    failing = EngineError(f"{name}: unknown")
    assert run(lambda words, **how: raise_(failing), []) == 1
    shown = capsys.readouterr()
    assert shown.out.count(r"a\x1b[31m\u202e:car: [red]\x07.onnx") == 2
    assert shown.out.splitlines()[:2] == [r"a\x1b[31m\u202e:car: [red]\x07.onnx\nsecond", "third"]
    assert shown.err.splitlines() == [
        r"a\x1b[31m\u202e:car: [red]\x07.onnx\nsecond",
        r"lens7: a\x1b[31m\u202e:car: [red]\x07.onnx: unknown",
    ]


def raise_(error):
    raise error
