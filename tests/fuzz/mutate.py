"""Damages bytes the way broken disks, broken programs and hostile people do; the same for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

INTERESTING_BYTES = (0x00, 0x01, 0x7F, 0x80, 0xFF, 0x0A, 0x22, 0x2F)
INTERESTING_NUMBERS = (
    b"0", b"-1", b"1", b"255", b"65536", b"2147483647", b"-2147483648", b"4294967296", b"9223372036854775807",
    b"1e308", b"1e999", b"NaN", b"-0.0", b"0.5", b"1" + b"0" * 400,
)  # fmt: skip
INTERESTING_WORDS = (
    b"null", b"true", b"[]", b"{}", b'""', b"../../etc/passwd", b"%s%n%x", b"\xed\xa0\x80", b"\x00", b"[" * 200,
)  # fmt: skip
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
MOST_BYTES = 1 << 20


class Mutator:
    """Draws mutations of seed inputs."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def mutated(self, corpus: Sequence[bytes]) -> bytes:
        """Return one of ``corpus`` after one to a few mutations."""
        draw = self._random
        data = draw.choice(corpus)
        for _ in range(1 + int(draw.expovariate(0.9))):
            data = draw.choice(_MUTATIONS)(draw, data, corpus)
        return data[:MOST_BYTES]


def _flip(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    if not data:
        return b"\x00"
    at = draw.randrange(len(data))
    return data[:at] + bytes((data[at] ^ 1 << draw.randrange(8),)) + data[at + 1 :]


def _set(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + bytes((draw.choice(INTERESTING_BYTES),)) + data[at + 1 :]


def _set_word(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = draw.randrange(len(data) + 1)
    value = draw.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, draw.getrandbits(32)))
    return data[:at] + value.to_bytes(4, draw.choice(("little", "big"))) + data[at + 4 :]


def _insert(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.randbytes(draw.randrange(1, 9)) + data[at:]


def _delete(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + data[at + draw.randrange(1, 17) :]


def _cut(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: draw.randrange(len(data) + 1)]


def _repeat(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = draw.randrange(len(data) + 1)
    piece = data[at : at + draw.randrange(1, 65)]
    return data[:at] + piece * draw.randrange(2, 5) + data[at:]


def _splice(draw: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    other = draw.choice(corpus)
    return data[: draw.randrange(len(data) + 1)] + other[draw.randrange(len(other) + 1) :]


def _number(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start = draw.randrange(len(data) + 1)
    found = _NUMBER.search(data, start) or _NUMBER.search(data)
    if found is None:
        return _set_word(draw, data, ())
    return data[: found.start()] + draw.choice(INTERESTING_NUMBERS) + data[found.end() :]


def _word(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.choice(INTERESTING_WORDS) + data[at + draw.randrange(9) :]


_MUTATIONS = (
    _flip, _flip, _set, _set_word, _insert, _delete, _cut, _repeat, _splice, _number, _number, _word,
)  # fmt: skip
