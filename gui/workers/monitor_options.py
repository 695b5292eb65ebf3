"""From the settings to rules, limits and the simulated network. NOTE: Qt-free."""

from __future__ import annotations

import math
from collections.abc import Iterator

from gui.compare.cloud import CloudSettings
from gui.compare.network import Network
from gui.core.settings import Settings
from gui.monitor.alarms import Quantity, Rule
from gui.monitor.history_rotation import Limits

# Setting, quantity, and how many of the setting's units are one of the vitals' units.
_RULES = (
    ("alarm_latency_ms", Quantity.LATENCY, 1),
    ("alarm_age_ms", Quantity.AGE, 1),
    ("alarm_fps", Quantity.FPS, 1),
    ("alarm_dropped_percent", Quantity.DROPPED, 100),
    ("alarm_agreement_percent", Quantity.AGREEMENT, 100),
)
UNLIMITED_MBIT_S = 10_000
"""At the top of its scale a bandwidth is no limit at all."""


def alarm_rules(settings: Settings) -> tuple[Rule, ...]:
    """Return a rule for each threshold that is set."""
    return tuple(_rules(settings))


def _rules(settings: Settings) -> Iterator[Rule]:
    for name, quantity, units in _RULES:
        if limit := settings.number(name):
            yield Rule(quantity, limit / units)


def history_limits(settings: Settings) -> Limits:
    """Return how much history is kept."""
    return Limits(settings.number("history_mb") * 1_000_000, settings.number("history_days"))


def cloud_settings(settings: Settings) -> CloudSettings:
    """Return what a round trip to the cloud is made of."""
    return CloudSettings(
        network=Network(
            round_trip_ms=settings.number("cloud_round_trip_ms"),
            upload_mbit_s=_bandwidth(settings.number("cloud_upload_mbit_s")),
            download_mbit_s=_bandwidth(settings.number("cloud_download_mbit_s")),
            jitter_ms=settings.number("cloud_jitter_ms"),
            loss=settings.number("cloud_loss_permille") / 1000,
        ),
        short_px=settings.number("cloud_short_px"),
        cold_start_ms=settings.number("cloud_cold_start_ms"),
        keep_warm_s=settings.number("cloud_keep_warm_s"),
        in_flight=settings.number("cloud_in_flight"),
        concurrency=settings.number("cloud_concurrency"),
    )


def _bandwidth(mbit_s: int) -> float:
    return math.inf if mbit_s >= UNLIMITED_MBIT_S else float(mbit_s)
