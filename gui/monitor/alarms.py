"""Alarms on vitals: raised and ended with patience, so that none flickers. NOTE: Qt-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from gui.core.text import Written, say, word
from gui.monitor.vitals import Vitals

PATIENCE_NS = 3_000_000_000
MARGIN = 0.1
"""An alarm ends only when its value has come back across the limit by this share of it, for as long as it took."""


class Quantity(Enum):
    """What a rule watches; the value is the word that people read."""

    LATENCY = "latency p95"
    AGE = "picture age"
    FPS = "frame rate"
    DROPPED = "share of dropped frames"
    AGREEMENT = "agreement of float and 8 bit"


@dataclass(frozen=True, slots=True)
class _Look:
    field: str
    bad_above: bool
    form: str
    scale: float
    advice: str


_LOOKS = {
    Quantity.LATENCY: _Look(
        "latency_p95_ms", True, "{:.0f} ms", 1.0, "look for the slow stage in the latency plot"
    ),
    Quantity.AGE: _Look("age_ms", True, "{:.0f} ms", 1.0, "check camera and cable"),
    Quantity.FPS: _Look(
        "fps", False, "{:.1f} fps", 1.0, "check the light at the camera and the load of this computer"
    ),
    Quantity.DROPPED: _Look("dropped", True, "{:.0f} %", 100.0, "look for the reason among the numbers"),
    Quantity.AGREEMENT: _Look("agreement", False, "{:.0f} %", 100.0, "look at the frames that disagree"),
}
ADVICES = tuple(look.advice for look in _LOOKS.values())
"""What there is to do against each, for the translators."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One threshold, in the unit of the vitals: milliseconds, frames per second, or a share of 0 to 1."""

    quantity: Quantity
    limit: float

    def value(self, vitals: Vitals) -> float | None:
        """Return the watched value."""
        value: float | None = getattr(vitals, _LOOKS[self.quantity].field)
        return value

    def is_crossed(self, value: float) -> bool:
        """Return whether ``value`` is beyond the limit."""
        return value > self.limit if _LOOKS[self.quantity].bad_above else value < self.limit

    def is_well_again(self, value: float) -> bool:
        """Return whether ``value`` is on the good side of the limit by the margin."""
        if _LOOKS[self.quantity].bad_above:
            return value <= self.limit * (1 - MARGIN)
        return value >= min(self.limit * (1 + MARGIN), self.best)

    @property
    def best(self) -> float:
        """The best value there can be: a limit near it must be reachable again."""
        return 1.0 if self.quantity is Quantity.AGREEMENT else float("inf")

    def text(self, value: float) -> str:
        """Return ``value`` with its unit."""
        look = _LOOKS[self.quantity]
        return look.form.format(Written(value * look.scale))


@dataclass(frozen=True, slots=True)
class Alarm:
    """A rule that is broken since ``since_ns``, or was until now (``ended``); ``value`` None: no longer measured."""

    rule: Rule
    value: float | None
    since_ns: int
    ended: bool = False

    @property
    def text(self) -> str:
        """One line for people: what, the limit, what to do."""
        rule, name = self.rule, word(self.rule.quantity.value)
        if self.value is None:
            return say("{name} is not measured any more", name=name)
        if self.ended:
            return say("{name} is well again: {value}", name=name, value=rule.text(self.value))
        look = _LOOKS[rule.quantity]
        values = {"name": name, "value": rule.text(self.value), "limit": rule.text(rule.limit)}
        advice = word(look.advice)
        if look.bad_above:
            return say("{name} is {value}, more than {limit}; {advice}", advice=advice, **values)
        return say("{name} is {value}, less than {limit}; {advice}", advice=advice, **values)


class AlarmBoard:
    """Watches vitals by rules; at most one alarm per rule."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._active: dict[Rule, Alarm] = {}
        self._turning_since_ns: dict[Rule, int] = {}
        self._rules = tuple(rules)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force."""
        return self._rules

    @property
    def active(self) -> tuple[Alarm, ...]:
        """The alarms that stand, oldest first, with their latest values."""
        return tuple(sorted(self._active.values(), key=lambda alarm: alarm.since_ns))

    def set_rules(self, rules: Sequence[Rule]) -> tuple[Alarm, ...]:
        """Watch by other rules from now on; return the alarms that end because their rules are gone."""
        self._rules = tuple(rules)
        self._turning_since_ns.clear()
        return tuple(self._end(rule, None) for rule in list(self._active) if rule not in self._rules)

    def watch(self, vitals: Vitals, now_ns: int) -> tuple[Alarm, ...]:
        """Judge the vitals of this moment; return the alarms raised or ended by them."""
        news = (self._judge(rule, rule.value(vitals), now_ns) for rule in self._rules)
        return tuple(alarm for alarm in news if alarm is not None)

    def _judge(self, rule: Rule, value: float | None, now_ns: int) -> Alarm | None:
        alarm = self._active.get(rule)
        if value is None:
            self._turning_since_ns.pop(rule, None)
            return self._end(rule, None) if alarm is not None else None
        if alarm is not None:
            self._active[rule] = Alarm(rule, value, alarm.since_ns)
        turns = rule.is_well_again(value) if alarm is not None else rule.is_crossed(value)
        if not turns:
            self._turning_since_ns.pop(rule, None)
            return None
        since_ns = self._turning_since_ns.setdefault(rule, now_ns)
        if now_ns - since_ns < PATIENCE_NS:
            return None
        del self._turning_since_ns[rule]
        if alarm is not None:
            return self._end(rule, value)
        self._active[rule] = Alarm(rule, value, since_ns)
        return self._active[rule]

    def _end(self, rule: Rule, value: float | None) -> Alarm:
        return Alarm(rule, value, self._active.pop(rule).since_ns, ended=True)
