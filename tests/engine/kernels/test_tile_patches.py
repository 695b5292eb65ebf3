"""Patches for the tile unit: the products of steps add up to the convolution, wherever the patches come from."""

import numpy as np
import pytest

from engine.kernels.native.tile_patches import Map, TilePatches, gathered, in_lines, in_map
from engine.program.descriptors import Conv2d


def conv(stride: tuple[int, int] = (1, 1), dilation: tuple[int, int] = (1, 1)) -> Conv2d:
    return Conv2d("d", "x", "y", "w", "b", "m", "s", 0, 255, 1, stride=stride, dilation=dilation)


def direct(x: np.ndarray, weight: np.ndarray, d: Conv2d, y_shape: tuple[int, ...], first: int) -> np.ndarray:
    outputs, kh, kw, depth = weight.shape
    y = np.zeros((y_shape[0], y_shape[1], outputs), np.int64)
    for i, j in np.ndindex(*y_shape[:2]):
        rows = i * d.stride[0] + np.arange(kh) * d.dilation[0]
        columns = j * d.stride[1] + np.arange(kw) * d.dilation[1]
        window = x[np.ix_(rows, columns, np.arange(first, first + depth))].astype(np.int64)
        y[i, j] = np.tensordot(weight.astype(np.int64), window, 3)
    return y


def by_steps(
    x: np.ndarray, weight: np.ndarray, patches: TilePatches, d: Conv2d, y_shape: tuple[int, ...]
) -> np.ndarray:
    """Return what the tile unit would sum up, from patches as it would find them."""
    matrix = patches.matrix(weight)
    memory = np.concatenate([x.reshape(-1), np.zeros(256, np.int8)])
    height, width, outputs = y_shape
    y = np.zeros((height * width, outputs), np.int64)
    k = len(patches.step_offsets) * patches.row_bytes
    tiles = zip(patches.first_patches, patches.first_pixels, patches.first_rows(), strict=True)
    for place, pixel, first_row in tiles:
        for row in range(patches.height):
            if patches.segment_offsets is None:
                base, source = place + row * patches.patch_stride, memory
            else:
                base, source = 0, gather(memory, patches, d, x.shape, divmod(pixel + row, width))
            parts = [source[base + o : base + o + patches.row_bytes] for o in patches.step_offsets]
            products = np.concatenate(parts).astype(np.int64) @ matrix[first_row : first_row + k]
            y[pixel + row * patches.pixel_step] = products
    return y.reshape(y_shape)


def gather(
    memory: np.ndarray, patches: TilePatches, d: Conv2d, shape: tuple[int, ...], at: tuple[int, int]
) -> np.ndarray:
    assert patches.segment_offsets is not None
    start = (at[0] * d.stride[0] * shape[1] + at[1] * d.stride[1]) * shape[2]
    parts = [memory[start + o :][: patches.segment_bytes] for o in patches.segment_offsets]
    return np.concatenate([*parts, np.zeros(64, np.int8)])


@pytest.mark.parametrize("channels", [3, 16, 24, 64, 80, 128])
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (5, 2)])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dilation", [1, 2])
def test_steps_add_up(channels: int, kernel: tuple[int, int], stride: int, dilation: int) -> None:
    rng = np.random.default_rng(channels)
    d, (kh, kw) = conv((stride, stride), (dilation, dilation)), kernel
    y_shape = (5, 9, 7)
    h, w = ((n - 1) * stride + (k - 1) * dilation + 1 for n, k in zip(y_shape, kernel, strict=False))
    x = rng.integers(-128, 128, (h, w, channels)).astype(np.int8)
    weight = rng.integers(-128, 128, (7, kh, kw, channels)).astype(np.int8)
    expected = direct(x, weight, d, y_shape, 0)
    for find in (in_map, gathered):
        patches = find(d, Map(w, channels, True), weight, y_shape, 0)
        assert patches is not None
        np.testing.assert_array_equal(by_steps(x, weight, patches, d, y_shape), expected)


