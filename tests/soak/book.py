"""The state file of the soak: one document per seed, kept between starts, and what they say together."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

WARM_UP_FRAMES = 200_000
"""An hour at 60 frames per second: meanwhile caches fill, by 10 MB in all. In a stand's day memory was level from there on."""
IN_USE_SLOPE_LIMIT_MB = 0.5
"""Per 100,000 frames: five bytes per frame. What lives for a while (rendered texts, a minute of the history) goes up and down
by 3 MB, which bends the line of a whole run by less."""
RSS_SLOPE_LIMIT_MB = 1.0
"""Where nothing tells what is in use."""
MOST_RSS_GROWTH_MB = 15.0
"""Between the second and the last quarter of a run: gaps between blocks, which the allocator keeps or returns."""
FEWEST_FRAMES = 700_000
"""Of a run whose memory is judged."""
MOST_LEAKED = 3
"""By so many may the quiet level of threads or handles rise between the second and the last quarter of a run."""
MOST_EXCUSED_FRACTION, FEW_EXCUSED = 0.05, 2


def load(path: Path) -> dict[str, Any]:
    """Return the kept state, an empty one if there is none."""
    if not path.exists():
        return {"runs": []}
    return json.loads(path.read_text(encoding="utf-8"))


def save(path: Path, document: object) -> None:
    """Write all or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(document), encoding="utf-8")
    temporary.replace(path)


def total(runs: list[dict[str, Any]], name: str) -> int:
    """Return a count over all runs."""
    return sum(run[name] if isinstance(run[name], int) else sum(run[name].values()) for run in runs)


def merged(runs: list[dict[str, Any]], name: str) -> dict[str, int]:
    """Return a table of counts over all runs, most first."""
    counts: Counter[str] = Counter()
    for run in runs:
        counts.update(run[name])
    return dict(counts.most_common())


def growth_of_memory(run: dict[str, Any]) -> list[str]:
    """Return how memory grew faster than allowed; nothing for a run too short to tell."""
    if run["captured"] < FEWEST_FRAMES:
        return []
    in_use_mb, rss_mb = in_use_slope_mb(run), rss_slope_mb(run)
    found = []
    if in_use_mb is None:
        if rss_mb is not None and rss_mb > RSS_SLOPE_LIMIT_MB:
            found.append(f"RSS grew by {rss_mb:.2f} MB per 100,000 frames")
    elif in_use_mb > IN_USE_SLOPE_LIMIT_MB:
        found.append(f"memory in use grew by {in_use_mb:.2f} MB per 100,000 frames")
    grown_mb = leaked_of(run, "rss_mb")
    if grown_mb > MOST_RSS_GROWTH_MB:
        found.append(f"RSS at its lowest is {grown_mb:.0f} MB more in the last quarter than in the second")
    return found


def judge(run: dict[str, Any]) -> list[str]:
    """Return what a whole run violates: memory, threads or handles that grow, too much that had to be excused."""
    found = growth_of_memory(run)
    found += [
        f"{leaked} {name} more at the quietest moment of the last quarter than of the second"
        for name in ("threads", "handles")
        if (leaked := leaked_of(run, name)) > MOST_LEAKED
    ]
    excused = len(run.get("excused", []))
    steps = sum(run["faults"].values()) + sum(run["actions"].values())
    if excused > max(FEW_EXCUSED, MOST_EXCUSED_FRACTION * steps):
        found.append(
            f"{excused} of {steps} steps had to be excused: the machine was too busy for this run to show anything"
        )
    return found


def leaked_of(run: dict[str, Any], name: str) -> float:
    """Return by how much the lowest count of the last quarter exceeds that of the second; 0 for a run too short to tell."""
    counts = [each[name] for each in run["samples"]]
    quarter = len(counts) // 4
    if quarter < 5:
        return 0
    return max(0, min(counts[-quarter:]) - min(counts[quarter : 2 * quarter]))


def in_use_slope_mb(run: dict[str, Any]) -> float | None:
    """Return the growth of what is in use per 100,000 frames after the warm-up; None where it was not told, or too seldom.

    The median of the slopes between any two quiet moments: a few that were not so quiet do not bend it.
    """
    samples = [each for each in run["samples"] if each["frames"] >= WARM_UP_FRAMES and each.get("quiet")]
    if len(samples) < 10 or any(each["in_use_mb"] is None for each in samples):
        return None
    frames = np.array([each["frames"] for each in samples], float)
    in_use_mb = np.array([each["in_use_mb"] for each in samples])
    first, second = np.triu_indices(len(samples), 1)
    apart = frames[second] > frames[first]
    first, second = first[apart], second[apart]
    return float(np.median((in_use_mb[second] - in_use_mb[first]) / (frames[second] - frames[first])) * 1e5)


def rss_slope_mb(run: dict[str, Any]) -> float | None:
    """Return the growth of RSS per 100,000 frames after the warm-up, by least squares; None for a short run."""
    samples = [each for each in run["samples"] if each["frames"] >= WARM_UP_FRAMES]
    if len(samples) < 10:
        return None
    frames = np.array([each["frames"] for each in samples], float)
    rss_mb = np.array([each["rss_mb"] for each in samples])
    return float(np.polyfit(frames, rss_mb, 1)[0] * 1e5)
