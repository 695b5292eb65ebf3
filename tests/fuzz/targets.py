"""Every parser of foreign bytes: valid inputs to start from, how it is called, and which errors are an answer."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from engine.errors import EngineError
from gui.core.errors import GuiError

Execute = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Target:
    """One parser. ``prepare`` gets an empty folder and returns the seeds and the function to call."""

    name: str
    prepare: Callable[[Path], tuple[list[bytes], Execute]]
    answers: tuple[type[Exception], ...] = (EngineError, GuiError)
    share: float = 1.0
    """Of the time; cheap targets get more of the executions anyway."""


def _in_file(path: Path, read: Callable[[Path], object]) -> Execute:
    def execute(data: bytes) -> object:
        path.write_bytes(data)
        return read(path)

    return execute


# --- pictures ---


def _picture_header(_: Path) -> tuple[list[bytes], Execute]:
    from engine.host.picture_header import picture_size

    return _pictures(), lambda data: picture_size(memoryview(data))


def _picture(_: Path) -> tuple[list[bytes], Execute]:
    import cv2
    import numpy as np

    from engine.host.pictures import decode_picture

    cv2.setNumThreads(1)
    return _pictures(), lambda data: decode_picture(np.frombuffer(data, np.uint8), "fuzz")


def _pictures() -> list[bytes]:
    import cv2
    import numpy as np

    image = np.arange(9 * 7 * 3, dtype=np.uint8).reshape(9, 7, 3)
    return [cv2.imencode(suffix, image)[1].tobytes() for suffix in (".jpg", ".png", ".webp", ".bmp")]


# --- the engine's files ---


def _onnx(folder: Path) -> tuple[list[bytes], Execute]:
    from engine.importers import ImportOptions, import_model
    from tests.engine.importers.bad_files import bad_files
    from tests.engine.importers.onnx_cases import operator_cases

    seeds = [case.model.SerializeToString() for _, case in zip(range(60), operator_cases(), strict=False)]
    seeds += [bad.make(folder) for bad in bad_files() if bad.name.endswith(".onnx")]
    seeds = [seed for seed in seeds if len(seed) < 50_000]
    return seeds, _in_file(folder / "m.onnx", lambda path: import_model(path, ImportOptions()))


def _tflite(folder: Path) -> tuple[list[bytes], Execute]:
    from engine.importers import ImportOptions, import_model
    from tests.engine.importers.tflite_cases import cases

    seeds = [data for _, data in cases()]
    return seeds, _in_file(folder / "m.tflite", lambda path: import_model(path, ImportOptions()))


def _model_structure(folder: Path) -> tuple[list[bytes], Execute]:
    """Damage behind the parsers: the input only says which of the seeded changes to a valid model it is."""
    from engine.importers import import_model
    from engine.passes.pipeline import optimize
    from tests.fuzz.importer_mutations import Corpus

    corpus = Corpus(folder)

    def execute(data: bytes) -> object:
        suffix, damaged = corpus.case(int.from_bytes(data[:6], "little"))
        path = folder / f"m{suffix}"
        path.write_bytes(damaged)
        return optimize(import_model(path))

    return [bytes(6), bytes(range(6)), b"\xff" * 6], execute


def _param_yaml(folder: Path) -> tuple[list[bytes], Execute]:
    from engine.importers.options import ImportOptions
    from engine.importers.param_yaml import read_description

    (folder / "net.onnx").write_bytes(b"x")
    text = (
        "task_type: classification\npreprocess:\n  resize: 256\n  crop: [224, 224]\n  data_layout: NCHW\n"
        "  reverse_channels: false\nsession:\n  model_path: net.onnx\n  input_mean: [123.675, 116.28, 103.53]\n"
        "  input_scale: [0.0171, 0.0175, 0.0174]\n  runtime_options:\n    tensor_bits: 8\nmetric:\n"
        "  label_offset_pred: 0\n"
    )
    read = lambda path: read_description(path, ImportOptions())  # noqa: E731
    return [text.encode()], _in_file(folder / "param.yaml", read)


def _labels(folder: Path) -> tuple[list[bytes], Execute]:
    from engine.importers.options import ImportOptions
    from engine.importers.picture import class_labels

    path = folder / "labels.txt"
    options = ImportOptions(labels=path)
    seeds = [b"tench\ngoldfish\ngreat white shark\n", "häns\r\n\r\nkatt\n".encode()]
    return seeds, _in_file(path, lambda _: class_labels(options, (1, 3)))


def _calibration(_: Path) -> tuple[list[bytes], Execute]:
    import numpy as np

    from engine.quant.calibration import Calibration, TensorStatistics, from_json

    values = np.array([-1.0, 0.5])
    table = Calibration({"a": TensorStatistics(values, values + 2, values + 1, 1.5)}, 8)
    return [table.to_json().encode()], lambda data: from_json(data.decode("utf-8", "replace"))


def _artifact_header(folder: Path) -> tuple[list[bytes], Execute]:
    from engine.program.artifact import read_artifact

    made = _small_artifact(folder)
    return [(made / "artifact.json").read_bytes()], _in_file(
        made / "artifact.json", lambda _: read_artifact(made)
    )


def _artifact_program(folder: Path) -> tuple[list[bytes], Execute]:
    """The damaged program is signed again: what the digests would catch has to be caught by the reader itself."""
    from engine.emu.memory import DeviceMemory
    from engine.program.artifact import DeviceSegment, read_artifact

    made = _small_artifact(folder)
    header = json.loads((made / "artifact.json").read_bytes())
    del header["digest"]

    def read(path: Path) -> None:
        header["digests"]["program.json"] = hashlib.sha256(path.read_bytes()).hexdigest()
        text = json.dumps(header, indent=1, ensure_ascii=False) + "\n"
        signed = header | {"digest": hashlib.sha256(text.encode()).hexdigest()}
        (made / "artifact.json").write_text(json.dumps(signed, indent=1, ensure_ascii=False) + "\n")
        for segment in read_artifact(made).segments:
            if isinstance(segment, DeviceSegment):
                DeviceMemory(segment.program)

    return [(made / "program.json").read_bytes()], _in_file(made / "program.json", read)


def _small_artifact(folder: Path) -> Path:
    from engine.program.artifact import write_artifact
    from tests.engine.program.small import small_artifact

    write_artifact(small_artifact(), folder / "artifact")
    return folder / "artifact"


# --- the window's files ---


def _settings(folder: Path) -> tuple[list[bytes], Execute]:
    from gui.core.settings import TABLE, Settings

    path = folder / "settings.json"

    def read(_: Path) -> None:
        warnings: list[str] = []
        settings = Settings(path)
        settings.load(warnings.append)
        assert all("\n" not in warning for warning in warnings), warnings
        for setting in TABLE:
            setting.check(settings._values.get(setting.name, setting.default))
        for aside in folder.glob("settings.corrupt-*"):
            aside.unlink()

    full = {setting.name: setting.default for setting in TABLE}
    return [json.dumps(full).encode(), b'{"soc": "am68a", "threads": 2}'], _in_file(path, read)


def _history(folder: Path) -> tuple[list[bytes], Execute]:
    from gui.monitor.history_reader import HistoryReader, Span
    from gui.monitor.records import Counts
    from tests.gui.monitor.diary import Diary, frames_of

    made = folder / "seed.sqlite"
    diary = Diary(made)
    for records in frames_of(diary.clock, 3.0, 8.0):
        diary.writer.write(records, Counts(captured=len(records)))
    diary.writer.close()

    ever = Span(0, 1 << 60)

    def read(path: Path) -> None:
        with HistoryReader(path) as reader:
            reader.frames(ever)
            reader.minutes(ever)
            reader.sessions()
            reader.events(ever)
            reader.drops(ever)
            reader.days()

    return [made.read_bytes()], _in_file(folder / "h.sqlite", read)


def _recording(folder: Path) -> tuple[list[bytes], Execute]:
    from gui.monitor.recording import RecordingReader, RecordingWriter
    from tests.gui.workers.test_recording_worker import FACTS, taken

    made = folder / "seed.lens7rec"
    writer = RecordingWriter(made, FACTS)
    writer.write([taken(seq) for seq in range(2)])
    writer.close()

    def read(path: Path) -> None:
        with RecordingReader(path) as reader:
            reader.labels()
            for frame in reader.frames():
                reader.preview(frame.seq)

    return [made.read_bytes()], _in_file(folder / "r.lens7rec", read)


def _camera_setups(_: Path) -> tuple[list[bytes], Execute]:
    from gui.capture.camera_setup import CameraSetup, CameraSetups
    from gui.capture.view import View

    setups = CameraSetups()
    setups.put("desk", CameraSetup(640, 480, 60, 200, 30, View(True, 90, (0.1, 0.2, 0.5, 0.5))))

    def read(data: bytes) -> None:
        read = CameraSetups()
        read.load(data.decode("utf-8", "replace"))
        CameraSetups().load(read.to_text())

    return [setups.to_text().encode()], read


def _kiosk_state(folder: Path) -> tuple[list[bytes], Execute]:
    from gui.supervisor import LastState, last_state

    path = folder / "heartbeat.json"
    LastState("camera:desk", "efficientnet_lite0", "tda4vm", "auto", "show").save(path)
    return [path.read_bytes()], _in_file(path, last_state)


# --- requests ---


class _Answer(io.BytesIO):
    """Can be read after the handler has closed it."""

    def close(self) -> None:
        """Stays open."""


class _Socket:
    """What a request handler needs of a connection: bytes to read, a place to write."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)
        self.answer = _Answer()

    def makefile(self, mode: str, *_: object) -> io.BytesIO:
        return io.BytesIO() if "r" in mode else self.answer

    def recv_into(self, buffer: memoryview) -> int:
        return self._data.readinto(buffer)

    def sendall(self, data: bytes) -> None:
        self.answer.write(data)

    def settimeout(self, _: float) -> None:
        """Bytes are there at once."""

    def setsockopt(self, *_: object) -> None:
        """There is no network."""


