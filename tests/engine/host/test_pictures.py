import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.errors import ImageError
from engine.host.picture_header import picture_size
from engine.host.pictures import picture_files, read_picture

PICTURE = np.random.default_rng(0).integers(0, 256, (11, 23, 3)).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp"])
def test_size_is_known_before_decoding(suffix, tmp_path):
    data = cv2.imencode(suffix, PICTURE)[1].tobytes()
    assert picture_size(data) == (23, 11)
    (tmp_path / f"größe{suffix}").write_bytes(data)
    assert read_picture(tmp_path / f"größe{suffix}").shape == (11, 23, 3)


def test_channels_are_red_green_blue(tmp_path):
    (tmp_path / "p.png").write_bytes(cv2.imencode(".png", PICTURE)[1].tobytes())
    np.testing.assert_array_equal(read_picture(tmp_path / "p.png"), PICTURE[..., ::-1])


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp"])
@pytest.mark.parametrize("kept", [0, 1, 8, 20, 40, 120])
def test_truncated_files_are_refused_or_read_whole(suffix, kept, tmp_path):
    (tmp_path / f"p{suffix}").write_bytes(cv2.imencode(suffix, PICTURE)[1].tobytes()[:kept])
    try:
        assert read_picture(tmp_path / f"p{suffix}").shape == (11, 23, 3)
    except ImageError as error:
        assert "\n" not in str(error)
        assert f"p{suffix}" in str(error)


def test_what_is_no_file(tmp_path):
    with pytest.raises(ImageError, match="not a file"):
        read_picture(tmp_path)
    with pytest.raises(ImageError, match="no such folder"):
        picture_files(tmp_path / "none")
    with pytest.raises(ImageError, match="holds no picture"):
        picture_files(tmp_path)


def test_a_folder_that_goes_while_it_is_searched_holds_nothing(tmp_path, monkeypatch):
    going = tmp_path / "going"
    going.mkdir()
    (tmp_path / "c.png").write_bytes(b"x")
    scan = os.scandir

    def scan_too_late(folder="."):
        if Path(folder) == going:
            going.rmdir()
        return scan(folder)

    monkeypatch.setattr(os, "scandir", scan_too_late)
    assert picture_files(tmp_path) == [tmp_path / "c.png"]


def test_a_folder_gives_its_pictures_in_order(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("c.png", "a.JPG", "b/d.webp", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [str(p.relative_to(tmp_path)) for p in picture_files(tmp_path)] == ["a.JPG", "b/d.webp", "c.png"]
