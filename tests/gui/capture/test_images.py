"""Picture files as a source, good and bad ones."""

import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from gui.capture.images import ImagesSource
from gui.capture.source import UnreadablePictureError
from gui.core.errors import CaptureError
from gui.core.state import SourceInfo


def write_picture(path: Path, size_wh=(40, 30), value=100) -> Path:
    ok, data = cv2.imencode(path.suffix, np.full((size_wh[1], size_wh[0], 3), value, np.uint8))
    assert ok
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.tobytes())
    return path


def png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def names(source: ImagesSource) -> list[str]:
    source.open()
    found = []
    while (picture := source.read()) is not None:
        found.append(picture.name)
    return found


def test_a_folder_is_read_in_order_with_its_sub_folders(tmp_path):
    for name in ("b.png", "a.jpg", "sub/c.bmp", "sub/d.webp"):
        write_picture(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    source = ImagesSource([tmp_path])
    assert names(source) == ["a.jpg", "b.png", "c.bmp", "d.webp"]
    assert source.total == 4
    assert source.info.detail == "4 pictures"


def test_a_folder_is_read_in_order_whatever_order_the_disk_has(tmp_path, monkeypatch):
    def backwards(path):
        for folder, folders, files in walk(path):
            folders.sort(reverse=True)
            yield folder, folders, sorted(files, reverse=True)

    walk = os.walk
    monkeypatch.setattr(os, "walk", backwards)
    for name in ("a.png", "b.png", "one/c.png", "one/d.png", "two/e.png"):
        write_picture(tmp_path / name)
    assert names(ImagesSource([tmp_path])) == ["a.png", "b.png", "c.png", "d.png", "e.png"]


def test_one_file_is_named_and_more_are_counted(tmp_path):
    one, two = (write_picture(tmp_path / name) for name in ("one.png", "two.png"))
    infos = []
    for paths in ([one], [one, two]):
        source = ImagesSource(paths)
        source.open()
        infos.append(source.info)
    assert infos == [SourceInfo(str(one), "one.png", ""), SourceInfo("", "2 files", "2 pictures")]


def test_files_keep_the_order_they_were_given_in(tmp_path):
    paths = [write_picture(tmp_path / name) for name in ("z.png", "a.png")]
    assert names(ImagesSource(paths)) == ["z.png", "a.png"]


def test_stepping_goes_around_the_ends(tmp_path):
    source = ImagesSource([write_picture(tmp_path / name) for name in ("a.png", "b.png", "c.png")])
    names(source)
    shown = []
    for offset in (1, 1, -1, -1):
        source.step(offset)
        shown.append(source.read().name)
    assert shown == ["a.png", "b.png", "a.png", "c.png"]


def test_non_ascii_names_are_read(tmp_path):
    assert names(ImagesSource([write_picture(tmp_path / "Tasse ü 茶.png")])) == ["Tasse ü 茶.png"]


def test_exif_orientation_is_respected(tmp_path):
    ok, data = cv2.imencode(".jpg", np.zeros((30, 40, 3), np.uint8))
    assert ok
    tiff = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0)  # 6: turn right by 90 degrees
    exif = b"Exif\x00\x00" + tiff
    jpeg = data.tobytes()
    path = tmp_path / "turned.jpg"
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:])
    source = ImagesSource([path])
    source.open()
    assert source.read().image.shape == (40, 30, 3)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"hello, I am text", "not a picture"),
        (png_header(20_000, 20_000), "20000x20000"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "not a picture"),
        (png_header(100, 100), "damaged or cut short"),
    ],
    ids=["empty", "text", "huge", "cut in the header", "cut after the header"],
)
def test_a_bad_file_is_one_clear_line_and_the_next_is_read(tmp_path, content, says):
    bad = tmp_path / "bad.png"
    bad.write_bytes(content)
    source = ImagesSource([bad, write_picture(tmp_path / "good.png")])
    source.open()
    with pytest.raises(UnreadablePictureError, match=says) as caught:
        source.read()
    assert caught.value.path == bad
    assert str(caught.value).startswith("bad.png: ")
    assert "\n" not in str(caught.value)
    assert source.read().name == "good.png"


def test_a_truncated_photo_is_refused(tmp_path):
    path = write_picture(tmp_path / "photo.jpg", (400, 300))
    path.write_bytes(path.read_bytes()[:700])
    source = ImagesSource([path])
    source.open()
    with pytest.raises(UnreadablePictureError, match=r"photo\.jpg"):
        source.read()


def test_a_missing_file_is_said_so(tmp_path):
    source = ImagesSource([tmp_path / "gone.png", tmp_path / "gone too.png"])
    source.open()
    with pytest.raises(UnreadablePictureError, match=r"gone\.png: No such file"):
        source.read()


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(CaptureError, match="no picture inside"):
        ImagesSource([tmp_path]).open()