def _metrics_request(_: Path) -> tuple[list[bytes], Execute]:
    from gui.monitor.endpoint import _Handler

    server = SimpleNamespace(figures=lambda: None, server_address=("127.0.0.1", 9000))
    seeds = [
        b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9000\r\nAccept: */*\r\n\r\n",
        b"HEAD /metrics.json HTTP/1.0\r\nHost: localhost:9000\r\nContent-Length: 5\r\n\r\nhello",
    ]

    def execute(data: bytes) -> None:
        socket = _Socket(data)
        with suppress(TimeoutError):
            _Handler(socket, ("127.0.0.1", 1), server)  # type: ignore[arg-type]
        answer = socket.answer.getvalue()
        # Without a Host of ours nothing but a refusal may come back.
        assert b"200 OK" not in answer[:20] or b"host:" in data.lower()

    return seeds, execute


def _cloud_request(_: Path) -> tuple[list[bytes], Execute]:
    from threading import BoundedSemaphore

    from gui.compare.function import PATH, _Handler
    from tests.gui.compare.fake_function import FakeNetwork

    places = BoundedSemaphore(1)
    server = SimpleNamespace(
        network=FakeNetwork(), token="secret", places=places, server_address=("127.0.0.1", 9000)
    )
    jpeg = _pictures()[0]
    head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:9000\r\nAuthorization: Bearer secret\r\n"
    seeds = [
        f"{head}Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode() + jpeg,
        f"{head}Connection: close\r\nContent-Length: 5\r\n\r\n".encode() + b"hello",
    ]

    def execute(data: bytes) -> None:
        socket = _Socket(data)
        with suppress(TimeoutError):
            _Handler(socket, ("127.0.0.1", 1), server)  # type: ignore[arg-type]
        answer = socket.answer.getvalue()
        # Without the token nothing but a refusal may come back.
        assert b"200 OK" not in answer[:20] or b"bearer secret" in data.lower()
        assert places.acquire(blocking=False), "a place was not given back"
        places.release()
        server.network.seen.clear()

    return seeds, execute


def _cloud_answer(_: Path) -> tuple[list[bytes], Execute]:
    from gui.compare.cloud import _understood

    seeds = [
        b'{"top": [{"index": 1, "label": "bee", "probability": 0.9}], "ns": {"total": 1000, "run": 900}}',
        b'{"error": "too many requests at once"}',
    ]
    return seeds, lambda data: _understood(200 if len(data) % 4 else 429, data)


TARGETS = (
    Target("picture header", _picture_header),
    Target("picture", _picture),
    Target("ONNX", _onnx, share=2.0),
    Target("TFLite", _tflite, share=2.0),
    Target("model structure", _model_structure, share=2.0),
    Target("param.yaml", _param_yaml),
    Target("label file", _labels, share=2.0),
    Target("calibration table", _calibration, share=2.0),
    Target("artifact header", _artifact_header),
    Target("artifact program", _artifact_program),
    Target("settings", _settings, share=2.0),
    Target("history", _history),
    Target("recording", _recording),
    Target("camera setups", _camera_setups),
    Target("kiosk state", _kiosk_state),
    Target("metrics request", _metrics_request, share=2.0),
    Target("cloud request", _cloud_request),
    Target("cloud answer", _cloud_answer),
)


def named(name: str) -> Target:
    """Return the target of that name."""
    return next(target for target in TARGETS if target.name == name)


def names(targets: Iterable[Target] = TARGETS) -> list[str]:
    """Return the names of the targets."""
    return [target.name for target in targets]
