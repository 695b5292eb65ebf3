"""Pictures share memory only once nobody holds the one before."""

import numpy as np
import pytest
from PySide6.QtGui import QImage

from gui.core.picture_pool import MOST_KEPT, PicturePool

SHAPE = (4, 6, 3)


def address(picture: np.ndarray) -> int:
    return picture.ctypes.data


def test_memory_is_used_again_once_the_picture_is_gone():
    pool = PicturePool()
    picture = pool.take(SHAPE)
    first = address(picture)
    assert address(pool.take(SHAPE)) != first
    del picture
    assert {address(pool.take(SHAPE)) for _ in range(4)} == {first}


@pytest.mark.parametrize(
    "hold",
    [
        lambda picture: picture,
        lambda picture: picture[1:, ::2],
        lambda picture: picture.data,
        lambda picture: QImage(picture.data, 6, 4, 18, QImage.Format.Format_RGB888),
        lambda picture: QImage(QImage(picture.data, 6, 4, 18, QImage.Format.Format_RGB888)),
    ],
    ids=["itself", "view", "bytes", "QImage", "shallow copy of a QImage"],
)
def test_a_held_picture_is_left_alone(hold):
    pool = PicturePool()
    picture = pool.take(SHAPE)
    first, held = address(picture), hold(picture)
    del picture
    taken = [pool.take(SHAPE) for _ in range(2 * MOST_KEPT)]
    assert first not in map(address, taken)
    assert len({address(each) for each in taken}) == len(taken)
    assert held is not None


def test_another_size_has_memory_of_its_own():
    pool = PicturePool()
    before = pool.take(SHAPE)
    before[:] = 7
    assert pool.take((6, 4, 3)).shape == (6, 4, 3)
    assert (before == 7).all()


def test_pictures_that_are_kept_for_long_give_up_their_place():
    pool = PicturePool()
    kept = [pool.take(SHAPE) for _ in range(MOST_KEPT)]
    picture = pool.take(SHAPE)
    newest = address(picture)
    del picture
    assert address(pool.take(SHAPE)) == newest
    assert len(kept) == MOST_KEPT
