import errno
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from engine.errors import ArtifactError, CompileError
from engine.program.artifact import HostSegment, digest_of, read_artifact, write_artifact
from engine.program.local_response import LocalResponse
from tests.engine.program.small import small_artifact


@pytest.fixture
def folder(tmp_path):
    write_artifact(small_artifact(), tmp_path / "net")
    return tmp_path / "net"


def test_what_is_written_is_what_is_read(folder):
    read, made = read_artifact(folder), small_artifact()
    ours, theirs = read.segments[0].program, made.segments[0].program
    assert replace(read, segments=()) == replace(made, segments=())
    assert replace(ours, constants={}) == replace(theirs, constants={})
    assert ours.constants.keys() == theirs.constants.keys()
    for name, array in theirs.constants.items():
        np.testing.assert_array_equal(ours.constants[name], array, strict=True)


@pytest.mark.parametrize("how", [None, LocalResponse(5, 1e-4, 2.0)])
def test_host_segments_come_back(tmp_path, how):
    segment = HostSegment(b"model", ("a",), ("b",), how)
    write_artifact(replace(small_artifact(), segments=(segment,)), tmp_path / "net")
    assert read_artifact(tmp_path / "net").segments == (segment,)


def test_a_normalisation_of_two_tensors_is_refused(tmp_path):
    segment = HostSegment(b"model", ("a", "c"), ("b",), LocalResponse(5, 1e-4, 2.0))
    write_artifact(replace(small_artifact(), segments=(segment,)), tmp_path / "net")
    with pytest.raises(ArtifactError, match="one input"):
        read_artifact(tmp_path / "net")


@pytest.mark.parametrize(
    "numbers", [(0, 0.1, 1.0), (1 << 20, 0.1, 1.0), (5, -0.1, 1.0), (5, 0.1, 0.0), (5, 0.1, float("nan"))]
)
def test_numbers_that_normalise_nothing_are_refused(numbers):
    with pytest.raises(ValueError, match="no local response"):
        LocalResponse(*numbers)


def test_writing_twice_replaces_and_leaves_nothing_beside(folder):
    write_artifact(replace(small_artifact(), recipe="lens7"), folder)
    assert read_artifact(folder).recipe == "lens7"
    assert [entry.name for entry in folder.parent.iterdir()] == ["net"]


def test_a_folder_that_cannot_be_renamed_is_as_before_and_leaves_nothing_beside(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(CompileError, match="cannot write"):
        write_artifact(small_artifact(), Path())
    assert not list(Path().iterdir())
    assert [entry.name for entry in tmp_path.iterdir()] == ["empty"]


def test_an_artifact_comes_back_where_the_new_one_cannot_be_put(folder, monkeypatch):
    rename = Path.rename

    def refuse_new(path, target):
        if path.name == "new":
            raise PermissionError(errno.EACCES, "not now")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse_new)
    with pytest.raises(CompileError, match="not now"):
        write_artifact(replace(small_artifact(), recipe="lens7"), folder)
    assert read_artifact(folder).recipe == small_artifact().recipe
    assert [entry.name for entry in folder.parent.iterdir()] == ["net"]


@pytest.mark.parametrize("others", ["takes the old one away", "puts one there"])
def test_two_may_replace_an_artifact_at_the_same_time(folder, monkeypatch, others):
    rename, calls = Path.rename, []

    def race(path, target):
        calls.append(path.name)
        if others == "takes the old one away" and calls == ["net"]:
            shutil.rmtree(folder)
        if others == "puts one there" and calls == ["net", "new"]:
            shutil.copytree(path, folder)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", race)
    write_artifact(replace(small_artifact(), recipe="lens7"), folder)
    assert read_artifact(folder).recipe == "lens7"
    assert [entry.name for entry in folder.parent.iterdir()] == ["net"]


def test_a_name_as_long_as_names_can_be(tmp_path):
    write_artifact(small_artifact(), tmp_path / ("n" * 255))
    assert read_artifact(tmp_path / ("n" * 255)).model == "small"


def test_what_lies_beside_an_artifact_in_its_folder_is_never_lost(folder):
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(CompileError, match=r"holds 'notes\.txt' too, which would be lost"):
        write_artifact(small_artifact(), folder)
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_link_to_an_artifact_goes_on_being_one(folder):
    link = folder.with_name("current")
    link.symlink_to(folder)
    before = folder.stat().st_ino
    write_artifact(small_artifact(), link)
    assert link.is_symlink()
    assert folder.stat().st_ino != before


