"""What a golden self-check found: the badge's date, digest and verdict. NOTE: Qt-free."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from gui.core.text import say

_MAX_OUTPUT_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class SelfCheckResult:
    """One verdict. ``date`` is local time for people; ``digest`` stands for the golden values held against."""

    passed: bool
    date: str
    digest: str
    kernels: tuple[tuple[str, str], ...]
    problem: str = ""

    @property
    def sentence(self) -> str:
        """The verdict as one line."""
        if not self.passed:
            return say(
                "self-check failed: {problem}; the labels may be wrong, use the numpy kernels",
                problem=self.problem,
            )
        return say("self-check passed {date}, golden digest {digest}", date=self.date, digest=self.digest)


def golden_digest(digests: Mapping[str, str]) -> str:
    """Return eight characters that stand for all golden digests together."""
    text = "".join(f"{name}={digests[name]};" for name in sorted(digests))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def result_of(output: bytes, crashed: bool, date: str, digest: str) -> SelfCheckResult:
    """Return what the process of a self-check found, from its JSON output and whether it died."""
    if crashed:
        return SelfCheckResult(False, date, digest, (), say("the self-check crashed on this processor"))
    try:
        document = json.loads(output[:_MAX_OUTPUT_BYTES])
        kernels = {str(name): str(verdict) for name, verdict in document["kernels"].items()}
        golden = str(document["golden"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return SelfCheckResult(False, date, digest, (), say("the self-check gave no answer"))
    wrong = [f"{name} {verdict}" for name, verdict in kernels.items() if verdict.startswith("differs")]
    if golden != "ok":
        wrong.insert(0, f"golden {golden}")
    return SelfCheckResult(not wrong, date, digest, tuple(kernels.items()), ", ".join(wrong))
