"""Turns the two comparisons on and off, and gives them the frames that the engine labelled. NOTE: Qt-free.

``offer`` is called by the inference thread, everything else by the main thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gui.compare.agreement import Agreement
from gui.compare.cloud import CloudSettings
from gui.compare.float_client import FloatClient
from gui.core.frame import Frame
from gui.core.state import EngineChoice, Severity
from gui.monitor.figures import CloudFigures, CompareFigures
from gui.workers.beside import RunBeside
from gui.workers.cloud_worker import LANES, CloudWorker
from gui.workers.compare_worker import Client, CompareWorker

if TYPE_CHECKING:
    from engine import Result


class Comparisons:
    """Float against 8 bit, and edge against cloud; each runs only while it is wanted."""

    def __init__(
        self,
        run_beside: RunBeside,
        tell: Callable[[Severity, str], None],
        compare_changed: Callable[[], None],
        cloud_changed: Callable[[], None],
        make_client: Callable[[EngineChoice], Client] = FloatClient,
        make_cloud: Callable[..., CloudWorker] = CloudWorker,
    ) -> None:
        self._run_beside = run_beside
        self._tell = tell
        self._compare_changed = compare_changed
        self._cloud_changed = cloud_changed
        self._make_client = make_client
        self._make_cloud = make_cloud
        self.agreement = Agreement()
        self.compare: CompareWorker | None = None
        self.cloud: CloudWorker | None = None

    def set_compare(self, wanted: bool) -> None:
        """Run the float network beside the engine, or stop doing so; what was counted stays."""
        if wanted and self.compare is None:
            worker = CompareWorker(self._make_client, self._tell, self._compare_changed, self.agreement)
            self._run_beside("compare", worker.run, worker.stop)
            self.compare = worker
        elif not wanted and self.compare is not None:
            self.compare.stop()
            self.compare = None
        self._compare_changed()

    def set_cloud(self, wanted: bool, settings: CloudSettings) -> None:
        """Ask the cloud function beside the engine, or stop doing so."""
        if wanted and self.cloud is None:
            worker = self._make_cloud(settings, self._tell, self._cloud_changed)
            for lane in range(LANES):
                self._run_beside(f"cloud {lane}", lambda lane=lane: worker.run_lane(lane), worker.stop)  # type: ignore[misc]
            self.cloud = worker
        elif not wanted and self.cloud is not None:
            self.cloud.stop()
            self.cloud = None
        self._cloud_changed()

    def offer(self, frame: Frame, result: Result, choice: EngineChoice) -> None:
        """Compare a frame that the engine of ``choice`` labelled; never waits."""
        compare, cloud = self.compare, self.cloud
        if compare is not None:
            compare.offer(frame, result, choice)
        if cloud is not None:
            cloud.offer(frame, result, choice)

    def look_after(self) -> None:
        """End processes that hang or are not used any more; called several times a second."""
        if self.compare is not None:
            self.compare.look_after()
        if self.cloud is not None:
            self.cloud.look_after()

    def share(self) -> float | None:
        """Return the share of the last minute's frames on which float and 8 bit agree, None while not compared."""
        return self.agreement.share() if self.compare is not None else None

    def compare_figures(self) -> CompareFigures | None:
        """Return what the metrics say of float against 8 bit."""
        if self.compare is None:
            return None
        agreement = self.agreement
        return CompareFigures(agreement.compared, agreement.agreed, agreement.dropped, agreement.cosine())

    def cloud_figures(self) -> CloudFigures | None:
        """Return what the metrics say of edge against cloud."""
        if self.cloud is None:
            return None
        ledger = self.cloud.ledger
        p50_ms, p95_ms = ledger.latency().quantiles_ms((50, 95))
        return CloudFigures(ledger.answered, ledger.failed, ledger.bytes_up, p50_ms, p95_ms)
