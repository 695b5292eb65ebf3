import pytest

from tests.engine.runtime.validation.tiny import compile_tiny, write_pictures


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """The tiny classifier: float graph and artifact."""
    return compile_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    write_pictures(folder)
    return folder
