"""The DEPTHWISE command: strips of columns and blocks of channels through both passes."""

from engine.kernels.native.depthwise import emit_slide
from engine.kernels.native.emit import Function, Module
from engine.kernels.native.interleave import columns_inside, emit_interleave, fill_outside
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import FIELDS, Finish, Opcode
from engine.kernels.native.values import Value
from engine.kernels.native.variants import VARIANTS


def emit_depthwise(module: Module, isa: Isa) -> None:
    """Write the DEPTHWISE command."""
    emit_interleave(module, isa)
    for index, variant in enumerate(VARIANTS):
        emit_slide(module, isa, index, variant)
    _emit_strip(module, isa)
    kernel = Kernel(module, isa, Opcode.DEPTHWISE)
    f, r = kernel.function, kernel.fields
    scratch = kernel.part * r["scratch_stride"]
    groups = (r["out_height"] + r["rows"] - 1) // r["rows"]
    start, stop = kernel.share(groups)
    with f.loop(start, stop) as group:
        row = f.smaller(group * r["rows"], r["out_height"] - r["rows"])
        with f.loop(0, r["stored"], r["block"]) as position, f.loop(0, r["out_width"], r["strip"]) as place:
            channel = f.smaller(position, r["stored"] - r["block"])
            column = f.smaller(place, r["out_width"] - r["strip"])
            f.do("strip", f.arguments[0], row, channel, position, column, scratch)
    f.give()


def _emit_strip(module: Module, isa: Isa) -> None:
    """Write ``strip``: both passes for ``strip`` columns of ``rows`` output rows and one block of channels.

    Channels before ``fresh_channel`` are interleaved, but the block before has computed them already.
    """
    f = module.function("strip", ("record", "row", "channel", "fresh_channel", "column", "scratch"))
    record, row, channel, fresh_channel, column, scratch = f.arguments
    r = f.fields(record + 8, FIELDS[Opcode.DEPTHWISE])
    target, column_bytes = r["interleaved"] + scratch, r["block"] * 4
    wanted = (r["strip"] - 1) * r["stride_w"] + (r["kernel_w"] - 1) * r["dilation_w"] + 1
    _interleave_groups(f, isa, r, (row, channel, column), (target, column_bytes, wanted))
    skipped = fresh_channel - channel
    inside = f.smaller(r["block"], r["channels"] - channel)
    whole = (inside - skipped) // isa.lanes
    done = skipped + whole * isa.lanes
    rest = inside - done
    sliding = _Sliding(f, isa, r, (row, column), (target, column_bytes, wanted * column_bytes))
    with f.when(whole > 0):
        sliding.straight(channel + skipped, skipped, whole)
    with f.when(rest > 0):
        sliding.rest(channel + done, done, rest, r["bounce"] + scratch)
    f.give()


def _interleave_groups(
    f: Function, isa: Isa, r: dict[str, Value], at: tuple[Value, Value, Value], t: tuple[Value, Value, Value]
) -> None:
    """Interleave the input rows of all groups: ``wanted`` columns, of which some may lie outside the map."""
    (row, channel, column), (target, column_bytes, wanted) = at, t
    taps = 4 if isa.byte_dot else 2
    first = column * r["stride_w"] - r["left"]
    left, present = columns_inside(f, first, wanted, r["width"])
    whole_rows = r["block"].equals(r["stored"])
    runs = f.select(whole_rows, f.smaller(present, 1), present)
    run_bytes = f.select(whole_rows, present * r["block"], r["block"])
    with f.loop(0, r["tap_groups"]) as group:
        base = target + group * wanted * column_bytes
        rows = []
        for tap in range(taps):
            number = group * taps + tap
            y = row * r["stride_h"] - r["top"] + number * r["dilation_h"]
            inside = (y >= 0) & (y < r["height"]) & (number < r["needed_rows"])
            line = f.select(inside, r["source"] + y * (r["width"] * r["stored"]), r["zeros"])
            rows.append(line + (first + left) * r["stored"] + channel)
        place = base + left * column_bytes
        f.do("interleave", place, *rows, runs, r["stored"], column_bytes, run_bytes, r["flip"], r["signed"])
        # After ``interleave``, which may write past its last column: the columns outside the map.
        fill_outside(f, base, place, (left, present, wanted), column_bytes, r["flip"])


class _Sliding:
    """The calls of pass 2 for one strip."""

    def __init__(
        self,
        f: Function,
        isa: Isa,
        r: dict[str, Value],
        at: tuple[Value, Value],
        t: tuple[Value, Value, Value],
    ) -> None:
        self.f, self.isa, self.r, self.t = f, isa, r, t
        self.column_stride = r["channels"] * r["element_bytes"]
        self.row_stride = r["out_width"] * self.column_stride
        self.out = r["out"] + at[0] * self.row_stride + at[1] * self.column_stride

    def straight(self, channel: Value, inside: Value, vectors: Value) -> None:
        """Write ``vectors`` full vectors of channels to the output; ``inside`` = their place in the block."""
        out = self.out + channel * self.r["element_bytes"]
        lanes = self.f.integer(self.isa.lanes)
        self._call(channel, inside, vectors, lanes, (out, self.row_stride, self.column_stride))

    def rest(self, channel: Value, inside: Value, count: Value, bounce: Value) -> None:
        """Write the last, incomplete vector; byte results go through a buffer, others are cut by ``finish_rows``."""
        f, r, lanes = self.f, self.r, self.isa.lanes
        out = self.out + channel * r["element_bytes"]
        one, buffer_row = f.integer(1), r["strip"] * lanes
        with f.when(r["finish"] > Finish.FLOAT):
            self._call(channel, inside, one, count, (out, self.row_stride, self.column_stride))
        with f.when(r["finish"] <= Finish.FLOAT):
            self._call(channel, inside, one, count, (bounce, buffer_row, f.integer(lanes)))
            with f.loop(0, r["rows"]) as y:
                place, source = out + y * self.row_stride, bounce + y * buffer_row
                f.do("copy_rows", place, self.column_stride, source, lanes, count, r["strip"])

    def _call(
        self, channel: Value, inside: Value, vectors: Value, count: Value, target: tuple[Value, Value, Value]
    ) -> None:
        r, index = self.r, channel // self.isa.lanes
        interleaved, column_bytes, group_bytes = self.t
        arguments = (
            interleaved + inside * 4, column_bytes, group_bytes, r["weights"] + index * r["weight_bytes"],
            r["parameters"] + index * r["parameter_bytes"], r["common"], *target, r["strip"], r["finish"], r["tap_groups"],
            r["kernel_w"], r["stride_w"], r["dilation_w"], r["element_bytes"], count, vectors, r["weight_bytes"],
            r["parameter_bytes"],
        )  # fmt: skip
        for number in range(len(VARIANTS)):
            with self.f.when(r["variant"].equals(number)):
                self.f.do(f"slide{number}", *arguments)
