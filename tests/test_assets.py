"""Every shipped file is listed with its digest, licence, origin and author; the pictures are what they should be."""

import hashlib
import re
import tomllib
from pathlib import Path

import cv2
import pytest

import assets

ROOT = assets.path(".")
PICTURE_LICENCES = {
    "CC0-1.0",
    "LicenseRef-Public-Domain",
    "CC-BY-1.0",
    "CC-BY-2.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
}
OTHER_LICENCES = {"Apache-2.0", "ISC", "MIT", "OFL-1.1"}
FILES = {entry["path"]: entry for entry in tomllib.loads((ROOT / "manifest.toml").read_text("utf-8"))["file"]}


def shipped() -> set[str]:
    """Return the paths of all data files, which are those the manifest has to name."""
    own = {"__init__.py", "manifest.toml"}
    found = {file.relative_to(ROOT) for file in ROOT.rglob("*") if file.is_file()}
    return {
        path.as_posix()
        for path in found
        if path.name not in own and path.parts[0] not in ("screenshots", "__pycache__")
    }


def in_folder(name: str) -> list[str]:
    return sorted(path for path in FILES if path.startswith(name + "/"))


def test_manifest_names_exactly_what_is_shipped():
    assert set(FILES) == shipped()


@pytest.mark.parametrize("path", sorted(FILES))
def test_digest_and_provenance(path):
    entry = FILES[path]
    assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == entry["sha256"]
    allowed = PICTURE_LICENCES if path.endswith(".jpg") else OTHER_LICENCES
    assert entry["licence"] in allowed
    assert entry["origin"].strip()
    assert entry["author"].strip()


@pytest.mark.parametrize("path", [path for path in FILES if FILES[path]["licence"].startswith("CC-BY")])
def test_changes_to_attributed_works_are_stated(path):
    assert FILES[path]["changes"]


@pytest.mark.parametrize("folder", ["fonts", "icons", "labels"])
def test_licence_text_lies_beside_the_files(folder):
    assert any(Path(path).name.startswith("LICENSE") for path in in_folder(folder))


def test_calibration_set_is_small_and_varied():
    crops = in_folder("calibration")
    assert len(crops) == 24
    assert len({FILES[path]["origin"] + FILES[path]["author"] for path in crops}) >= 6
    assert sum((ROOT / path).stat().st_size for path in crops) <= 1_500_000


@pytest.mark.parametrize("path", in_folder("calibration"))
def test_calibration_crop_is_a_colour_square(path):
    picture = cv2.imread(str(ROOT / path), cv2.IMREAD_COLOR)
    assert picture.shape == (256, 256, 3)
    assert (picture.max(axis=2) - picture.min(axis=2)).mean() > 4  # grey levels apart: not a grey picture


@pytest.mark.parametrize("path", in_folder("demo"))
def test_demo_picture_decodes_and_is_large_enough(path):
    picture = cv2.imread(str(ROOT / path), cv2.IMREAD_COLOR)
    assert min(picture.shape[:2]) >= 183
    assert not Path(path).name[0].isdigit()  # leading digits of a file name mean a class number


def test_labels_are_a_thousand_different_names():
    names = (ROOT / "labels/imagenet1k.txt").read_text("utf-8").splitlines()
    assert len(names) == len({name.casefold() for name in names}) == 1000
    assert all(name == name.strip() and 2 <= len(name) <= 32 for name in names)
    assert (names[0], names[504], names[784], names[967]) == (
        "tench",
        "coffee mug",
        "screwdriver",
        "espresso",
    )


@pytest.mark.parametrize("path", [path for path in in_folder("icons") if path.endswith(".svg")])
def test_icon_is_monochrome_and_square(path):
    drawing = (ROOT / path).read_text("utf-8")
    if path == "icons/lens7.svg":
        assert 'viewBox="0 0 64 64"' in drawing
        return
    assert 'viewBox="0 0 24 24"' in drawing
    assert set(re.findall(r'(?:stroke|fill)="([^"]+)"', drawing)) <= {"none", "currentColor"}


def test_unknown_asset_is_refused_by_name():
    with pytest.raises(FileNotFoundError, match=r"nowhere\.txt"):
        assets.path("nowhere.txt")
