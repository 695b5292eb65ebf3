"""Every text that the window shows, with its context: from calls in the source, and from the program's tables.

``python -m gui.translations.collect`` updates the ``.ts`` files with Qt's lupdate and releases the ``.qm`` files.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from gui.core.text import DECIMAL_MARK, LANGUAGE, MESSAGES, WORDS
from gui.translations import FOLDER

GUI = FOLDER.parent


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """A text and the context in which Qt looks it up; ``counts`` where it has a form for each kind of number."""

    context: str
    source: str
    counts: bool = False


def collect() -> frozenset[Text]:
    """Return every text."""
    found = {text for file in sorted(GUI.rglob("*.py")) for text in _of_module(file)}
    return frozenset(found | set(_of_tables()))


def _of_module(file: Path) -> Iterator[Text]:
    """Yield the texts of ``self.tr``, ``translate``, ``say``, ``say_n``, and of a module's own ``_tr`` with its one context."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    own_context = next((_own_context(node) for node in tree.body if _is_own_tr(node)), "")
    yield from _of_node(tree, "", own_context)


def _of_node(node: ast.AST, class_name: str, own_context: str) -> Iterator[Text]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield from _of_call(child, class_name, own_context)
        inside = child.name if isinstance(child, ast.ClassDef) else class_name
        yield from _of_node(child, inside, own_context)


def _of_call(call: ast.Call, class_name: str, own_context: str) -> Iterator[Text]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    words = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if name == "tr" and len(words) == 1:
        yield Text(class_name, words[0])
    elif name == "_tr" and len(words) == 1:
        yield Text(own_context, words[0])
    elif name == "say" and len(words) == 1:
        yield Text(MESSAGES, words[0])
    elif name == "say_n" and len(words) == 2:
        yield Text(MESSAGES, words[1], counts=True)
    elif name == "translate" and len(words) == 2:
        yield Text(words[0], words[1])


def _is_own_tr(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "_tr"


def _own_context(node: ast.stmt) -> str:
    """Return the first text in the body of a module's ``_tr``: the context that it hands to Qt."""
    texts = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return next(str(text) for text in texts)


def _of_tables() -> Iterator[Text]:
    """Yield the words of the tables and enums, which Qt is asked for by variables."""
    from engine.cycles.model import Bound
    from engine.runtime import made_for
    from gui.compare.cloud import Failure
    from gui.core import explain
    from gui.core.batch_book import Order, Verdict
    from gui.core.conditions import CONDITIONS, PRESETS
    from gui.core.counters import DropReason
    from gui.core.latency import Stage
    from gui.core.settings import TABLE
    from gui.core.state import STAGES, EngineState, Severity, SourceKind, SourceState
    from gui.core.tour import load_tour
    from gui.core.unnamed import Unnamed
    from gui.core.verdict import WORDS as FIGURE_WORDS
    from gui.core.verdict import Figure
    from gui.core.what_if import LIMITS
    from gui.monitor.alarms import ADVICES, Quantity
    from gui.widgets import network_controls
    from gui.widgets.actions import COMMANDS, Menu
    from gui.widgets.clock_mark import Clock
    from gui.workers.cloud_worker import CloudState
    from gui.workers.compare_worker import CompareState

    enums: tuple[type[Enum], ...] = (
        Figure, Stage, DropReason, Order, Verdict, SourceState, EngineState, Severity, SourceKind, CompareState,
        CloudState, Failure, Clock, Quantity, Bound, Unnamed,
    )  # fmt: skip
    for enum in enums:
        yield from (Text(WORDS, str(member.value)) for member in enum)
    yield Text(LANGUAGE, DECIMAL_MARK)
    yield from (Text(WORDS, f"not {clock.value}") for clock in Clock)
    yield from (Text(WORDS, setting.help) for setting in TABLE)
    yield from (Text(WORDS, one) for one in FIGURE_WORDS.values())
    yield from (Text(WORDS, one) for one in (*ADVICES, *STAGES, *(limits.word for limits in LIMITS.values())))
    yield from (Text(WORDS, part.title) for part in network_controls.PARTS)
    yield from (Text(WORDS, preset) for preset in network_controls.PRESETS)
    for condition in CONDITIONS:
        yield from (Text(WORDS, condition.title), Text(WORDS, condition.help))
    yield from (Text(WORDS, one) for one in (*PRESETS, *explain.TEMPLATES, *made_for.TEMPLATES))
    for stop in load_tour():
        yield from (Text(WORDS, stop.title), Text(WORDS, stop.say))
        if not stop.known:  # the names of classes are the network's own, in every language
            yield Text(WORDS, stop.truth)
    yield from (Text("Commands", spec.text) for spec in COMMANDS.values())
    yield from (Text("Commands", menu.value) for menu in Menu)


def update(language: str) -> Path:
    """Bring the ``.ts`` file of a language up to date and release it; return the ``.qm`` file.

    Raises:
        CalledProcessError: one of Qt's tools failed.
    """
    translations = FOLDER / f"lens7_{language}.ts"
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "texts.py"
        listed.write_text("\n".join(_listed(text) for text in sorted(collect())), encoding="utf-8")
        tool = Path(sys.executable).parent
        subprocess.run(
            [
                tool / "pyside6-lupdate", "-locations", "none", "-no-obsolete", "-source-language", "en", "-target-language",
                language, str(listed), "-ts", str(translations),
            ],
            check=True,
        )  # fmt: skip
        released = translations.with_suffix(".qm")
        subprocess.run([tool / "pyside6-lrelease", str(translations), "-qm", str(released)], check=True)
    return released


def _listed(text: Text) -> str:
    if text.counts:
        return f'translate({text.context!r}, {_quoted(text.source)}, "", 1)'
    return f"QT_TRANSLATE_NOOP({text.context!r}, {_quoted(text.source)})"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


if __name__ == "__main__":
    for known in sorted(FOLDER.glob("lens7_*.ts")):
        update(known.stem.removeprefix("lens7_"))
