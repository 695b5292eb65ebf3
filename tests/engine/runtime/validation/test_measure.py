from contextlib import closing
from itertools import accumulate
from types import SimpleNamespace

from engine.runtime.validation import measure
from engine.runtime.validation.folder import LabelledPicture
from engine.runtime.validation.measure import HostTimes, Task, make_job


def test_each_part_of_a_pictures_time_is_its_own(tiny, pictures, monkeypatch):
    path = pictures / "0000_0.png"
    now_ns = accumulate((9, 1, 20, 300, 4000, 50000))
    with closing(make_job(*tiny, "numpy", 1).open(None)) as meter:
        monkeypatch.setattr(measure, "time", SimpleNamespace(perf_counter_ns=now_ns.__next__))
        outcome = meter.measure(Task(LabelledPicture(path, path.name, 0), layers=True))
    assert outcome.times == HostTimes(
        decode_ns=1, preprocess_ns=20, float_ns=300, device_ns=4000, layers_ns=50000
    )