def test_a_folder_that_is_no_artifact_is_never_replaced(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(CompileError, match="no artifact folder"):
        write_artifact(small_artifact(), tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"
    (tmp_path / "artifact.json").write_text("a file of that name")
    with pytest.raises(CompileError, match="no artifact folder"):
        write_artifact(small_artifact(), tmp_path / "artifact.json")


@pytest.mark.parametrize(
    "name", ["program.json", "constants.bin", "report.json", "param.yaml", "calibration.json"]
)
def test_edited_truncated_and_missing_files_are_refused(folder, name):
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ArtifactError, match="edited or truncated"):
        read_artifact(folder)
    (folder / name).write_bytes(data[:-1])
    with pytest.raises(ArtifactError, match="edited or truncated"):
        read_artifact(folder)
    (folder / name).unlink()
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_artifact(folder)


def test_another_version_is_named(folder):
    header = json.loads((folder / "artifact.json").read_text())
    (folder / "artifact.json").write_text(json.dumps({**header, "version": 99}))
    with pytest.raises(ArtifactError, match="version 99, this program reads 1"):
        read_artifact(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": "other"}', "[" * 100_000])
def test_a_header_that_is_none(folder, text):
    (folder / "artifact.json").write_text(text)
    with pytest.raises(ArtifactError):
        read_artifact(folder)


def test_an_edited_header_is_refused(folder):
    text = (folder / "artifact.json").read_text()
    (folder / "artifact.json").write_text(text.replace('"soc": "tda4vm"', '"soc": "am68a"'))
    with pytest.raises(ArtifactError, match="digest differs"):
        read_artifact(folder)


def sign(folder, **change):
    """Change entries of the header and make its digests right again."""
    header = json.loads((folder / "artifact.json").read_text())
    files = {name: digest_of((folder / name).read_bytes()) for name in header["digests"]}
    signed = {**header, "digests": files, **change}
    del signed["digest"]
    signed["digest"] = digest_of((json.dumps(signed, indent=1, ensure_ascii=False) + "\n").encode())
    (folder / "artifact.json").write_text(json.dumps(signed))


@pytest.mark.parametrize("name", ["../secret.json", "/etc/hostname", "..", "."])
def test_a_signed_artifact_reads_no_file_but_its_own(folder, name):
    (folder.parent / "secret.json").write_bytes(b"{}")
    header = json.loads((folder / "artifact.json").read_text())
    sign(folder, digests={**header["digests"], name: digest_of(b"{}")})
    with pytest.raises(ArtifactError, match="leaves the artifact folder"):
        read_artifact(folder)


def test_a_signed_artifact_holds_every_file(folder):
    header = json.loads((folder / "artifact.json").read_text())
    del header["digests"]["report.json"]
    sign(folder, digests=header["digests"])
    with pytest.raises(ArtifactError, match=r"report\.json not listed"):
        read_artifact(folder)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": 5}, "found 5 where str is needed"),
        ({"qmin": "0"}, "found '0' where int is needed"),
        ({"qmin": 0.0}, "found 0.0 where int is needed"),
        ({"qmin": True}, "found True where int is needed"),
        ({"table": 1}, "found 1 where str is needed"),
        ({"stride": [1, 1, 1]}, "malformed"),
        ({"stride": None}, "malformed"),
        ({"colour": 1}, "Conv2d has no field 'colour'"),
        ({"op": "Conv3d"}, "unknown descriptor 'Conv3d'"),
    ],
)
def test_a_signed_program_of_wrong_types_is_refused(folder, change, problem):
    document = json.loads((folder / "program.json").read_text())
    document["segments"][0]["device"]["descriptors"][1].update(change)
    (folder / "program.json").write_text(json.dumps(document))
    sign(folder)
    with pytest.raises(ArtifactError, match=problem):
        read_artifact(folder)


@pytest.mark.parametrize(
    "change", [{"dtype": "int64"}, {"shape": [-4]}, {"offset": -64}, {"shape": [1 << 20]}]
)
def test_a_signed_constant_outside_its_file_is_refused(folder, change):
    document = json.loads((folder / "program.json").read_text())
    document["segments"][0]["device"]["constants"]["b1"].update(change)
    (folder / "program.json").write_text(json.dumps(document))
    sign(folder)
    with pytest.raises(ArtifactError, match="constant 'b1'"):
        read_artifact(folder)


def test_the_preprocessing_is_told_in_the_words_of_ti(folder, tmp_path):
    told = yaml.safe_load((folder / "param.yaml").read_text())
    session, preprocess = told["session"], told["preprocess"]
    assert (told["target_device"], session["model_path"]) == ("TDA4VM", "small")
    assert session["input_mean"] == [127.0] * 3
    assert session["input_scale"] == [1 / 128] * 3
    assert session["runtime_options"] == {"tensor_bits": 8}
    assert (preprocess["resize"], preprocess["crop"], preprocess["reverse_channels"]) == (8, [6, 6], False)
    write_artifact(replace(small_artifact(), input_spec=None), tmp_path / "numbers")
    told = yaml.safe_load((tmp_path / "numbers" / "param.yaml").read_text())
    assert told["session"]["input_mean"] is told["session"]["input_scale"] is None
    assert "preprocess" not in told
