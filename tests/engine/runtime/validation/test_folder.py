from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ImageError, ValidationError
from engine.runtime.validation.folder import (
    Classes,
    LabelledFolder,
    LabelledPicture,
    Skipped,
    read_folder,
)

FOUR = Classes(4, ("ant", "bee", "sea snake", "dog"))
WITH_BACKGROUND = Classes(5, ("background", "ant", "bee", "sea snake", "dog"))
NAMELESS = Classes(4, ())


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def labels(folder: Path, classes: Classes, limit: int | None = None) -> dict[str, int]:
    return {picture.file: picture.class_index for picture in read_folder(folder, classes, limit).pictures}


def test_leading_digits_are_the_class(tmp_path):
    touch(tmp_path, "0003_x.jpg", "2.png", "1bee.jpeg", "notes.txt")
    assert labels(tmp_path, FOUR) == {"0003_x.jpg": 3, "1bee.jpeg": 1, "2.png": 2}
    assert list(labels(tmp_path, FOUR, limit=2)) == ["0003_x.jpg", "1bee.jpeg"]


def test_a_sub_folder_is_the_class_whatever_its_pictures_are_called(tmp_path):
    touch(tmp_path, "0002/0001.jpg", "1 bee/a.jpg", "Sea_Snake/7.jpg", "dog/deeper/1.jpg")
    assert labels(tmp_path, FOUR) == {
        "0002/0001.jpg": 2, "1 bee/a.jpg": 1, "Sea_Snake/7.jpg": 2, "dog/deeper/1.jpg": 3
    }  # fmt: skip


def test_folders_in_alphabetical_order_only_where_there_is_one_for_each_class(tmp_path):
    touch(tmp_path, "n02/a.jpg", "n04/a.jpg", "n08/a.jpg", "n16/a.jpg")
    assert list(labels(tmp_path, NAMELESS).values()) == [0, 1, 2, 3]
    touch(tmp_path, "n32/a.jpg")
    with pytest.raises(ValidationError, match="no class: name it by number"):
        read_folder(tmp_path, NAMELESS)


def test_a_background_class_shifts_numbers_but_not_names(tmp_path):
    assert (FOUR.label_offset, WITH_BACKGROUND.label_offset, NAMELESS.label_offset) == (0, 1, 0)
    touch(tmp_path, "0000.jpg", "3.jpg", "ant/a.jpg", "1/a.jpg")
    assert labels(tmp_path, WITH_BACKGROUND) == {"0000.jpg": 1, "3.jpg": 4, "ant/a.jpg": 1, "1/a.jpg": 2}
    touch(tmp_path, "4.jpg")
    assert [skipped.file for skipped in read_folder(tmp_path, WITH_BACKGROUND).skipped] == ["4.jpg"]


@given(st.integers(0, 2000), st.integers(1, 1500), st.booleans())
def test_a_label_is_a_class_or_refused(label, count, background):
    classes = Classes(count + background, ("background",) * background + tuple(map(str, range(count))))
    if label < count:
        assert classes.name(classes.labelled(label)) == str(label)
    else:
        with pytest.raises(ImageError, match=f"0 to {count - 1} are possible"):
            classes.labelled(label)


def test_pictures_without_a_class_are_listed(tmp_path):
    touch(tmp_path, "1.jpg", "cup.jpg", "99.jpg")
    found = read_folder(tmp_path, FOUR)
    skipped = found.skipped
    assert [picture.file for picture in found.pictures] == ["1.jpg"]
    assert [each.file for each in skipped] == ["99.jpg", "cup.jpg"]
    assert "beyond the network's classes; 0 to 3" in skipped[0].reason
    assert "begin its name with the class" in skipped[1].reason


@pytest.mark.parametrize(
    ("names", "error", "line"),
    [
        ((), ImageError, "holds no picture"),
        (("a.jpg", "b.jpg"), ValidationError, "none of its 2 pictures has a usable label; a.jpg: no label"),
        (("50.jpg",), ValidationError, "label 50 is beyond"),
    ],
)
def test_a_folder_without_a_single_label_is_refused_in_one_line(tmp_path, names, error, line):
    with pytest.raises(error, match=line) as caught:
        read_folder(touch(tmp_path, *names), FOUR)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(ImageError, match="no such folder"):
        read_folder(tmp_path / "nowhere", FOUR)


def test_one_class_only_is_said():
    same = (LabelledPicture(Path("a"), "a", 2), LabelledPicture(Path("b"), "b", 2))
    other = LabelledPicture(Path("c"), "c", 1)
    assert "sea snake" in (LabelledFolder(Path(), FOUR, same, ()).one_class_note() or "")
    assert LabelledFolder(Path(), FOUR, (*same, other), ()).one_class_note() is None


def test_a_reason_does_not_repeat_the_name():
    assert Skipped.because("sub/a.jpg", ImageError("a.jpg: the file is empty")).reason == "the file is empty"
