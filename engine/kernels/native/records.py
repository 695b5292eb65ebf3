"""The native command list: which commands there are, and which fields their fixed-size records have.

A program becomes one int64 array [records, RECORD_WORDS]; word 0 is the opcode, then the fields in the order given here.
Addresses, strides and offsets are in bytes; sizes, counts and channels are elements. ``lowering`` writes records, the
emitted kernels read them.
"""

from enum import IntEnum

RECORD_WORDS = 48
RECORD_BYTES = 8 * RECORD_WORDS


class Opcode(IntEnum):
    """What one record does; each is one emitted function."""

    BORDER = 1
    CONV = 2
    DEPTHWISE = 3
    COMBINE = 4
    MAP = 5
    POOL = 6
    COPY = 7
    FILL = 8
    BLEND = 9
    SOFTMAX = 10
    ARG_MAX = 11
    GROUPED = 12
    DEPTHWISE_BLOCKS = 13
    CONV_TILES = 14
    QUANTIZE = 15
    DEQUANTIZE = 16
    NORMALISE = 17
    WINOGRAD = 18


class Form(IntEnum):
    """How BORDER brings elements into the form that dot products take."""

    BYTES = 0  # each byte XORed with ``flip``
    UNSIGNED = 1  # uint8 widened to int16
    SIGNED = 2  # int8 widened to int16
    WORDS = 3  # int16 as they are


class Combination(IntEnum):
    """What COMBINE computes from a and b."""

    SUM = 0  # a * ca + b * cb
    PRODUCT = 1  # a * b
    PAIR_SUM = 2  # as SUM, for bytes and coefficients of one byte whose sums fit int16; Finish.SHIFT
    BYTE_SUM = 3  # as SUM, for bytes and coefficients of one byte, by dot products of bytes; Finish.FLOAT


class Finish(IntEnum):
    """How an accumulator becomes q; SPEC (5)."""

    SHIFT = 0  # (acc + rounding) >> s in int32; the rounding is part of the bias
    FLOAT = 1  # floor(acc * (m * 2^-s) + 0.5), |acc| <= 2^24
    RAW_SHIFT = 2  # as SHIFT, but through a buffer of accumulators: any output type
    RAW_FLOAT = 3
    RAW_WIDE = 4  # (acc * m + rounding) >> s in int64


