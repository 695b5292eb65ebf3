"""The tested set of packages: complete, every file with its hash, nothing that names a machine."""

import re
import tomllib

from tests.conftest import REPOSITORY

ENTRY = re.compile(r"([A-Za-z0-9_.-]+)==(\S+) \\\n    --hash=sha256:[0-9a-f]{64}\n")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_is_pinned_with_a_hash():
    text = (REPOSITORY / "requirements" / "constraints.txt").read_text()
    pinned = {normal(name) for name, _ in ENTRY.findall(text)}
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {normal(re.match(r"[A-Za-z0-9_.-]+", each)[0]) for each in wanted}
    assert names <= pinned
    rest = ENTRY.sub("", text)
    assert all(line.startswith("#") for line in rest.splitlines())
