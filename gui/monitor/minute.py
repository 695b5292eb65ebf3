"""The running minute of a session, summed up again at each commit. NOTE: Qt-free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gui.core.latency import Stage
from gui.monitor.history_file import QUANTILES
from gui.monitor.records import Counts

MINUTE_US = 60_000_000
StagesUs = tuple[int | None, ...]
"""One value per ``Stage`` in its order, in microseconds; None where the frame did not pass it."""


@dataclass(frozen=True, slots=True)
class Minute:
    """Everything that the summary of one minute is made of. ``before`` are the totals when the minute began."""

    number: int
    before: Counts
    stages_us: tuple[StagesUs, ...] = ()
    labels: Counter[int] = field(default_factory=Counter)
    engine: int | None = None
    modelled_us: int | None = None

    def with_frames(
        self,
        stages_us: Sequence[StagesUs],
        labels: Sequence[int | None],
        engine: int | None,
        modelled_us: int | None,
    ) -> Minute:
        """Return the minute with more frames; ``engine`` and ``modelled_us`` are those of the last one."""
        return replace(
            self,
            stages_us=(*self.stages_us, *stages_us),
            labels=self.labels + Counter(label for label in labels if label is not None),
            engine=engine,
            modelled_us=modelled_us,
        )

    def row(self, session: int, totals: Counts) -> tuple[int | None, ...]:
        """Return the values of table ``minute`` in the order of its columns."""
        grown = totals.since(self.before)
        most_seen = self.labels.most_common(1)
        return (
            self.number,
            session,
            self.engine,
            most_seen[0][0] if most_seen else None,
            len(self.stages_us),
            self.labels.total(),
            grown.captured,
            sum(grown.dropped.values()),
            grown.compared,
            grown.agreed,
            self.modelled_us,
            *self._quantiles_us(),
        )

    def _quantiles_us(self) -> list[int | None]:
        if not self.stages_us:
            return [None] * (len(Stage) * len(QUANTILES))
        values: list[int | None] = []
        for column in np.array(self.stages_us, np.float64).T:
            passed = column[np.isfinite(column)]
            if passed.size:
                values.extend(np.percentile(passed, QUANTILES).round().astype(int).tolist())
            else:
                values.extend([None] * len(QUANTILES))
        return values
