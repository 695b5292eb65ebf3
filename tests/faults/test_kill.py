"""A few of the kills of ``python -m tests.kill``."""

import pytest

from tests.kill.killer import kill_many
from tests.kill.victims import VICTIMS


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_killed_process_leaves_nothing_half_done(tmp_path, victim):
    kill_many(victim, 2, 7, tmp_path / victim, 0.4)
