import numpy as np
import pytest

from gui.core.smoothing import Smoother


def test_a_step_is_followed_with_the_time_constant_whatever_the_frame_rate():
    for fps in (5, 60):
        smoother = Smoother(0.5)
        smoother.update(np.float32([1, 0]), 0.0)
        for frame in range(1, fps + 1):
            mean = smoother.update(np.float32([0, 1]), frame / fps)
        assert mean[0] == pytest.approx(np.exp(-2), rel=1e-4)
        assert mean.sum() == pytest.approx(1)


def test_another_network_and_a_restart_begin_anew():
    smoother = Smoother()
    smoother.update(np.float32([1, 0]), 0.0)
    assert smoother.update(np.float32([0, 0, 1]), 0.01).tolist() == [0, 0, 1]
    smoother.restart()
    assert smoother.update(np.float32([1, 0, 0]), 0.02).tolist() == [1, 0, 0]


def test_time_that_stands_still_changes_nothing():
    smoother = Smoother()
    smoother.update(np.float32([1, 0]), 5.0)
    assert smoother.update(np.float32([0, 1]), 4.0).tolist() == [1, 0]
