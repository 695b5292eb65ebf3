"""Object files on disk: written whole or not at all, and only read back if their digest still holds."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

_DIGEST_BYTES = 32
# How a reason begins that lies in the code itself, so that trying again cannot help.
SELF_TEST_FAILED = "self-test failed"


@dataclass(frozen=True, slots=True)
class ObjectCache:
    """The folder of compiled kernel sets. Several processes may use it at once: files appear by renaming."""

    folder: Path

    def _path(self, isa_name: str, key: str, suffix: str) -> Path:
        return self.folder / f"{isa_name}-{key}{suffix}"

    def read(self, isa_name: str, key: str) -> bytes | None:
        """Return the object code, or None if there is none or it is damaged."""
        try:
            data = self._path(isa_name, key, ".o").read_bytes()
        except OSError:
            return None
        digest, code = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
        return code if code and hashlib.sha256(code).digest() == digest else None

    def write(self, isa_name: str, key: str, code: bytes) -> str | None:
        """Keep the object code; return why that was not possible, or None."""
        return self._put(self._path(isa_name, key, ".o"), hashlib.sha256(code).digest() + code)

    def refusal(self, isa_name: str, key: str) -> str | None:
        """Return why this very code failed its self-test before, or None."""
        try:
            return self._path(isa_name, key, ".refused").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def refuse(self, isa_name: str, key: str, reason: str) -> None:
        """Remember that this very code fails its self-test; if that cannot be written, it is tested again next time."""
        self._put(self._path(isa_name, key, ".refused"), reason.encode())

    def _put(self, path: Path, data: bytes) -> str | None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=path.name)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            return f"{self.folder}: {error.strerror or error}"
        return None
