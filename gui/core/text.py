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

Translate = Callable[[str, str, int], str]
"""From a context, an English text and the number in it (-1: no matter) to the window's language; to the same text
where there is none."""


def _english(_context: str, text: str, _n: int) -> str:
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
    return _filled(_translate(MESSAGES, template, -1), template, values)


def say_n(one: str, many: str, /, n: int, **values: object) -> str:
    """Return ``one`` where ``n`` is 1, else ``many``, in the window's language; ``{n}`` stands for the number.

    Both are written out in the call. A translation is one of ``many``, in as many forms as its language has.
    """
    english = one if n == 1 else many
    told = _translate(MESSAGES, many, n)
    return _filled(english if told == many else told, english, values | {"n": n})


def _filled(template: str, english: str, values: dict[str, object]) -> str:
    told = {name: Written(value) if type(value) is float else value for name, value in values.items()}
    try:
        return template.format(**told)
    except (LookupError, ValueError, AttributeError, TypeError):
        return english.format(**told)


def word(text: str) -> str:
    """Return a word or text of a table in the window's language."""
    return _translate(WORDS, text, -1)


class Written(float):
    """A number as people read it: formatted as any other, with the decimal mark of the window's language."""

    __slots__ = ()

    def __format__(self, form: str) -> str:
        return super().__format__(form).replace(DECIMAL_MARK, _translate(LANGUAGE, DECIMAL_MARK, -1))
