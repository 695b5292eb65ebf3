"""The restricted reader: right on what a checkpoint may hold, and deaf to everything else."""

import io
import os
import pickle
import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.errors import ModelError
from engine.importers.torch_weights import read_tensors

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
HEAD = pickle.dumps(MAGIC, 2) + pickle.dumps(PROTOCOL, 2) + pickle.dumps({"little_endian": True}, 2)


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def integer(value):
    return b"J" + struct.pack("<i", value)


def storage(key="1", kind="FloatStorage", count=6):
    return (
        b"(("
        + text("storage")
        + f"ctorch\n{kind}\n".encode()
        + text(key)
        + text("cpu")
        + integer(count)
        + b"NtQ"
    )


def integers(values):
    return b"(" + b"".join(map(integer, values)) + b"t"


def tensor(source=None, offset=0, shape=(2, 3), strides=(3, 1), function="torch._utils\n_rebuild_tensor_v2"):
    hooks = b"\x89ccollections\nOrderedDict\n)R"
    arguments = (source or storage()) + integer(offset) + integers(shape) + integers(strides) + hooks
    return f"c{function}\n".encode() + arguments + b"tR"


def table(**entries):
    items = b"".join(text(name) + value for name, value in entries.items())
    return b"\x80\x02ccollections\nOrderedDict\n)R(" + items + b"u."


def checkpoint(body, values=range(6), keys=("1",), dtype="<f4"):
    data = np.array(values, dtype).tobytes()
    return HEAD + body + pickle.dumps(list(keys), 2) + struct.pack("<q", len(values)) + data


def test_a_tensor_is_its_shape_and_strides():
    read = read_tensors(checkpoint(table(a=tensor(), b=tensor(shape=(3, 2), strides=(1, 3)))))
    np.testing.assert_array_equal(read["a"], np.arange(6, dtype=np.float32).reshape(2, 3))
    np.testing.assert_array_equal(read["b"], np.arange(6, dtype=np.float32).reshape(2, 3).T)


def test_long_storages_and_scalars():
    body = table(n=tensor(storage(kind="LongStorage"), offset=4, shape=(), strides=()))
    assert read_tensors(checkpoint(body, dtype="<i8"))["n"] == 4


class Harmful:
    def __reduce__(self):
        return os.system, ("touch harmed",)


REFUSED = {
    "a call": (table(a=tensor(function="os\nsystem")), "call os.system"),
    "an unknown storage": (table(a=tensor(storage(kind="Surprise"))), "outside data"),
    "not a tensor": (table(a=integer(3)), "'a', which is not a tensor"),
    "beyond the storage": (table(a=tensor(shape=(2, 4), strides=(3, 1))), "reaches beyond its 6 values"),
    "a negative stride": (table(a=tensor(strides=(-3, 1))), "only the building of tensors"),
    "a huge shape": (table(a=tensor(shape=(2**30, 2**30), strides=(0, 0))), "reaches beyond its 6 values"),
    "an unknown opcode": (b"\x80\x02c__builtin__\neval\n)\x81.", "pickle opcode NEWOBJ"),
    "no table": (pickle.dumps([1], 2), "something else than a table"),
    "a stack underflow": (b"\x80\x02R.", "damaged"),
    "no mark": (b"\x80\x02Kau.", "damaged"),
    "an empty memo": (b"\x80\x02h\x05.", "damaged"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_anything_but_tensors_is_refused(case):
    body, message = REFUSED[case]
    with pytest.raises(ModelError, match=message):
        read_tensors(checkpoint(body))


def test_a_malicious_pickle_does_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        evil = pickle.dumps({"a": Harmful()}, protocol)
        for data in (evil, HEAD + evil, checkpoint(evil)):
            with pytest.raises(ModelError):
                read_tensors(data)
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_cut_short_anywhere_is_refused():
    whole = checkpoint(table(a=tensor()))
    for length in range(len(whole)):
        with pytest.raises(ModelError):
            read_tensors(whole[:length])


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_raise_anything_else(data, with_head):
    with pytest.raises(ModelError):
        read_tensors(HEAD + data if with_head else data)


@example(86, ord("\\"))  # in a name: Python's own decoder warns of it
@given(st.integers(0, 1_000), st.integers(0, 255))
def test_a_changed_byte_gives_tensors_or_a_clear_error(position, value):
    damaged = io.BytesIO(checkpoint(table(a=tensor())))
    damaged.seek(position % len(damaged.getvalue()))
    damaged.write(bytes([value]))
    try:
        read = read_tensors(damaged.getvalue())
    except ModelError as error:
        assert "\n" not in str(error)
    else:
        assert all(isinstance(each, np.ndarray) for each in read.values())
