"""A slice of ``python -m tests.fuzz --target "model structure"``: damaged files are imported or refused, never anything else."""

from collections import Counter
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.importers import import_model
from engine.passes.pipeline import optimize
from tests.fuzz.importer_mutations import Corpus

CASES = range(300)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus(tmp_path_factory.mktemp("corpus"))


def test_damaged_files_are_imported_or_refused(corpus: Corpus, tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    for index in CASES:
        suffix, data = corpus.case(index)
        path = tmp_path / f"case{suffix}"
        path.write_bytes(data)
        try:
            optimize(import_model(path))
            counts["imported"] += 1
        except EngineError as error:
            assert "\n" not in str(error)
            assert len(str(error)) < 1000
            counts["refused"] += 1
    assert counts["imported"] > 20
    assert counts["refused"] > 150


def test_a_case_is_the_same_every_time(corpus: Corpus, tmp_path: Path) -> None:
    again = Corpus(tmp_path)
    assert all(corpus.case(index) == again.case(index) for index in range(40))
