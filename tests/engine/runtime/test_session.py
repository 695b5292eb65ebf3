from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from onnx import helper

from engine.compiler.compile import compile_model
from engine.errors import ArtifactError, DeviceError, ImageError, KernelError
from engine.ir.graph import InputSpec
from engine.program.artifact import write_artifact
from engine.runtime import session as session_module
from engine.runtime.postprocess import most_probable, softmax, top_k
from engine.runtime.session import Session
from tests.engine.importers.onnx_models import model, save
from tests.engine.program.small import small_artifact


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Open the small artifact; the kernels are compiled once for all tests."""
    cache = tmp_path_factory.mktemp("kernels")
    return lambda: Session(small_artifact(), cache_dir=cache)


def picture(height=40, width=30, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def test_names_a_picture_and_measures_each_stage(small):
    with small() as session:
        result = session.run(picture())
        assert [label.name for label in result.top] == [
            ["ant", "bee", "cat", "dog"][x.index] for x in result.top
        ]
        assert sum(label.probability for label in result.top) == pytest.approx(1, abs=1e-5)
        assert min(result.preprocess_ns, result.run_ns, result.postprocess_ns) > 0
        assert result.device_ms is None
        assert len(session.run(picture(), top=2).top) == 2


def test_each_stage_has_its_own_time(small, monkeypatch):
    now_ns = iter((1000, 1003, 1020, 1100))  # before the first stage, and behind each of the three
    with small() as session:
        monkeypatch.setattr(session_module, "time", SimpleNamespace(perf_counter_ns=now_ns.__next__))
        result = session.run(picture())
    assert (result.preprocess_ns, result.run_ns, result.postprocess_ns) == (3, 17, 80)


@pytest.mark.parametrize(
    ("spec", "resize_short"),
    [(InputSpec(resize_short=8), 8), (InputSpec(resize_short=4), 6), (InputSpec(squash=True), 0)],
    ids=["larger than the input", "smaller than the input", "squashed"],
)
def test_a_session_tells_what_it_makes_of_a_picture(spec, resize_short):
    with Session(replace(small_artifact(), input_spec=spec, device_ms=1.25), "numpy") as session:
        info = session.info
    assert (info.model, info.soc, info.recipe, info.threads) == ("small", "tda4vm", "ti", 1)
    assert (info.input_hw, info.resize_short) == ((6, 6), resize_short)
    assert (info.labels_count, info.device_ms) == (4, 1.25)


def test_reads_what_was_written_and_every_set_agrees(tmp_path):
    write_artifact(small_artifact(), tmp_path / "net")
    logits = []
    for kernels in ("reference", "numpy"):
        with Session(tmp_path / "net", kernels) as session:
            assert session.info.kernels == kernels
            logits.append([session.run(picture(seed=seed)).logits for seed in range(5)])
    np.testing.assert_array_equal(logits[0], logits[1])


def test_what_the_network_saw_gives_the_same_answer_again(small):
    with small() as session:
        result = session.run(picture())
        assert (result.pixels.shape, result.pixels.dtype) == ((*session.info.input_hw, 3), np.uint8)
        kept = result.pixels.copy()
        session.run(picture(seed=1))
        np.testing.assert_array_equal(session.run_pixels(kept), result.logits)


def test_an_answer_stays_what_it_is_while_the_next_picture_is_named(small):
    with small() as session:
        first = session.run(picture()).logits
        kept = first.copy()
        session.run(picture(seed=1))
        np.testing.assert_array_equal(first, kept)


def test_many_pictures_are_answered_in_order(small):
    pictures = [picture(seed=seed) for seed in range(4)]
    with small() as session:
        single = [session.run(each).logits for each in pictures]
        np.testing.assert_array_equal([r.logits for r in session.run_many(pictures)], single)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3)),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(small, wrong):
    with small() as session, pytest.raises(ImageError, match="is needed"):
        session.run(wrong)


def test_an_input_of_another_type_or_size_is_refused(small):
    with small() as session:
        pixels = session.run(picture()).pixels
        for wrong in (pixels / 255, pixels[:, :, :1], pixels[:1], pixels[None], picture()):
            with pytest.raises(ImageError, match=r"the input is .*; uint8 \(\d+, \d+, 3\) is needed"):
                session.run_pixels(wrong)


@pytest.mark.parametrize("bad", [[np.nan, 1, 2], [np.inf, 1, np.inf], [-np.inf] * 3])
def test_scores_that_tell_nothing_name_no_class(bad):
    assert top_k(np.array(bad, np.float32), (), 2) == ()


def test_a_class_ruled_out_is_no_reason_to_name_none():
    logits = np.array([-np.inf, 0, 1], np.float32)
    assert softmax(logits)[0] == 0
    assert [each.index for each in top_k(logits, ())] == [2, 1, 0]


def test_a_network_that_answers_with_truth_values_has_logits_too(tmp_path):
    nodes = [helper.make_node("Flatten", ["x"], ["f"]), helper.make_node("Greater", ["f", "k"], ["y"])]
    network = save(tmp_path, model(nodes, {"x": (1, 3, 2, 2)}, ["y"], {"k": np.float32(0)}))
    compile_model(network, tmp_path / "net")
    with Session(tmp_path / "net", "numpy") as session:
        result = session.run(picture())
        assert result.logits.dtype == np.float32
        assert set(result.logits) <= {0.0, 1.0}
        assert len(result.top) == 5


def test_a_network_without_picture_and_an_unknown_kernel_set_are_refused():
    with pytest.raises(ArtifactError, match="no RGB picture"):
        Session(replace(small_artifact(), input_spec=None))
    with pytest.raises(KernelError, match="cuda"):
        Session(small_artifact(), kernels="cuda")


def test_a_closed_session_says_so(small):
    session = small()
    session.close()
    session.close()
    with pytest.raises(DeviceError, match="closed"):
        session.run(picture())


def test_most_probable_names_probabilities_as_they_are():
    best = most_probable(np.float32([0.125, 0.5, 0.125, 0.25]), ("a", "b"), 3)
    assert [(one.index, one.name, one.probability) for one in best] == [
        (1, "b", 0.5), (3, "class 3", 0.25), (0, "a", 0.125),
    ]  # fmt: skip


def test_top_k_prefers_the_lower_index():
    labels = top_k(np.float32([1, 3, 3, 0, 3]), ("a", "b"), 3)
    assert [(x.index, x.name) for x in labels] == [(1, "b"), (2, "class 2"), (4, "class 4")]
    assert softmax(np.float32([1e4, 0])).tolist() == [1, 0]


@pytest.mark.parametrize("k", [0, 1, 5, 40, 60])
def test_top_k_is_the_beginning_of_all_in_order(k):
    for seed in range(20):
        logits = np.random.default_rng(seed).integers(-4, 4, 40).astype(np.float32)
        expected = sorted(range(40), key=lambda i: (-logits[i], i))[:k]
        assert [label.index for label in top_k(logits, (), k)] == expected
