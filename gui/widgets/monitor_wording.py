"""Words and fixed-decimal figures of the monitoring panels."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from gui.compare.agreement import Agreement
from gui.compare.cloud import CloudAnswer
from gui.compare.cloud_ledger import CloudLedger, Price
from gui.core.text import Written, say_n
from gui.core.theme import Mark
from gui.monitor.alarms import Alarm
from gui.widgets.wording import Status
from gui.widgets.words import word
from gui.workers.cloud_worker import CloudState
from gui.workers.compare_worker import CompareState
from gui.workers.recording_worker import RecordingStatus

NO_BREAK = "\u00a0"
"""A figure and its unit stay on one line."""
_COMPARE_MARKS = {CompareState.COMPARING: Mark.GOOD, CompareState.FAILED: Mark.BAD}
_CLOUD_MARKS = {
    CloudState.ANSWERING: Mark.GOOD,
    CloudState.UNPLUGGED: Mark.BAD,
    CloudState.SILENT: Mark.WARNING,
    CloudState.FAILED: Mark.BAD,
}


def compare_status(state: CompareState | None) -> Status:
    """Return where the float network stands; None while it is off."""
    if state is None:
        return Status(Mark.UNKNOWN, _tr("off"))
    return Status(_COMPARE_MARKS.get(state, Mark.UNKNOWN), word(state.value))


def cloud_status(state: CloudState | None) -> Status:
    """Return where the cloud stands; None while it is off."""
    if state is None:
        return Status(Mark.UNKNOWN, _tr("off"))
    return Status(_CLOUD_MARKS.get(state, Mark.UNKNOWN), word(state.value))


def share_text(share: float | None) -> str:
    """Return a share of 0 to 1 as a percentage with one decimal."""
    return "–" if share is None else f"{Written(100 * share):.1f} %"


def agreement_line(agreement: Agreement) -> str:
    """Return how near the logits are, and how many frames were compared."""
    cosine = agreement.cosine()
    parts = [
        _tr("logit cosine {cosine}").format(cosine="–" if cosine is None else f"{Written(cosine):.4f}"),
        say_n("{n} frame compared", "{n} frames compared", agreement.compared),
        _tr("{count} not, the float network was busy").format(count=agreement.dropped),
    ]
    if agreement.unnamed:
        parts.append(_tr("{count} not, a network named nothing").format(count=agreement.unnamed))
    return "  ·  ".join(parts)


def bytes_text(count: int) -> str:
    """Return a number of bytes as people read it."""
    if count < 1000:
        text = f"{count} B"
    else:
        text = f"{count / 1e3:.0f} kB" if count < 1_000_000 else f"{Written(count / 1e6):.1f} MB"
    return text.replace(" ", NO_BREAK)


def privacy_line(ledger: CloudLedger | None) -> str:
    """Return what left this device: the point of the edge."""
    sent = ledger.bytes_up if ledger is not None else 0
    return _tr("Left this device:  edge {kept}  ·  cloud {sent}").format(
        kept=bytes_text(0), sent=bytes_text(sent)
    )


def ledger_line(ledger: CloudLedger, cold_starts: int) -> str:
    """Return how requests went."""
    parts = [_tr("{count} answered").format(count=ledger.answered)]
    parts += [f"{count} {word(reason)}" for reason, count in ledger.failures().items()]
    parts.append(_tr("{count} never sent").format(count=ledger.dropped))
    parts.append(_tr("cold starts: {count}").format(count=cold_starts))
    return "  ·  ".join(parts)


def price_line(ledger: CloudLedger, price: Price) -> str:
    """Return what a million such frames would cost; modelled from a list price."""
    dollars = ledger.dollars_per_million(price)
    if dollars is None:
        return _tr("List price of a function: known after the first answer.")
    return _tr("A million such frames: {dollars:.2f} US$ at list price, modelled").format(
        dollars=Written(dollars)
    )


def round_trip_parts(answer: CloudAnswer) -> Mapping[str, tuple[float, bool]]:
    """Return each part of a round trip in ms in its order, and whether it is simulated."""
    times = answer.times
    return {
        _tr("JPEG"): (times.encode_ns / 1e6, False),
        _tr("way up"): (times.up.total_ms, True),
        _tr("cold start"): (times.start_ns / 1e6 + times.cold_start_ms, times.cold_start_ms > 0),
        _tr("function"): (times.exchange_ns / 1e6, False),
        _tr("way down"): (times.down.total_ms, True),
    }


def alarm_lines(alarms: tuple[Alarm, ...]) -> str:
    """Return the standing alarms, one a line, the newest first."""
    return "\n".join(alarm.text for alarm in reversed(alarms))


def recording_line(status: RecordingStatus | None) -> str:
    """Return how a recording does; empty where none runs."""
    if status is None or not status.running:
        return ""
    return say_n(
        "recording pictures: {n} frame, {size} of {limit}",
        "recording pictures: {n} frames, {size} of {limit}",
        status.frames,
        size=bytes_text(status.size_bytes),
        limit=bytes_text(status.limit_bytes),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("MonitorWording", text)
