"""The books of the cloud's side, by hand."""

import pytest

from engine import Label
from gui.compare.cloud import CloudAnswer, CloudTimes
from gui.compare.cloud_ledger import CloudLedger, Price
from gui.compare.network import Delays

ANT, BEE = Label(0, "ant", 0.9), Label(1, "bee", 0.8)
NONE = Delays(0.0, 0.0, 0.0, 0.0)


def answer(seq: int, captured_s: float, function_ms: float, total_ms: float, top: Label = ANT) -> CloudAnswer:
    """Return an answer to a frame that the edge called an ant within 2 ms; 30 bytes came back."""
    times = CloudTimes(0, 0, 0, round(function_ms * 1e6), round(total_ms * 1e6), NONE, NONE, 4.0)
    return CloudAnswer(seq, round(captured_s * 1e9), (top,), (ANT,), 2_000_000, times, 100, 30, cold=False)


@pytest.fixture
def ledger() -> CloudLedger:
    """Return the books of three answers, of which the newest frame's did not come last."""
    ledger = CloudLedger()
    ledger.add_answer(answer(1, 10.0, 1.2, 50.0))
    ledger.add_answer(answer(3, 70.5, 7.0, 70.0, BEE))
    ledger.add_answer(answer(2, 11.0, 0.5, 60.0))
    return ledger


def test_answers_are_counted_and_the_newest_frames_is_the_latest(ledger):
    assert (ledger.answered, ledger.same_label, ledger.bytes_down) == (3, 2, 90)
    assert ledger.latest.seq == 3


def test_a_million_frames_cost_requests_and_each_begun_millisecond(ledger):
    price = Price(per_request=1e-6, per_gb_s=1e-3, memory_gb=2.0)
    # 3 requests, and 2 + 7 + 1 ms of 2 GB.
    assert ledger.dollars_per_million(price) == pytest.approx((3e-6 + 0.010 * 2.0 * 1e-3) / 3 * 1e6)


def test_latencies_are_in_the_order_of_the_frames_within_a_minute_of_the_newest(ledger):
    pair = ledger.latency()
    assert pair.t_s.tolist() == [-59.5, 0.0]
    assert pair.cloud_ms.tolist() == [60.0, 70.0]
    assert pair.edge_ms.tolist() == [2.0, 2.0]
    assert pair.simulated_ms.tolist() == [4.0, 4.0]
    assert pair.quantiles_ms((0, 50, 100)) == (60.0, 65.0, 70.0)
    assert CloudLedger().latency().quantiles_ms((50, 95)) == (None, None)
