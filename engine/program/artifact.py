"""The artifact folder: what ``compile_model`` writes and ``Session`` reads, versioned, checksummed and SoC-stamped.

``artifact.json`` says what it is and holds the digests of the others; ``program.json`` holds the segments (descriptors,
tensors, tiles), ``constants.bin`` the integers in canonical OHWI order, ``host_N.onnx`` the segments of the A72,
``listing_N.txt`` the device's segments for people, ``param.yaml`` TI's words, ``report.json`` and ``calibration.json``
what happened while compiling.
"""

import errno
import hashlib
import itertools
import json
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import ArtifactError, CompileError
from engine.ir.graph import InputSpec
from engine.program.listing import listing
from engine.program.local_response import LocalResponse
from engine.program.program import Program
from engine.program.serialize import (
    decode_input_spec,
    decode_local_response,
    decode_program,
    encode_program,
    pack_constants,
)
from engine.program.verify import verify_program

FORMAT_VERSION = 1
MAX_JSON_BYTES = 64 << 20
MAX_BINARY_BYTES = 2 << 30
REQUIRED_FILES = ("program.json", "constants.bin", "param.yaml", "report.json", "calibration.json")
_OWN_FILE = re.compile(
    rf"artifact\.json|{'|'.join(map(re.escape, REQUIRED_FILES))}|listing_\d+\.txt|host_\d+\.onnx"
)


@dataclass(frozen=True, slots=True)
class DeviceSegment:
    """A subgraph for the C7x."""

    program: Program


@dataclass(frozen=True, slots=True)
class HostSegment:
    """A subgraph for the A72: a serialized ONNX model over float32 tensors named as in the graph.

    ``local_response`` says what the model does where that is local response normalisation of its only input.
    """

    model: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    local_response: LocalResponse | None = None


Segment = DeviceSegment | HostSegment


@dataclass(frozen=True, slots=True)
class Artifact:
    """Everything needed to run a compiled network.

    ``input_shape`` is NHWC; ``input_spec`` is None where the input is no picture. ``output`` names the tensor that the
    post-processing reads. ``device_ms`` is the modelled time of one frame, or None where it is not modelled. ``calibration``
    is the table in JSON as it was used, which nothing reads to run the network.
    """

    model: str
    soc: str
    cores: int
    clock_hz: float
    recipe: str
    options: Mapping[str, Any]
    input_name: str
    input_shape: tuple[int, ...]
    input_spec: InputSpec | None
    output: str
    labels: tuple[str, ...]
    segments: tuple[Segment, ...]
    device_ms: float | None
    report: Mapping[str, Any] = field(default_factory=dict)
    calibration: bytes = b"{}"


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def check_target(folder: Path) -> None:
    """Refuse a place for an artifact that something else has taken.

    Raises:
        CompileError: ``folder`` exists and is neither empty nor an artifact, or holds more than one.
    """
    if not folder.exists():
        return
    held = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    if not folder.is_dir() or (held and "artifact.json" not in held):
        raise CompileError(f"{folder} exists and is no artifact folder; choose another --out")
    if foreign := [name for name in held if not _OWN_FILE.fullmatch(name)]:
        raise CompileError(f"{folder} holds {foreign[0]!r} too, which would be lost; choose another --out")


