"""How well a few typed letters match a name. NOTE: Qt-free."""

from __future__ import annotations


def score(typed: str, name: str) -> float | None:
    """Return how well ``typed`` matches ``name`` (larger is better), None where it does not.

    Every typed letter must occur in order, case and blanks aside. Letters at the beginning of a word and letters that
    follow each other count more; a short name beats a long one.
    """
    letters, text = [letter for letter in typed.lower() if not letter.isspace()], name.lower()
    total, last = 0.0, -1
    for letter in letters:
        place = _best_place(letter, text, last)
        if place is None:
            return None
        total += 3.0 if place == last + 1 else 2.0 if _starts_word(text, place) else 1.0 / (place - last)
        last = place
    return total - 0.01 * len(text)


def _best_place(letter: str, text: str, last: int) -> int | None:
    """Return where ``letter`` is taken: right after the last one, else at the next word's beginning, else the next."""
    if text[last + 1 : last + 2] == letter:
        return last + 1
    places = [place for place in range(last + 1, len(text)) if text[place] == letter]
    return next((place for place in places if _starts_word(text, place)), places[0] if places else None)


def _starts_word(text: str, place: int) -> bool:
    return place == 0 or not text[place - 1].isalnum()
