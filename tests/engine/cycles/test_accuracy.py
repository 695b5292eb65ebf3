"""The stated accuracy is what the calibration wrote, for every device that it judged."""

from engine.cycles.accuracy import Accuracy, stated_accuracy
from engine.soc import soc_names


def test_every_soc_states_an_error_within_the_target():
    overall = stated_accuracy("another")  # of which nothing is published
    assert 0 < overall.median <= 0.12
    for name in soc_names():
        accuracy = stated_accuracy(name)
        assert 0 < accuracy.median <= accuracy.worst <= overall.worst <= 0.35


def test_it_reads_as_a_sentence():
    assert str(Accuracy(0.07, 0.28)).startswith("typically 7% off, at worst 28%")