def write_artifact(artifact: Artifact, folder: Path) -> None:
    """Write ``artifact`` to a temporary folder beside ``folder`` and rename it, replacing an earlier artifact.

    Raises:
        CompileError: the folder cannot be written, or exists and is not an artifact.
    """
    check_target(folder)
    try:
        # A link to an artifact goes on being one.
        target = Path(os.path.realpath(folder)) if folder.is_symlink() else folder
        target.parent.mkdir(parents=True, exist_ok=True)
        # Not named after the folder: its name may be as long as names can be.
        with tempfile.TemporaryDirectory(prefix=".artifact-", dir=target.parent) as scratch:
            new = Path(scratch) / "new"
            new.mkdir()
            for name, data in _files(artifact).items():
                _write_durably(new / name, data)
            replace_artifact(new, target)
    except OSError as error:
        raise CompileError(
            f"cannot write the artifact {folder}: {error.strerror or error}; free space or choose another folder"
        ) from error


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_artifact(new: Path, folder: Path) -> None:
    """Rename the artifact ``new`` to ``folder``; a reader sees the old artifact, none, or the new one, never half of one.

    ``new`` lies in a temporary folder beside ``folder``; what is replaced goes there too, and with it. Others may do
    the same at the same time: the last one's stays.

    Raises:
        OSError: ``folder`` cannot be renamed; it is as before.
    """
    for number in itertools.count():
        old = new.with_name(f"old-{number}")
        with suppress(FileNotFoundError):  # nothing is there, or another process has just taken it away
            folder.rename(old)
        try:
            new.rename(folder)
            return
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):  # another process has just put its own there
                continue
            if old.exists():
                old.rename(folder)
            raise


def _files(artifact: Artifact) -> dict[str, bytes]:
    blob, segments = bytearray(), []
    files: dict[str, bytes] = {}
    for index, segment in enumerate(artifact.segments):
        if isinstance(segment, DeviceSegment):
            constants = pack_constants(segment.program.constants, blob)
            segments.append({"device": encode_program(segment.program, constants)})
            files[f"listing_{index}.txt"] = listing(segment.program).encode()
        else:
            file, known = f"host_{index}.onnx", segment.local_response
            files[file] = segment.model
            host = {"file": file, "inputs": segment.inputs, "outputs": segment.outputs}
            segments.append({"host": host | ({"local_response": asdict(known)} if known else {})})
    files["constants.bin"] = bytes(blob)
    files["program.json"] = _json({"segments": segments})
    files["param.yaml"] = _param_yaml(artifact)
    files["report.json"] = _json(dict(artifact.report))
    files["calibration.json"] = artifact.calibration
    header = {
        "format": "lens7-artifact",
        "version": FORMAT_VERSION,
        "model": artifact.model,
        "soc": artifact.soc,
        "cores": artifact.cores,
        "clock_hz": artifact.clock_hz,
        "recipe": artifact.recipe,
        "options": dict(artifact.options),
        "input": {"name": artifact.input_name, "shape": artifact.input_shape},
        "input_spec": None if artifact.input_spec is None else asdict(artifact.input_spec),
        "output": artifact.output,
        "labels": artifact.labels,
        "device_ms": artifact.device_ms,
        "digests": {name: digest_of(data) for name, data in sorted(files.items())},
    }
    header["digest"] = digest_of(_json(header))
    files["artifact.json"] = _json(header)
    return files


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _param_yaml(artifact: Artifact) -> bytes:
    """Describe the artifact in the words of TI's model descriptions."""
    import yaml  # what only reads artifacts need not wait for it

    spec = artifact.input_spec
    document: dict[str, Any] = {
        "task_type": "classification",
        "target_device": artifact.soc.upper(),
        "session": {
            "artifacts_folder": ".",
            "model_path": artifact.model,
            "input_mean": None if spec is None else list(spec.mean),
            "input_scale": None if spec is None else list(spec.scale),
            "runtime_options": dict(artifact.options),
        },
    }
    if spec is not None:
        height, width = artifact.input_shape[1:3]
        document["preprocess"] = {
            "resize": [height, width] if spec.squash else spec.resize_short,
            "crop": [height, width],
            "data_layout": "NHWC",
            "reverse_channels": spec.bgr,
        }
    return yaml.safe_dump(document, sort_keys=False).encode()


def read_artifact(folder: Path) -> Artifact:
    """Read and verify an artifact folder.

    Raises:
        ArtifactError: a file is missing, of another version, truncated or edited, or the program in it is malformed.
    """
    header = _read_header(folder)
    digests = header["digests"]
    files = {name: _read_checked(folder, name, digest) for name, digest in digests.items()}
    if missing := [name for name in REQUIRED_FILES if name not in files]:
        raise ArtifactError(
            f"{folder}: {', '.join(missing)} not listed in artifact.json; compile the model again"
        )
    try:
        return _assemble(header, files)
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        OverflowError,
        RecursionError,
    ) as error:
        raise ArtifactError(
            f"{folder}: malformed ({type(error).__name__}: {error}); compile the model again"
        ) from error


