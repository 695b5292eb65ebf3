"""The soak blames the window only for what the window does, also where a run ends in the middle of a fault."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from tests.soak import engine

ROOT = Path(__file__).resolve().parents[1]
# A run that reaches its goal while the engine hangs; in a process of its own, as the soak runs its seeds.
RUN = """
import json
import cv2
from tests.soak import director
from tests.soak.engine import Mode

class Rig(director.Rig):
    def _advance(self):
        if self.faults.mode is Mode.HANGS:
            self._goal_frames = 0
        super()._advance()

director.Rig = Rig
director.FAULTS = director.ACTIONS = {"engine hangs": director.FAULTS["engine hangs"]}
found = director.run(1, 10**9, 2000.0, lambda findings: None).document()
print(json.dumps(found | {"opencv_threads": cv2.getNumThreads()}))
"""


def test_a_run_that_ends_while_the_engine_hangs_finds_nothing():
    ended = subprocess.run(
        [sys.executable, "-c", RUN], cwd=ROOT, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE, text=True, check=True, timeout=120,
    )  # fmt: skip
    found = json.loads(ended.stdout)
    assert found["finished"]
    assert found["violations"] + found["excused"] == []
    assert (
        found["opencv_threads"] == 1
    )  # as in the window: its own would keep memory of every thread there ever was


def test_an_engine_that_is_let_go_just_before_it_hangs_goes_on():
    faults = engine.Faults()
    faults.set(engine.Mode.HANGS)
    faults.set(engine.Mode.FINE)  # a session has looked at the mode in between
    hanging = threading.Thread(target=faults.hang, daemon=True)
    hanging.start()
    hanging.join(5.0)
    assert not hanging.is_alive()
