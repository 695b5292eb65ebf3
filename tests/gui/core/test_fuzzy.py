"""Typed letters find names; beginnings of words and runs of letters come first."""

from hypothesis import given
from hypothesis import strategies as st

from gui.core.fuzzy import score

NAMES = ["Open files…", "Open a folder…", "Show or Bench", "Full screen", "Check this machine"]


def best(typed: str) -> str:
    ranks = {name: score(typed, name) for name in NAMES}
    return max((name for name in NAMES if ranks[name] is not None), key=lambda name: ranks[name])


def test_the_likely_name_comes_first() -> None:
    assert best("of") == "Open files…"
    assert best("oaf") == "Open a folder…"
    assert best("fs") == "Full screen"
    assert best("sb") == "Show or Bench"
    assert best("mach") == "Check this machine"


def test_letters_must_occur_in_order() -> None:
    assert score("hs", "sh") is None
    assert score("", "anything") is not None


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12))
def test_every_name_matches_itself_and_the_empty_text(name: str) -> None:
    assert score(name, name) is not None
    assert score(name, name) > score("", name)
