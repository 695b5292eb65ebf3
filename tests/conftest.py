"""What every test may ask for. NOTE: Qt-free, so that the engine's tests run where Qt is not installed."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # read when the first QApplication is built

# The machines that test are shared and slow now and then: a deadline would measure them, not the code.
settings.register_profile("ci", deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", parent=settings.get_profile("ci"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_collection_finish() -> None:
    """Take the garbage collector out of all threads, as the window does (gui/garbage.py says why)."""
    spare_what_lives()
    gc.disable()


def spare_what_lives() -> None:
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@pytest.fixture
def collector_state() -> Iterator[None]:
    """Give the garbage collector back as it was."""
    yield
    spare_what_lives()
    gc.disable()


@pytest.fixture(autouse=True, scope="module")
def collect_all() -> Iterator[None]:
    """Collect everything after each module, in the main thread."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def collect_young() -> Iterator[None]:
    """Collect what is young after each test, in the main thread."""
    yield
    delete_what_is_due()
    gc.collect(1)


def delete_what_is_due() -> None:
    """Let Qt destroy the test's windows: as long as they live, whatever dresses the next one dresses them too."""
    qt = sys.modules.get("PySide6.QtCore")
    if qt is not None and qt.QCoreApplication.instance() is not None:
        qt.QCoreApplication.sendPostedEvents(None, qt.QEvent.Type.DeferredDelete)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of test data beside the repository; without it the test is skipped."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"test data folder {folder} is not on this machine")
    return folder


@pytest.fixture
def tmp_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that stands for the user's cache, settings and data folders during the test."""
    cache = tmp_path / "cache"
    cache.mkdir()
    for variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(cache))
    return cache
