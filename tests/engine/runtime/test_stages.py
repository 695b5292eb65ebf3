"""What passes between the subgraphs of one frame."""

import numpy as np
import pytest

from engine.errors import ArtifactError
from engine.runtime.stages import RealValues


def test_what_has_a_place_keeps_it_and_takes_any_shape_of_its_size():
    reals = RealValues()
    place = reals.place("a", (2, 2))
    assert reals.place("a", (2, 2)) is place
    reals.put("a", np.arange(4))
    assert reals["a"] is place
    assert place.tolist() == [[0, 1], [2, 3]]
    assert place.dtype == np.float32


def test_what_has_no_place_is_what_it_was_set_to():
    reals, values = RealValues(), np.arange(3)
    reals.put("a", values)
    assert reals["a"] is values
    assert not reals.has_place("a")


def test_a_place_of_two_shapes_is_refused():
    reals = RealValues()
    reals.place("a", (1, 4))
    with pytest.raises(ArtifactError, match="'a' is"):
        reals.place("a", (4, 1, 1))
