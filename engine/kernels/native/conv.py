"""The CONV command: patches in bands of pixels, times panels of weights."""

from engine.kernels.native.emit import Function, Module
from engine.kernels.native.gemm import emit_panel, panel_name, panels_of
from engine.kernels.native.isa import Isa
from engine.kernels.native.kernel import Kernel
from engine.kernels.native.records import FIELDS, Finish, Opcode
from engine.kernels.native.values import I8, I64, Value, vector


def emit_conv(module: Module, isa: Isa) -> None:
    """Write the CONV command."""
    for nr, words in panels_of(isa):
        emit_panel(module, isa, nr, words)
    _emit_one_panel(module, isa)
    _emit_gather(module, isa)
    kernel = Kernel(module, isa, Opcode.CONV)
    f, r, record = kernel.function, kernel.fields, kernel.function.arguments[0]
    scratch = kernel.part * r["scratch_stride"]
    patches, bounce = r["patches"] + scratch, r["bounce"] + scratch
    by_panel = r["split_panels"].differs(0)
    first, last = kernel.share_where(by_panel ^ 1, r["pixels"], r["granule"])
    all_panels = r["panels"] + f.select(r["rest_nr"] > 0, f.integer(1), f.integer(0))
    first_panel, last_panel = kernel.share_where(by_panel, all_panels)
    gathered, flipped = r["segments"] > 0, r["flip"].differs(0)
    with f.loop(first, last, r["band"]) as pixel:
        rows = f.smaller(r["band"], last - pixel)
        by_row = pixel // r["width"] * r["row_stride"]
        in_map = r["source"] + f.select(r["by_row"] > 0, by_row, pixel * r["patch_stride"])
        with f.when(gathered):
            f.do("gather", record, patches, pixel, rows)
        with f.when(flipped):
            f.do("copy", patches, in_map, rows * r["patch_stride"], r["flip"])
        patch = f.select(gathered | flipped, patches, in_map)
        with f.loop(first_panel, last_panel) as panel:
            f.do("one_panel", record, patch, pixel, rows, panel, bounce)
    f.give()


def _conv_fields(f: Function, record: Value) -> dict[str, Value]:
    return f.fields(record + 8, FIELDS[Opcode.CONV])


def _emit_one_panel(module: Module, isa: Isa) -> None:
    """Write ``one_panel``: one panel's outputs of ``rows`` pixels; what is not a whole vector goes through a buffer."""
    f = module.function("one_panel", ("record", "patch", "pixel", "rows", "panel", "bounce"))
    record, patch, pixel, rows, panel, bounce = f.arguments
    r, lanes = _conv_fields(f, record), isa.lanes
    nr = f.select(panel >= r["panels"], r["rest_nr"], r["nr"])
    channel = panel * (r["nr"] * lanes)
    count = f.smaller(nr * lanes, r["channels"] - channel)
    out = r["out"] + pixel * r["out_stride"] + channel * r["element_bytes"]
    raw = r["finish"] > Finish.FLOAT
    through_buffer = raw | (count < nr * lanes)
    buffer_stride = nr * f.select(raw, f.integer(4 * lanes), f.integer(lanes))
    parameters = r["parameters"] + panel * r["parameter_bytes"]
    arguments = (
        patch, r["patch_stride"], r["runs"], r["run_step"], r["groups"], r["weights"] + panel * r["panel_bytes"],
        parameters, r["common"], f.select(through_buffer, bounce, out),
        f.select(through_buffer, buffer_stride, r["out_stride"]), rows, r["finish"], r["unsigned"],
    )  # fmt: skip
    _call_panel(f, isa, r, nr, arguments)
    with f.when(raw):
        f.do(
            "finish_rows", bounce, buffer_stride, parameters, nr, r["common"], out, r["out_stride"], rows, count,
            r["finish"], r["element_bytes"],
        )  # fmt: skip
    with f.when((raw ^ 1) & through_buffer):
        f.do("copy_rows", out, r["out_stride"], bounce, buffer_stride, count, rows)
    f.give()


def _call_panel(f: Function, isa: Isa, r: dict[str, Value], nr: Value, arguments: tuple[Value, ...]) -> None:
    """Call the function for panels of ``nr`` vectors."""
    for width, words in panels_of(isa):
        with f.when(nr.equals(width) & r["words"].equals(int(words))):
            f.do(panel_name(width, words), *arguments)


def _emit_gather(module: Module, isa: Isa) -> None:
    """Write ``gather``: the patches of ``rows`` pixels from ``pixel`` on. Reads up to a vector too far: scratch maps only."""
    f = module.function("gather", ("record", "patches", "pixel", "rows"))
    record, patches, pixel, rows = f.arguments
    r = _conv_fields(f, record)
    nbytes = 4 * isa.lanes
    kind = vector(nbytes, I8)
    row, column = f.variable(pixel // r["width"]), f.variable(pixel % r["width"])
    with f.loop(0, rows) as index:
        source = r["source"] + row.get() * r["row_stride"] + column.get() * r["column_stride"]
        target = patches + index * r["patch_stride"]
        with f.loop(0, r["segments"]) as segment:
            piece = source + f.load(I64, r["segment_offsets"] + segment * 8)
            place = target + segment * r["segment_bytes"]
            with f.loop(0, r["segment_bytes"], nbytes) as i:
                f.store(f.load(kind, piece + i), place + i)
        wraps = (column.get() + 1).equals(r["width"])
        row.set(f.select(wraps, row.get() + 1, row.get()))
        column.set(f.select(wraps, f.integer(0), column.get() + 1))
    f.give()
