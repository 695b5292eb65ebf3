"""How convolutions bring their input into the form that dot products take."""

from dataclasses import dataclass

import numpy as np

from engine.ir.graph import Array
from engine.kernels.native.commands import Area, CommandList, NotNativeError
from engine.kernels.native.isa import Isa
from engine.kernels.native.records import Form, Opcode
from engine.program.descriptors import Pads, Pair

SIGN_BITS = 0x8080808080808080 - (1 << 64)  # as a signed int64


@dataclass(frozen=True, slots=True)
class InputForm:
    """How the dot product takes a layer's input: flipped or widened, and what that adds to every accumulator.

    The dot product sees x + ``added`` (0, 128 or -128), so it yields acc + added * sum(w).
    """

    form: Form
    flip: int
    added: int
    element_bytes: int

    @property
    def as_it_is(self) -> bool:
        """Whether the tensor's own bytes serve."""
        return self.form in (Form.BYTES, Form.WORDS) and not self.flip

    @property
    def taps(self) -> int:
        """How many elements make one group of a dot product."""
        return 4 // self.element_bytes


def input_form(isa: Isa, dtype: np.dtype[np.generic], weights: np.dtype[np.generic]) -> InputForm:
    """Return the form in which ``isa`` takes elements of ``dtype`` where weights have type ``weights``.

    Raises:
        NotNativeError: the elements fit neither a byte nor an int16.
    """
    if dtype == np.int16:
        return InputForm(Form.WORDS, 0, 0, 2)
    if dtype.itemsize != 1:
        raise NotNativeError(f"not native: convolution of {dtype} tensors")
    if not isa.byte_dot or weights != np.int8:
        return InputForm(Form.SIGNED if dtype == np.int8 else Form.UNSIGNED, 0, 0, 2)
    return byte_form(dtype, isa.signed_bytes)


def byte_form(dtype: np.dtype[np.generic], signed: bool) -> InputForm:
    """Return the form of int8 or uint8 elements as bytes that are ``signed`` or not."""
    if (dtype == np.int8) == signed:
        return InputForm(Form.BYTES, 0, 0, 1)
    return InputForm(Form.BYTES, SIGN_BITS, -128 if signed else 128, 1)


@dataclass(frozen=True, slots=True)
class Source:
    """A map [height, width, channels] that patches are taken from: an address, or the MAP area where it is None."""

    address: int | None
    nbytes: int
    height: int
    width: int
    channels: int

    def place(self, fields: dict[str, int], areas: dict[str, tuple[Area, int]]) -> None:
        """Enter the map as ``source`` of a record."""
        if self.address is None:
            areas["source"] = (Area.MAP, self.nbytes)
        else:
            fields["source"] = self.address


def tensor_source(commands: CommandList, x: Array) -> Source:
    """Return ``x`` [H,W,C] as it lies in memory."""
    h, w, c = x.shape
    return Source(commands.address(x), x.nbytes, h, w, c)


def bordered_source(
    commands: CommandList, x: Array, form: InputForm, pads: Pads, channels: int, spread: Pair = (1, 1)
) -> Source:
    """Append a BORDER record that brings ``x`` [H,W,C] into the MAP area, with its rows and columns spread; return that map."""
    h, w, c = x.shape
    top, left, bottom, right = pads
    height = (h - 1) * spread[0] + 1 + top + bottom
    width = (w - 1) * spread[1] + 1 + left + right
    nbytes = height * width * channels * form.element_bytes
    commands.add(
        Opcode.BORDER, {"target": (Area.MAP, nbytes)}, source=commands.address(x), height=h, width=w, channels=c,
        padded_height=height, padded_width=width, padded_channels=channels, top=top, left=left, row_step=spread[0],
        column_step=spread[1], border=form.flip, flip=form.flip, form=form.form,
    )  # fmt: skip
    return Source(None, nbytes, height, width, channels)
