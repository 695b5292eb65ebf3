"""A folder of labelled pictures: which class each one shows, in the network's own numbering."""

import re
from dataclasses import dataclass
from math import prod
from pathlib import Path

from engine.errors import ImageError, ValidationError
from engine.host.pictures import picture_files
from engine.ir.graph import Graph

_LEADING_DIGITS = re.compile(r"[0-9]+")
_BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of a network: how many there are, and their names where the model gives them.

    Labels of a folder never count a background class. Networks of TensorFlow's lineage put one first, and then class =
    label + ``label_offset``. (TI's ``label_offset_pred`` is its negative.)
    """

    count: int
    names: tuple[str, ...]

    @property
    def label_offset(self) -> int:
        """1 where the network's first class is called background, else 0."""
        return int(bool(self.names) and self.names[0].strip().lower() == _BACKGROUND)

    @classmethod
    def of(cls, graph: Graph) -> "Classes":
        """Return the classes that ``graph`` tells apart."""
        return cls(prod(graph.tensors[graph.outputs[0]].shape), graph.labels)

    def name(self, index: int) -> str:
        """Return the name of class ``index``."""
        return self.names[index] if index < len(self.names) else f"class {index}"

    def labelled(self, label: int) -> int:
        """Return the network's class for a folder's ``label``.

        Raises:
            ImageError: the network has no such class.
        """
        last = self.count - 1 - self.label_offset
        if label > last:
            raise ImageError(f"label {label} is beyond the network's classes; 0 to {last} are possible")
        return label + self.label_offset


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """A picture: its path, its name relative to the folder, and the class it shows, in the network's numbering."""

    path: Path
    file: str
    class_index: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A picture that is in no figure, and why."""

    file: str
    reason: str

    @classmethod
    def because(cls, file: str, error: ImageError) -> "Skipped":
        """Return the picture with the error's line, without the name with which such a line may begin."""
        return cls(file, str(error).removeprefix(f"{Path(file).name}: "))


@dataclass(frozen=True, slots=True)
class LabelledFolder:
    """Pictures of a folder in order of their paths, and those among them that have no class of the network."""

    folder: Path
    classes: Classes
    pictures: tuple[LabelledPicture, ...]
    skipped: tuple[Skipped, ...]

    def one_class_note(self) -> str | None:
        """Return a warning where all pictures show the same class, else None."""
        shown = {picture.class_index for picture in self.pictures}
        if len(shown) > 1:
            return None
        (only,) = shown
        return (
            f"all {len(self.pictures)} pictures show one class, {only} ({self.classes.name(only)}): "
            "the accuracy says nothing about the other classes; use a folder of several"
        )


def read_folder(folder: Path, classes: Classes, limit: int | None = None) -> LabelledFolder:
    """Return the first ``limit`` pictures of ``folder`` with their classes.

    A picture in a sub-folder shows what the sub-folder says: its leading digits, the name of a class, or, where there are as
    many sub-folders as classes, its place in the alphabet. Other pictures show what the leading digits of their name say.

    Raises:
        ImageError: the folder holds no picture.
        ValidationError: no picture has a class.
    """
    files = picture_files(folder)[:limit]
    labeller = _Labeller(folder, classes)
    pictures: list[LabelledPicture] = []
    skipped: list[Skipped] = []
    for path in files:
        file = path.relative_to(folder).as_posix()
        try:
            pictures.append(LabelledPicture(path, file, labeller.class_of(path)))
        except ImageError as error:
            skipped.append(Skipped.because(file, error))
    if not pictures:
        raise ValidationError(
            f"{folder}: none of its {len(files)} pictures has a usable label; {skipped[0].file}: {skipped[0].reason}"
        )
    return LabelledFolder(folder, classes, tuple(pictures), tuple(skipped))


class _Labeller:
    def __init__(self, folder: Path, classes: Classes) -> None:
        self._folder = folder
        self._classes = classes
        self._folders = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
        self._by_name = {_plain(name): index for index, name in enumerate(classes.names)}

    def class_of(self, path: Path) -> int:
        """Return the network's class of the picture at ``path``; ImageError says why there is none."""
        parents = path.relative_to(self._folder).parts[:-1]
        if parents:
            return self._class_of_folder(parents[0])
        digits = _LEADING_DIGITS.match(path.name)
        if digits is None:
            raise ImageError(
                "no label; begin its name with the class (0504_cup.jpg) or put it in a class folder"
            )
        return self._classes.labelled(int(digits.group()))

    def _class_of_folder(self, name: str) -> int:
        if (digits := _LEADING_DIGITS.match(name)) is not None:
            return self._classes.labelled(int(digits.group()))
        if _plain(name) in self._by_name:
            return self._by_name[_plain(name)]
        if len(self._folders) == self._classes.count - self._classes.label_offset:
            return self._classes.labelled(self._folders.index(name))
        raise ImageError(
            f"folder {name!r} is no class: name it by number (0504) or as the network does ({self._example()}), "
            f"or give one folder for each of the {self._classes.count} classes"
        )

    def _example(self) -> str:
        return repr(self._classes.name(self._classes.label_offset))


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", " ")