@pytest.mark.parametrize("find", [in_map, gathered])
def test_some_of_the_channels(find) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(-128, 128, (6, 8, 96)).astype(np.int8)
    weight = rng.integers(-128, 128, (7, 3, 3, 32)).astype(np.int8)
    patches = find(conv(), Map(8, 96, True), weight, (4, 6, 7), 64)
    np.testing.assert_array_equal(
        by_steps(x, weight, patches, conv(), (4, 6, 7)), direct(x, weight, conv(), (4, 6, 7), 64)
    )


@pytest.mark.parametrize("channels", [24, 40, 48, 80, 96, 112, 144, 240, 480])
@pytest.mark.parametrize("y_shape", [(9, 7), (16, 16), (13, 11)])
def test_steps_of_whole_lines_add_up(channels: int, y_shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(channels)
    x = rng.integers(-128, 128, (*y_shape, channels)).astype(np.int8)
    weight = rng.integers(-128, 128, (7, 1, 1, channels)).astype(np.int8)
    patches = in_lines(conv(), Map(y_shape[1], channels, False, True), weight, (*y_shape, 7), 0)
    assert patches is not None
    expected = direct(x, weight, conv(), (*y_shape, 7), 0)
    np.testing.assert_array_equal(by_steps(x, weight, patches, conv(), (*y_shape, 7)), expected)
    starts = patches.first_patches[:, None] + patches.patch_stride * np.arange(patches.height)
    assert (starts % 64 == 0).all()
    assert starts.min() >= 0
    lines_bytes = -(-x.size // 64) * 64
    assert starts.max() + patches.step_offsets[-1] + 64 <= lines_bytes


def test_where_lines_are_no_use() -> None:
    """All pixels begin lines already; too few pixels of a kind; a map that begins anywhere; other kernels."""
    weight, shape = np.ones((7, 1, 1, 96), np.int8), (6, 6, 7)
    whole = np.ones((7, 1, 1, 128), np.int8)
    assert in_lines(conv(), Map(6, 96, False, True), weight, shape, 0) is not None
    assert in_lines(conv(), Map(6, 128, False, True), whole, shape, 0) is None
    assert in_lines(conv(), Map(1, 96, False, True), weight, (5, 1, 7), 0) is None
    assert in_lines(conv(), Map(6, 96, False, False), weight, shape, 0) is None
    assert in_lines(conv((2, 2)), Map(6, 96, False, True), weight, shape, 0) is None
    assert in_lines(conv(), Map(6, 192, False, True), weight, shape, 96) is None


def test_nothing_is_read_behind_a_tensor() -> None:
    """82 channels in two steps reach past the last one: not from a tensor, behind which there may be nothing."""
    weight = np.ones((7, 1, 1, 82), np.int8)
    assert in_map(conv(), Map(6, 82, False), weight, (4, 6, 7), 0) is None
    assert in_map(conv(), Map(6, 82, True), weight, (4, 6, 7), 0) is not None


@pytest.mark.parametrize(("channels", "row_bytes"), [(24, 24), (64, 64), (96, 48), (144, 48), (192, 64)])
def test_steps_are_equal_parts_of_the_channels(channels: int, row_bytes: int) -> None:
    weight = np.ones((24, 1, 1, channels), np.int8)
    patches = in_map(conv(), Map(28, channels, False), weight, (28, 28, 24), 0)
    assert patches is not None
    assert patches.row_bytes == row_bytes


def test_rows_across_cache_lines_cost_more() -> None:
    weight = np.ones((64, 1, 1, 64), np.int8)
    aligned = in_map(conv(), Map(16, 64, True), weight, (16, 16, 64), 0)
    crossing = in_map(conv(), Map(16, 80, True), weight, (16, 16, 64), 0)
    assert aligned is not None
    assert crossing is not None
    assert crossing.cycles(64) > aligned.cycles(64)


def test_small_tiles_cost_what_reading_their_weights_costs() -> None:
    """Seven rows of seven pixels each take more time than four tiles of thirteen that have to be gathered."""
    weight = np.ones((512, 3, 3, 512), np.int8)
    in_rows = in_map(conv(), Map(9, 512, True), weight, (7, 7, 512), 0)
    copied = gathered(conv(), Map(9, 512, True), weight, (7, 7, 512), 0)
    assert in_rows is not None
    assert (in_rows.height, copied.height) == (7, 13)
    assert in_rows.cycles(512) > copied.cycles(512)
