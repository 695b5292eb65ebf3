"""Words and fixed-decimal figures of the modelled clock."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gui.core.device_figures import Comparison, DeviceFigures, DeviceStep, amount
from gui.core.text import Written
from gui.core.what_if import Number, WhatIf
from gui.widgets.wording import milliseconds, percent


def step_title(step: DeviceStep) -> str:
    """Return a step's name."""
    return {
        DeviceStep.MODEL: _tr("A72 model"),
        DeviceStep.RUNTIME: _tr("runtime"),
        DeviceStep.MAILBOX: _tr("mailbox"),
        DeviceStep.MEMORY: _tr("memory"),
        DeviceStep.MMA: _tr("MMA"),
        DeviceStep.RESULT: _tr("result"),
    }[step]


def step_help(step: DeviceStep) -> str:
    """Return what a step's time is."""
    return {
        DeviceStep.MODEL: _tr("lies in the chip's memory since loading and takes no time per frame"),
        DeviceStep.RUNTIME: _tr("the A72 copies the picture to the C7x"),
        DeviceStep.MAILBOX: _tr("messages between the A72 and the C7x, and the set-up of every layer"),
        DeviceStep.MEMORY: _tr("the C7x waits for DMA from DDR and MSMC"),
        DeviceStep.MMA: _tr("the matrix unit and the vector unit compute"),
        DeviceStep.RESULT: _tr("the A72 copies the scores back"),
    }[step]


def steps_sentence(figures: DeviceFigures) -> str:
    """Return the six steps as one text."""
    shares = ", ".join(f"{step_title(step)} {percent(share)}" for step, share in figures.shares.items())
    return _tr("modelled share of a frame's time: {shares}").format(shares=shares)


def ratio(measured_ms: float | None, modelled_ms: float | None) -> str:
    """Return how the two clocks compare; nothing while one of them has no figure."""
    if not measured_ms or not modelled_ms:
        return ""
    times = modelled_ms / measured_ms
    decimals = 2 if times < 1 else 1 if times < 100 else 0
    return _tr("The chip would take {times} × this laptop's time.").format(
        times=f"{Written(times):.{decimals}f}"
    )


def chip(what_if: WhatIf) -> str:
    """Return the chip asked about, with all that is not as it is made."""
    return ", ".join((what_if.title, *what_if.differences()))


def accuracy(figures: DeviceFigures) -> str:
    """Return how far the model is off, as far as anybody knows."""
    error = figures.accuracy
    text = _tr("left-out error {median} on {chip}, at worst {worst}").format(
        median=percent(error.median), chip=figures.what_if.title, worst=percent(error.worst)
    )
    return text if figures.what_if.is_made else _tr("{known}; unknown for a what-if").format(known=text)


def accuracy_help(figures: DeviceFigures) -> str:
    """Return how the error was found."""
    return _tr("The modelled time is {accuracy}.").format(accuracy=figures.accuracy)


def utilization(figures: DeviceFigures) -> str:
    """Return how busy the matrix unit is, in both of its senses."""
    return _tr("core loop {core} · whole network {network} of the MMA's peak").format(
        core=percent(figures.core_loop_utilization), network=percent(figures.network_utilization)
    )


def traffic(figures: DeviceFigures) -> str:
    """Return the DDR traffic of a frame."""
    return _tr("DDR per frame: {read} read, {written} written").format(
        read=amount(figures.ddr_read_bytes), written=amount(figures.ddr_write_bytes)
    )


def not_modelled(figures: DeviceFigures) -> str:
    """Return why the frame as a whole has no modelled time; nothing where it has one."""
    if not figures.on_host:
        return ""
    first, more = figures.on_host[0], len(figures.on_host) - 1
    text = _tr("not modelled: part of this network runs on the A72: {first}").format(first=first)
    if more:
        text = _tr("{text}; and {n} more").format(text=text, n=more)
    rest = _tr("The part on the C7x takes {ms} ms, modelled.")
    return f"{text}. {rest.format(ms=milliseconds(figures.modelled_ms))}"


def bandwidth_note(figures: DeviceFigures) -> str:
    """Return from where on more DDR bandwidth is of no use, where that is so."""
    if figures.what_if.value(Number.DDR) < figures.enough_ddr_gb_per_s:
        return ""
    enough = f"{Written(figures.enough_ddr_gb_per_s):.1f}"
    return _tr("More than {enough} GB/s changes nothing: the core's own DMA is the limit.").format(
        enough=enough
    )


def published_range(comparison: Comparison) -> str:
    """Return how many figures are published and how far they spread."""
    low, high = comparison.range_ms
    count = len(comparison.sources)
    if count == 1:
        return _tr("the only figure")
    return _tr("median of {n}: {low}–{high} ms").format(
        n=count, low=f"{Written(low):.2f}", high=f"{Written(high):.2f}"
    )


def difference(comparison: Comparison) -> str:
    """Return how far the modelled figure is from the published one."""
    if comparison.modelled_ms is None:
        return _tr("part of it runs on the A72")
    return _tr("{percent} %").format(
        percent=f"{100 * (comparison.modelled_ms / comparison.published_ms - 1):+.0f}"
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Device", text)
