"""Texts of the modules that know nothing of Qt, in the window's language. NOTE: Qt-free, safe from any thread.

English is in the source. ``gui/widgets/language.py`` installs the window's translator; without one, as on the command
line and in the processes beside the window, every text stays English.
"""

from __future__ import annotations

from collections.abc import Callable

MESSAGES = "Messages"
"""The context of the templates of ``say``."""
WORDS = "Words"
"""The context of what stands in tables and enums."""
LANGUAGE = "Language"
"""The context of what every language has of its own, as its decimal mark."""
DECIMAL_MARK = "."

Translate = Callable[[str, str], str]
"""From a context and an English text to the text in the window's language, or to the same where there is none."""


def _english(_context: str, text: str) -> str:
    return text


_translate: Translate = _english


def use_translator(translate: Translate) -> None:
    """Word everything by ``translate`` from now on; it is called by every thread."""
    global _translate
    _translate = translate


def say(template: str, /, **values: object) -> str:
    """Return ``template`` in the window's language, its named places filled in.

    The template is written out in the call, so that ``gui/translations/collect.py`` finds it. A translation with other
    places than the template's gives way to the English text.
    """
    told = {name: Written(value) if type(value) is float else value for name, value in values.items()}
    try:
        return _translate(MESSAGES, template).format(**told)
    except (LookupError, ValueError, AttributeError, TypeError):
        return template.format(**told)


def word(text: str) -> str:
    """Return a word or text of a table in the window's language."""
    return _translate(WORDS, text)


class Written(float):
    """A number as people read it: formatted as any other, with the decimal mark of the window's language."""

    __slots__ = ()

    def __format__(self, form: str) -> str:
        return super().__format__(form).replace(DECIMAL_MARK, _translate(LANGUAGE, DECIMAL_MARK))
