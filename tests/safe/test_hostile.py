"""Whatever a file tries, a harmless copy comes out, or a word for why there is none."""

from __future__ import annotations

from functools import partial

import pytest

from tests.support.files import decoded
from tests.support.hostile_files import SAMPLES, SCRIPT, SHOWN
from vault.errors import CannotBeShownError
from vault.safe import job, kinds


def outcome(ask, data: bytes):
    """Return SHOWN and the copy, or the word for why there is none."""
    try:
        return SHOWN, ask(data)
    except CannotBeShownError as error:
        return error.detail, None


UNKNOWN = [name for name, one in SAMPLES.items() if one.becomes == (job.UNKNOWN,)]


def test_what_is_no_picture_or_paper_is_not_looked_into():
    # The child asks this before it loads anything that could parse.
    shown = {name for name in UNKNOWN if kinds.kind_of(SAMPLES[name].make()) not in {None, "heic"}}
    assert not shown


@pytest.mark.parametrize(
    "name", [*sorted(SAMPLES.keys() - UNKNOWN), "svg_with_a_script", "heic_of_nothing"]
)
def test_it_becomes_a_harmless_copy_or_cannot_be_shown(safe, name):
    said, copy = outcome(partial(safe.show, size=64), SAMPLES[name].make())
    assert said in SAMPLES[name].becomes
    if copy:
        assert max(decoded(copy.data).size) <= 64
        assert SCRIPT not in copy.data


# What somebody is told before they decide must not fail where the picture could be shown, and
# where the metadata itself is the attack.
METADATA = [name for name in SAMPLES if name.startswith(("exif", "xmp", "profile"))]


@pytest.mark.parametrize("name", [*METADATA, "png_with_a_text_of_200_megabytes", "noise"])
def test_what_it_betrays_is_told_or_refused(safe, name):
    said, found = outcome(safe.inspect, SAMPLES[name].make())
    assert said in {SHOWN, job.UNKNOWN, job.DAMAGED}
    if name in METADATA:
        assert found.shown


@pytest.mark.parametrize("name", ["pdf_with_a_script", "pdf_that_starts_a_program"])
def test_programs_in_a_paper_are_told(safe, name):
    assert safe.inspect(SAMPLES[name].make()).scripts


@pytest.mark.parametrize(
    "name",
    [
        "tiff_of_more_pages_than_allowed",
        "pdf_of_a_million_pages_that_are_one",
        "pdf_of_a_page_as_wide_as_a_town",
        "pdf_of_a_page_like_a_thread",
        "jpeg_of_65000_times_65000",
        "gif_of_3000_pictures",
        "jpeg_with_a_page_in_its_comment",
        "pdf_that_is_an_archive",
    ],
)
def test_the_whole_is_copied_within_the_limits_or_not_at_all(safe, name):
    said, copy = outcome(safe.clean, SAMPLES[name].make())
    assert said in SAMPLES[name].becomes
    if copy:
        assert SCRIPT not in copy.data
        assert b"PK\x03\x04" not in copy.data
