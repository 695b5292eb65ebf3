"""Rendered text is kept while it is in use, and never more of it than a few megabytes."""

import pytest

from gui.widgets import text_cache
from gui.widgets.text_cache import TextCache, TextLook

LOOK = TextLook(20, "#FFFFFF")


@pytest.fixture
def rendered(qapp, monkeypatch):
    """Return the texts that were rendered, in order."""
    texts = []
    render = text_cache._render

    def note(text, *rest):
        texts.append(text)
        return render(text, *rest)

    monkeypatch.setattr(text_cache, "_render", note)
    return texts


def test_a_text_is_rendered_once(rendered):
    cache = TextCache()
    first = cache.piece("banana", LOOK, 300, 1.0)
    assert cache.piece("banana", LOOK, 300, 1.0) is first
    cache.piece("banana", LOOK, 200, 1.0)
    assert rendered == ["banana", "banana"]


def test_beyond_a_number_the_ones_used_longest_ago_go(rendered):
    cache = TextCache(capacity=3)
    for text in "abcad":
        cache.piece(text, LOOK, 300, 1.0)
    rendered.clear()
    for text in "acd":
        cache.piece(text, LOOK, 300, 1.0)
    assert rendered == []
    cache.piece("b", LOOK, 300, 1.0)
    assert rendered == ["b"]


def test_every_size_of_the_window_leaves_no_more_than_a_few_megabytes(rendered, monkeypatch):
    monkeypatch.setattr(text_cache, "MOST_BYTES", 1_000_000)
    monkeypatch.setattr(text_cache, "WORKING_SET", 8)
    cache = TextCache()
    for size_px in range(20, 70):
        for text in ("coffee mug", "espresso", "banana"):
            piece = cache.piece(text, TextLook(size_px, "#FFFFFF"), 1000, 1.0)
    kept = list(cache._pieces.values())
    assert kept[-1] is piece
    assert cache._bytes == sum(each.size_bytes for each in kept)
    assert cache._bytes <= 1_000_000
    assert len(kept) > 8


def test_what_a_frame_shows_is_kept_on_a_screen_of_any_size(rendered, monkeypatch):
    monkeypatch.setattr(text_cache, "MOST_BYTES", 1)
    cache = TextCache()
    texts = [str(number) for number in range(text_cache.WORKING_SET)]
    for _ in range(3):
        for text in texts:
            cache.piece(text, TextLook(90, "#FFFFFF"), 1000, 2.0)
    assert rendered == texts