def _read_header(folder: Path) -> dict[str, Any]:
    raw = _read(folder / "artifact.json", MAX_JSON_BYTES)
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ArtifactError(
            f"{folder / 'artifact.json'}: not valid JSON ({error}); compile the model again"
        ) from error
    if not isinstance(header, dict) or header.get("format") != "lens7-artifact":
        raise ArtifactError(f"{folder / 'artifact.json'}: not a Lens7 artifact")
    if header.get("version") != FORMAT_VERSION:
        raise ArtifactError(
            f"{folder}: artifact version {header.get('version')!r}, this program reads {FORMAT_VERSION}; compile the model again"
        )
    digest = header.pop("digest", None)
    if digest != _digest_of_header(header) or not isinstance(header.get("digests"), dict):
        raise ArtifactError(
            f"{folder / 'artifact.json'}: edited or damaged (digest differs); compile the model again"
        )
    return header


def _digest_of_header(header: dict[str, Any]) -> str:
    try:
        return digest_of(_json(header))
    except UnicodeEncodeError:  # half a character, which no file of ours holds
        return ""


def _read_checked(folder: Path, name: str, digest: str) -> bytes:
    if Path(name).name != name or name in (".", ".."):
        raise ArtifactError(f"{folder}: file name {name!r} leaves the artifact folder")
    data = _read(folder / name, MAX_JSON_BYTES if name.endswith((".json", ".yaml")) else MAX_BINARY_BYTES)
    if digest_of(data) != digest:
        raise ArtifactError(f"{folder / name}: edited or truncated (digest differs); compile the model again")
    return data


def _read(path: Path, limit_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            # Asked for the limit itself, Python would set aside that much memory.
            size_bytes = os.fstat(file.fileno()).st_size
            data = file.read(min(size_bytes, limit_bytes) + 1)
    except OSError as error:
        raise ArtifactError(
            f"{path}: cannot be read ({error.strerror or error}); compile the model again"
        ) from error
    if len(data) > limit_bytes:
        raise ArtifactError(f"{path}: larger than the {limit_bytes} bytes allowed")
    return data


def _assemble(header: dict[str, Any], files: dict[str, bytes]) -> Artifact:
    spec = header["input_spec"]
    document = json.loads(files["program.json"])
    return Artifact(
        model=str(header["model"]),
        soc=str(header["soc"]),
        cores=int(header["cores"]),
        clock_hz=float(header["clock_hz"]),
        recipe=str(header["recipe"]),
        options=dict(header["options"]),
        input_name=str(header["input"]["name"]),
        input_shape=tuple(int(n) for n in header["input"]["shape"]),
        input_spec=None if spec is None else decode_input_spec(spec),
        output=str(header["output"]),
        labels=tuple(str(label) for label in header["labels"]),
        segments=tuple(_segment(entry, files) for entry in document["segments"]),
        device_ms=None if header["device_ms"] is None else float(header["device_ms"]),
        report=json.loads(files["report.json"]),
        calibration=files["calibration.json"],
    )


def _segment(entry: dict[str, Any], files: dict[str, bytes]) -> Segment:
    if "host" in entry:
        host = entry["host"]
        inputs, outputs = tuple(map(str, host["inputs"])), tuple(map(str, host["outputs"]))
        known = decode_local_response(host["local_response"]) if "local_response" in host else None
        if known and (len(inputs), len(outputs)) != (1, 1):
            raise ArtifactError(f"local response normalisation has one input and one output, not {host}")
        return HostSegment(files[host["file"]], inputs, outputs, known)
    program = decode_program(entry["device"], files["constants.bin"])
    verify_program(program)
    return DeviceSegment(program)
