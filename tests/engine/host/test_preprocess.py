import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ImageError
from engine.host.preprocess import preprocess, resized_size, to_real
from engine.ir.graph import InputSpec

SPEC = InputSpec(mean=(127.0, 127.0, 127.0), scale=(1 / 128,) * 3, resize_short=256)


@given(st.integers(1, 400), st.integers(1, 400), st.booleans(), st.sampled_from([(224, 224), (32, 48)]))
def test_every_size_of_picture_gives_the_input_size(height, width, squash, size):
    spec = InputSpec(resize_short=40, squash=squash)
    result = preprocess(np.full((height, width, 3), 77, np.uint8), spec, size)
    assert result.shape == (*size, 3)
    assert (result == 77).all()


def test_the_short_side_becomes_256_and_the_centre_is_cut():
    image = np.random.default_rng(0).integers(0, 256, (480, 640, 3)).astype(np.uint8)
    assert resized_size(480, 640, 256) == (256, 341)
    whole = cv2.resize(image, (341, 256), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(preprocess(image, SPEC, (224, 224)), whole[16:240, 58:282])


def test_a_picture_of_the_right_size_is_not_touched():
    image = np.random.default_rng(1).integers(0, 256, (256, 256, 3)).astype(np.uint8)
    np.testing.assert_array_equal(preprocess(image, SPEC, (224, 224)), image[16:240, 16:240])


@pytest.mark.parametrize("shape", [(1, 1_000_000, 3), (16_000, 3, 3)])
def test_a_line_of_pixels_is_refused_before_it_grows(shape):
    with pytest.raises(ImageError, match="less extreme shape"):
        preprocess(np.zeros(shape, np.uint8), SPEC, (224, 224))


def test_a_line_of_pixels_can_be_squashed():
    spec = InputSpec(squash=True)
    assert preprocess(np.zeros((1, 30_000, 3), np.uint8), spec, (224, 224)).shape == (224, 224, 3)


def test_channel_order():
    image = np.zeros((8, 8, 3), np.uint8)
    image[..., 0] = 9
    assert preprocess(image, InputSpec(resize_short=8, bgr=True), (8, 8))[0, 0].tolist() == [0, 0, 9]


def test_real_values():
    assert to_real(np.uint8([[[127, 255, 0]]]), SPEC).ravel().tolist() == [0, 1, pytest.approx(-127 / 128)]
