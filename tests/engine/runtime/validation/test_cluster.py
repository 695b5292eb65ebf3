"""Two workers of a real Dask cluster on loopback, one that drops them, and schedulers that are not there."""

import importlib.util
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import KernelError, ValidationError
from engine.runtime.validation import cluster
from engine.runtime.validation.cluster import check_workers, run_cluster
from engine.runtime.validation.folder import LabelledPicture, Skipped
from engine.runtime.validation.measure import Outcome, Task
from engine.runtime.validation.run import ValidateOptions, validate
from tests.engine.runtime.validation.test_run import figures
from tests.engine.runtime.validation.tiny import FakeOpener, found_in

REPOSITORY = Path(__file__).parents[4]
needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="Dask is not installed (extra: distributed)"
)


@contextmanager
def dask_cluster(workers):
    """Give the address of a cluster and the process that is its scheduler."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("dask_cluster.py")), str(workers)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with process:
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.stdin.close()  # it ends by itself then


@pytest.fixture(scope="module")
def scheduler():
    """Address of a cluster of two workers."""
    with dask_cluster(2) as (address, _):
        yield address


def existing(folder, *files):
    """Return tasks for files that can be read; what they show does not matter to a fake meter."""
    for file in files:
        (folder / file).write_bytes(b"content")
    return [Task(LabelledPicture(folder / file, file, 0), layers=False) for file in files]


@needs_dask
def test_a_cluster_gives_the_figures_of_one_process(tiny, pictures, scheduler):
    alone = validate(*tiny, found_in(tiny, pictures), options=ValidateOptions("numpy"))
    shared_out = validate(
        *tiny, found_in(tiny, pictures), options=ValidateOptions("numpy", scheduler=scheduler)
    )
    assert figures(shared_out) == figures(alone)
    assert shared_out.where == f"the cluster at {scheduler}"


@needs_dask
def test_a_picture_that_ends_its_worker_is_skipped_and_the_others_are_done(tmp_path, scheduler):
    tasks = existing(tmp_path, "a", "b", "c", "dies", "e", "f")
    (tmp_path / "missing").mkdir()
    tasks.append(Task(LabelledPicture(tmp_path / "missing", "missing", 0), layers=False))
    results = {result.file: result for result in run_cluster(FakeOpener(tmp_path), tasks, scheduler)}
    assert {file for file, result in results.items() if isinstance(result, Outcome)} == set("abcef")
    assert "its worker was lost 3 times" in results["dies"].reason
    assert "not a file" in results["missing"].reason


@needs_dask
def test_what_a_worker_refuses_is_raised_here(tmp_path, scheduler):
    with pytest.raises(KernelError, match="cannot run here"):
        list(run_cluster(FakeOpener(tmp_path, "refuses"), existing(tmp_path, "a"), scheduler))


@needs_dask
def test_a_lost_scheduler_ends_in_a_line_and_what_was_done_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_S", 2.0)
    files = [f"{index:03}" for index in range(80)]  # five batches; four are sent before the first comes back
    with dask_cluster(2) as (address, process):
        results = run_cluster(FakeOpener(tmp_path), existing(tmp_path, *files), address)
        found = [next(results)]
        process.kill()
        found += results
    assert sorted(result.file for result in found) == files
    skipped = [result for result in found if isinstance(result, Skipped)]
    assert 16 <= len(skipped) < 80
    assert all(f"not measured: the scheduler at {address} was lost" in result.reason for result in skipped)


@needs_dask
def test_a_scheduler_without_workers_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_S", 1.0)
    with (
        dask_cluster(0) as (address, _),
        pytest.raises(ValidationError, match="has no workers; start 'dask worker"),
    ):
        list(run_cluster(FakeOpener(tmp_path), existing(tmp_path, "a"), address))


@needs_dask
@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("tcp://127.0.0.1:{closed}", "no Dask scheduler at tcp://127.0.0.1:.*refused"),
        ("127.0.0.1:{silent}", "nothing answered as Dask does"),
        ("nonsense", "missing port number"),
        ("foo://host:1", "unknown address scheme 'foo'"),
    ],
)
def test_a_scheduler_that_is_not_there(tmp_path, monkeypatch, address, line):
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            ports = {"silent": silent.getsockname()[1], "closed": closed.getsockname()[1]}
        with pytest.raises(ValidationError, match=line) as caught:
            list(run_cluster(FakeOpener(tmp_path), existing(tmp_path, "a"), address.format(**ports)))
    assert "start one with 'dask scheduler'" in str(caught.value)
    assert "\n" not in str(caught.value)


class Workers:
    """Stands for a client whose workers answer as told."""

    def __init__(self, answer):
        self._answer = answer

    def run(self, function):
        if isinstance(self._answer, Exception):
            raise self._answer
        return {"tcp://other:1": {**function(), **self._answer}}


def test_workers_with_other_software_are_refused():
    check_workers(Workers({}))
    with pytest.raises(ValidationError, match=r"worker tcp://other:1 has OpenCV 1.0, this machine has"):
        check_workers(Workers({"OpenCV": "1.0"}))
    with pytest.raises(ValidationError, match="worker cannot run Lens7 .*No module named 'engine'.*install"):
        check_workers(Workers(ModuleNotFoundError("No module named 'engine'")))


def test_without_dask_the_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValidationError, match=r"pip install 'dask\[distributed\]'"):
        list(run_cluster(FakeOpener(tmp_path), existing(tmp_path, "a"), "tcp://127.0.0.1:1"))
