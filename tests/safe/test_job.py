"""What passes between the processes is taken in its frame or not at all."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.safe.conftest import LIMITS
from vault.safe import job
from vault.safe.job import Job, Page, Refusal

JOB = Job.of(LIMITS, "write")


def pixels(status=job.PICTURE, *sizes, count=None) -> bytes:
    out = io.BytesIO()
    pages = (Page(*size, iter([bytes(size[0] * size[1] * 3)])) for size in sizes)
    job.send(out, status, len(sizes) if count is None else count, pages)
    return out.getvalue()


def received(data: bytes) -> tuple[int, list]:
    status, pages = job.received(io.BytesIO(data), JOB)
    return status, list(pages)


def test_a_task_passes_as_arguments():
    asked = Job.of(LIMITS, "show", page=3, turn=90, size=64)
    assert Job.parse(asked.arguments()) == asked


def test_an_answer_passes_in_its_frame():
    assert job.answered(job.answer(job.PAPER, b"abc")) == (job.PAPER, b"abc")


def test_a_refusal_passes_with_its_word():
    with pytest.raises(Refusal, match=job.PASSWORD):
        job.answered(job.answer(job.REFUSED, job.PASSWORD.encode()))


@given(st.binary(max_size=40))
def test_nothing_else_is_an_answer(data):
    with pytest.raises(Refusal, match=job.DAMAGED):
        job.answered(data)


@pytest.mark.parametrize("word", [b"", b"<script>", "сломано".encode(), b"damaged " * 1000])
def test_a_word_that_is_none_of_ours_is_not_passed_on(word):
    with pytest.raises(Refusal) as refusal:
        job.answered(job.answer(job.REFUSED, word))
    assert refusal.value.word == job.DAMAGED


def test_pages_pass_as_bare_pixels():
    status, pages = received(pixels(job.PAPER, (2, 3), (1, 1)))
    assert status == job.PAPER
    assert pages == [(2, 3, bytes(18)), (1, 1, bytes(3))]


@pytest.mark.parametrize(
    "data",
    [
        pixels(job.PICTURE, (1, 1), (1, 1)),
        pixels(job.PAPER, *[(1, 1)] * (LIMITS.pages + 1)),
        pixels(job.PAPER, count=0),
        pixels(job.PAPER, (1, 1), count=2),
        pixels(job.PICTURE, (1, 1)) + b"x",
        pixels(job.PICTURE, (2, 2))[:-1],
        pixels(job.PICTURE, count=1) + b"\xff" * 8,
        pixels(job.PICTURE, count=1) + b"\0\0\0\0\0\0\0\1",
        pixels(job.FINDINGS, (1, 1)),
        b"WVA1" + pixels(job.PICTURE, (1, 1))[4:],
        b"",
    ],
)
def test_pixels_that_are_not_as_agreed_are_refused(data):
    with pytest.raises(Refusal, match=job.DAMAGED):
        received(data)


def test_a_refusal_reaches_the_writer_before_and_between_pages():
    def pages():
        yield Page(1, 1, iter([bytes(3)]))
        raise Refusal(job.TOO_LARGE)

    before, between = io.BytesIO(), io.BytesIO()
    job.send_refusal(before, job.TOO_LARGE)
    job.send(between, job.PAPER, 2, pages())
    for out in (before, between):
        with pytest.raises(Refusal, match=job.TOO_LARGE):
            received(out.getvalue())


@given(st.binary(max_size=64))
def test_whatever_comes_is_pixels_or_a_refusal(data):
    with pytest.raises(Refusal):
        received(b"WVP1" + data)
