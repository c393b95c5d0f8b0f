"""If these fail, questions are compared by an encoder that nobody has measured, or by none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gateway.cache.semantic import encoder as shipped
from gateway.cache.semantic.encoder import Encoder, EncoderUnusable
from gateway.config.semantic import Encoder as Settings


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(Settings())


def test_vectors_have_length_one_and_what_is_alike_is_near(encoder: Encoder) -> None:
    one = encoder.vector("How do I reset my password?")
    same = encoder.vector("How can I reset my password?")
    other = encoder.vector("The train to Lyon leaves at noon.")
    assert one.shape == (384,)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert one @ same > 0.9
    assert one @ other < 0.4


def test_the_same_text_gives_the_same_vector(encoder: Encoder) -> None:
    assert np.array_equal(encoder.vector("What is it?"), encoder.vector("What is it?"))


def test_a_text_without_a_word_has_a_vector_too(encoder: Encoder) -> None:
    assert np.isfinite(encoder.vector("")).all()


def test_an_encoder_of_ones_own_is_read_from_its_directory(encoder: Encoder, tmp_path: Path) -> None:
    model, tokenizer = shipped.files_of(Settings())
    (tmp_path / "model.onnx").write_bytes(model)
    (tmp_path / "tokenizer.json").write_bytes(tokenizer)
    own = Encoder(Settings(directory=str(tmp_path), prefix="query: "))
    assert np.allclose(own.vector("What is it?"), encoder.vector("query: What is it?"), atol=1e-5)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnusable, match=r"cannot be read: .*model\.onnx"):
        Encoder(Settings(directory=str(tmp_path)))
    (tmp_path / "model.onnx").write_bytes(b"no model")
    (tmp_path / "tokenizer.json").write_bytes(b"{}")
    with pytest.raises(EncoderUnusable, match="cannot be read"):
        Encoder(Settings(directory=str(tmp_path)))


def test_files_that_are_not_the_ones_measured_are_refused() -> None:
    model, tokenizer = shipped.files_of(Settings())
    shipped.check(model, tokenizer)
    with pytest.raises(EncoderUnusable, match="the model of the encoder is not the one"):
        shipped.check(model[:-1], tokenizer)
    with pytest.raises(EncoderUnusable, match="the tokenizer of the encoder is not the one"):
        shipped.check(model, tokenizer + b" ")


def test_a_model_that_wants_what_nobody_gives_it_is_refused_at_the_start(
    tmp_path: Path,
) -> None:
    model, tokenizer = shipped.files_of(Settings())
    (tmp_path / "model.onnx").write_bytes(model.replace(b"token_type_ids", b"token_kind_ids"))
    (tmp_path / "tokenizer.json").write_bytes(tokenizer)
    with pytest.raises(EncoderUnusable, match="cannot be used: KeyError"):
        Encoder(Settings(directory=str(tmp_path)))