FIELDS: dict[Opcode, tuple[str, ...]] = {
    # Source and target are maps [height, width, channels] and [padded_height, padded_width, padded_channels]. Row (column)
    # i of the source goes to row top + i * row_step (left + i * column_step) of the target; everything else is filled
    # with the 8-byte pattern ``border``; channels beyond the source's are left undefined.
    Opcode.BORDER: (
        "source", "target", "height", "width", "channels", "padded_height", "padded_width", "padded_channels", "top", "left",
        "row_step", "column_step", "border", "flip", "form",
    ),
    # out[p, o] = requantize(bias[o] + sum_k patch(p)[k] * weights[k, o]) for ``pixels`` p and ``channels`` o.
    # A patch is ``runs`` runs of ``groups`` dot-product groups, ``run_step`` apart. Work is done ``band`` pixels at a time.
    # Patches lie in memory ``patch_stride`` apart: from source on, or ``by_row`` from source + i * row_stride for each row i
    # of ``width`` pixels. Or, where ``segments`` is not 0, they are gathered: pixel (i, j) takes ``segments`` pieces of
    # ``segment_bytes`` from source + i * row_stride + j * column_stride + segment_offsets[..]. Or, where ``flip`` is not 0,
    # they are copied and XORed with it. Weights and parameters lie in ``panels`` panels of ``nr`` vectors and, where
    # ``rest_nr`` is not 0, one of ``rest_nr``. ``words``: patches and weights are int16. ``unsigned``: results are
    # saturated as uint8. Threads share pixels, or with ``split_panels`` the panels.
    Opcode.CONV: (
        "source", "patch_stride", "pixels", "band", "granule", "runs", "run_step", "groups", "by_row", "segments",
        "segment_offsets", "segment_bytes", "width", "row_stride", "column_stride", "weights", "panel_bytes", "parameters",
        "parameter_bytes", "common", "panels", "nr", "rest_nr", "channels", "out", "out_stride", "element_bytes", "finish",
        "split_panels", "patches", "bounce", "scratch_stride", "words", "flip",
        "unsigned",
    ),
    # The same on the tile unit, for bytes: ``tiles`` tiles of ``height`` pixels times ``panels`` panels, ``wide_panels`` of 64
    # channels and then narrow ones of up to 32. ``table`` has three int64 for every tile: where its patches begin, from
    # ``source`` on, its results, from ``out`` on, and which group of weights comes first. A step takes ``groups`` groups of
    # four bytes of a patch, step k from step_offsets[k] on. Steps are done in ``chunks`` of ``chunk_steps``, so that a
    # panel's weights stay in the first-level cache; ``accumulators`` keeps what has been summed in between. Where
    # ``segments`` is not 0, patches are gathered as for CONV, ``band`` tiles at a time. ``unsigned``: results are saturated
    # as uint8. ``config``: the unit's configuration. Threads share tiles or panels.
    Opcode.CONV_TILES: (
        "source", "patch_stride", "steps", "chunks", "chunk_steps", "step_offsets", "tiles", "height", "table", "band",
        "config", "signed", "groups", "wide_panels", "segments", "segment_offsets", "segment_bytes", "width", "row_stride",
        "column_stride", "weights", "half_panel_bytes", "parameters", "common", "panels", "channels", "out", "out_stride",
        "finish", "unsigned", "element_bytes", "half_parameter_bytes", "split_panels", "patches", "accumulators",
        "scratch_stride",
    ),
    # 3x3 convolution by 4x4 outputs, see ``winograd``: ``tiles`` tiles at ``places`` (``winograd_tiles``, as are the ``*_end``s),
    # from a map of int8 with rows of ``row_bytes`` and ``depth`` channels (a multiple of a vector of int16), ``band`` tiles at a
    # time. Transformed inputs lie ``row_step`` and ``patch_step`` (rows and columns of positions), ``tile_step`` and
    # ``vector_step`` apart, sums of products of the 36 positions ``sum_step``. Threads share tiles or panels. ``seven``: by
    # ``winograd_7x7``.
    Opcode.WINOGRAD: (
        "source", "row_bytes", "depth", "tiles", "places", "narrow_end", "whole_end", "low_end", "band", "row_step",
        "patch_step", "tile_step", "vector_step", "sum_step", "seven", "weights", "parameters", "parameter_bytes",
        "common", "panels", "channels", "out", "width", "finish", "unsigned", "split_panels", "zeros", "patches", "sums",
        "bounce", "scratch_stride",
    ),
    # Depthwise convolution, all channels of ``channels`` from a map of ``stored`` channels (a multiple of the lanes).
    # ``variant`` indexes ``depthwise.VARIANTS``; ``rows`` output rows are computed together from ``tap_groups`` groups of
    # interleaved input rows. ``strip`` columns and ``block`` channels at a time are interleaved into ``interleaved``
    # (block = stored: whole rows at once). ``zeros`` is a row of zero bytes.
    Opcode.DEPTHWISE: (
        "source", "height", "width", "stored", "channels", "variant", "rows", "tap_groups", "kernel_w", "stride_h",
        "stride_w", "dilation_h", "dilation_w", "top", "left", "out", "out_height", "out_width", "element_bytes", "weights",
        "weight_bytes", "parameters", "parameter_bytes", "common", "finish", "strip", "block", "interleaved", "bounce",
        "scratch_stride", "zeros", "flip", "needed_rows", "signed",
    ),
    # The same in ``blocks`` blocks of as many channels as a vector has bytes, the last overlapping the one before; ``variant``
    # indexes ``depthwise.BLOCK_VARIANTS``. Weights and parameters lie by block. ``unsigned``: results are saturated as uint8.
    # The last block may have fewer channels, and consist of ``last_pieces`` stretches of ``piece_columns`` columns each.
    # Threads share rows, or with ``by_channels`` the blocks.
    Opcode.DEPTHWISE_BLOCKS: (
        "source", "height", "width", "channels", "blocks", "variant", "rows", "tap_groups", "kernel_w", "stride_h",
        "stride_w", "top", "left", "out", "out_height", "out_width", "weights", "weight_bytes", "parameters",
        "parameter_bytes", "common", "finish", "strip", "interleaved", "scratch_stride", "zeros", "unsigned", "needed_rows",
        "last_pieces", "piece_columns", "by_channels",
    ),
    # out[r, i] = requantize(a * ca + b * cb) or requantize(a * b), see ``combination``; ``rows`` rows of ``inner`` elements,
    # rows ``*_stride`` apart (0 repeats the same row). ``coefficients`` = ca, cb, a's and b's offset, one int32 vector each:
    # operands are read as unsigned(x ^ flip) - offset. For PAIR_SUM and BYTE_SUM they are read as x ^ flip with the sign of
    # ``Isa.signed_bytes``, and the bias makes up for that; ``coefficients`` = bytes ca and cb alternating; or ca in byte 0 of
    # every lane, in byte 1, 2 and 3, then cb likewise.
    Opcode.COMBINE: (
        "a", "b", "out", "rows", "inner", "a_stride", "b_stride", "out_stride", "a_flip", "b_flip", "combination",
        "coefficients", "parameters", "common", "finish", "in_bytes", "out_bytes",
    ),
    # out[i] = table[x[i]] with x read as unsigned; channel c has its own table at table + c * table_stride where
    # ``channels`` > 1. ``permuted``: by byte permutation (1 or 3 channels).
    Opcode.MAP: (
        "source", "out", "count", "channels", "table", "table_stride", "in_bytes", "out_bytes", "permuted",
    ),
    # Maximum (``average`` 0) or rounded mean over windows. Elements are compared and summed as unsigned(x ^ flip), which is
    # x + ``offset``. ``all_count`` is the divisor, or 0 to count the elements inside the map.
    Opcode.POOL: (
        "source", "height", "width", "channels", "out", "out_height", "out_width", "kernel_h", "kernel_w", "stride_h",
        "stride_w", "dilation_h", "dilation_w", "top", "left", "average", "flip", "offset", "all_count", "element_bytes",
    ),
    # Strided copy of up to six nested dimensions, outermost first.
    Opcode.COPY: (
        "source", "out", "element_bytes", *(f"size{i}" for i in range(6)), *(f"source{i}" for i in range(6)),
        *(f"out{i}" for i in range(6)),
    ),
    Opcode.FILL: ("out", "nbytes", "pattern"),
    # Resize by tables int32 [n, 3] of first index, second index and weight of the second in 1/128.
    Opcode.BLEND: (
        "source", "width", "channels", "out", "out_height", "out_width", "rows", "columns", "flip", "element_bytes", "nearest",
    ),
    # Over ``size`` elements ``step`` bytes apart, for ``outer`` times ``inner`` places.
    Opcode.SOFTMAX: ("source", "out", "outer", "size", "inner", "flip", "element_bytes", "table"),
    # Convolution in narrow groups, see ``grouped``: output pixel (i, j) starts at source + i * row_stride + j *
    # column_stride, tap (ki, kj) lies ki * row_step + kj * column_step further.
    Opcode.GROUPED: (
        "source", "height", "width", "channels", "kernel_h", "kernel_w", "row_stride", "column_stride", "row_step",
        "column_step", "words", "weights", "weight_bytes", "parameters", "parameter_bytes", "common", "out", "finish",
        "unsigned", "bounce", "scratch_stride",
    ),
    Opcode.ARG_MAX: ("source", "out", "outer", "size", "inner", "flip", "element_bytes"),
    # Of the A72, in no program: out[i] = clamp(round(source[i] * scale), qmin, qmax) from float32; ``scale``: the bits of a
    # float64.
    Opcode.QUANTIZE: ("source", "out", "count", "scale", "qmin", "qmax", "element_bytes"),
    # out[i] = source[i] / scale as float32.
    Opcode.DEQUANTIZE: ("source", "out", "count", "scale", "element_bytes", "signed"),
    # LRN of ``pixels`` times ``channels`` float32, see ``LocalResponse``; ``alpha`` and ``bias``: the bits of a float32.
    Opcode.NORMALISE: ("source", "out", "pixels", "channels", "before", "size", "alpha", "bias"),
}  # fmt: skip


def encode(opcode: Opcode, **fields: int) -> list[int]:
    """Return a record as ``RECORD_WORDS`` integers; fields not given are 0."""
    names = FIELDS[opcode]
    unknown = set(fields) - set(names)
    assert not unknown, f"{opcode.name} has no field {sorted(unknown)}"
    words = [int(opcode), *(int(fields.get(name, 0)) for name in names)]
    assert len(words) <= RECORD_WORDS
    return words + [0] * (RECORD_WORDS - len(words))
