"""Agreement over time, and the few pictures that are kept of disagreements."""

import weakref

import numpy as np
import pytest

from engine import Label
from gui.compare.agreement import KEPT_DISAGREEMENTS, THUMBNAIL_PX, Agreement, Compared

S = 1_000_000_000
IMAGE = np.zeros((480, 640, 3), np.uint8)


def compared(at_s: float, float_first: int = 1, device_first: int = 1, cosine: float = 0.99) -> Compared:
    def top(index):
        return (Label(index, f"class {index}", 0.8),)

    return Compared(
        round(at_s * 30), round(at_s * S), top(float_first), top(device_first), cosine, 9_000_000, 4_000_000
    )


def test_nothing_yet():
    agreement = Agreement()
    assert (agreement.share(), agreement.cosine(), agreement.latest) == (None, None, None)
    assert agreement.trend().second.size == 0
    assert agreement.disagreements() == ()


def test_totals_count_everything_and_shares_the_last_minute():
    agreement = Agreement()
    for second in range(100):
        agreement.add(compared(second, device_first=2 if second < 70 else 1, cosine=second / 100), IMAGE)
    agreement.count_dropped()
    assert (agreement.compared, agreement.agreed, agreement.dropped) == (100, 30, 1)
    assert agreement.share() == pytest.approx(30 / 60)
    assert agreement.cosine() == pytest.approx(np.mean(np.arange(40, 100) / 100))
    assert agreement.latest.seq == 99 * 30


def test_logits_that_are_no_numbers_have_no_cosine():
    agreement = Agreement()
    agreement.add(compared(0, cosine=float("nan")), IMAGE)
    assert agreement.cosine() is None  # JSON and plots know no NaN
    agreement.add(compared(1, cosine=0.5), IMAGE)
    assert agreement.cosine() == 0.5


def test_the_trend_is_by_seconds():
    agreement = Agreement()
    for tenth in range(50):
        agreement.add(compared(100 + tenth / 10, device_first=2 if tenth % 2 else 1), IMAGE)
    trend = agreement.trend()
    assert trend.second.tolist() == [-5, -4, -3, -2, -1, 0]
    assert trend.agreement[1:5] == pytest.approx([0.5] * 4)
    assert trend.cosine == pytest.approx([0.99] * 6)


def test_only_scenes_that_differ_are_kept_small_and_few():
    agreement = Agreement()
    for tick in range(20):  # one scene for two seconds
        agreement.add(compared(tick / 10, device_first=2), IMAGE)
    assert len(agreement.disagreements()) == 1
    agreement.add(compared(2.0, device_first=2), IMAGE)
    assert len(agreement.disagreements()) == 2
    agreement.add(compared(2.1, device_first=3), IMAGE)
    newest = agreement.disagreements()[0]
    assert newest.compared.device_top[0].index == 3
    assert newest.thumbnail.shape == (120, THUMBNAIL_PX, 3)
    for number in range(100):
        agreement.add(compared(10 + 3 * number, device_first=2), IMAGE)
    assert len(agreement.disagreements()) == KEPT_DISAGREEMENTS


@pytest.mark.parametrize("shape", [(480, 640, 3), (100, 100, 3), (1, 5000, 3)])
def test_no_frame_is_kept_alive(shape):
    agreement = Agreement()
    image = np.zeros(shape, np.uint8)
    agreement.add(compared(1, device_first=2), image)
    frame = weakref.ref(image)
    del image
    assert frame() is None
    assert max(agreement.disagreements()[0].thumbnail.shape[:2]) <= THUMBNAIL_PX
