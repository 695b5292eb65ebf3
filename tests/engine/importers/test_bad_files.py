"""Every bad file is refused in one line that names file and culprit, in under 5 s and 1 GB."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.errors import ModelError
from engine.importers import import_model
from tests.engine.importers.bad_files import BadFile, bad_files

FILES = list(bad_files())
LIMIT_S = 5.0
LIMIT_KB = 1 << 20


@pytest.mark.parametrize("bad", FILES, ids=[each.name for each in FILES])
def test_file_is_refused(bad: BadFile, tmp_path: Path) -> None:
    path = bad.write(tmp_path)
    before = sorted(tmp_path.iterdir())
    start_s = time.perf_counter()
    with pytest.raises(ModelError, match=re.escape(bad.says)) as caught:
        import_model(path)
    assert time.perf_counter() - start_s < LIMIT_S
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.iterdir()) == before


REFUSE_ALL = """
import resource, sys
from engine.errors import ModelError
from engine.importers import import_model
refused = 0
for path in sys.argv[1:]:
    try:
        import_model(path)
    except ModelError:
        refused += 1
print(refused, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_refusals_take_little_memory(tmp_path: Path) -> None:
    paths = [bad.write(tmp_path) for bad in FILES]
    run = subprocess.run(
        [sys.executable, "-c", REFUSE_ALL, *map(str, paths)], capture_output=True, text=True, check=True
    )
    refused, peak_kb = map(int, run.stdout.split())
    assert refused == len(paths)
    assert peak_kb < LIMIT_KB


@pytest.mark.parametrize("name", ["missing.onnx", "missing.tflite", "missing.yaml", "missing"])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"{name}: no such file"):
        import_model(tmp_path / name)
