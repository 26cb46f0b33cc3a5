import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import FormatError
from vault.ledger import export
from vault.ledger.verify import verify_export


def test_what_is_written_is_what_the_verifier_reads(log, hashes):
    entries = log.entries(5)
    signed = [log.checkpoint(entries, size) for size in (2, 5)]
    report = verify_export(
        export.parse_entries(export.format_entries(entries)),
        export.parse_hashes(export.format_hashes(hashes(entries))),
        export.parse_checkpoints(export.format_checkpoints(signed)),
        export.parse_vkey(export.format_vkey(log.verifier)),
    )
    assert (report.verified, report.checkpoints) == (5, 2)


def test_an_empty_log_has_empty_files():
    assert export.format_entries([]) == b""
    assert export.parse_entries(b"") == ()
    assert export.parse_hashes(b"") == ()
    assert export.format_checkpoints([]) == b""
    assert export.parse_checkpoints(b"") == ()


@given(st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)))
def test_lines_are_read_back_as_they_were_written(lines):
    assert export.parse_entries(export.format_entries(lines)) == tuple(lines)


@given(st.lists(st.binary(min_size=32, max_size=32)))
def test_hashes_are_read_back_as_they_were_written(items):
    assert export.parse_hashes(export.format_hashes(items)) == tuple(items)


@pytest.mark.parametrize("count", range(4))
def test_checkpoints_are_read_back_as_they_were_written(log, count):
    entries = log.entries(4)
    signed = [log.checkpoint(entries, size + 1) for size in range(count)]
    assert export.parse_checkpoints(export.format_checkpoints(signed)) == tuple(signed)


def test_a_tampered_entry_reaches_the_verifier():
    assert export.parse_entries(b"{}\nnot an entry\n") == (b"{}", b"not an entry")


def test_a_line_never_holds_a_newline():
    with pytest.raises(FormatError):
        export.format_entries([b"a\nb"])


@pytest.mark.parametrize("parse", [export.parse_entries, export.parse_hashes])
def test_a_last_line_that_does_not_end_is_refused(parse):
    with pytest.raises(FormatError):
        parse(b"00" * 32)


@pytest.mark.parametrize(
    "bad", [b"\n", b"00" * 31 + b"\n", b"AA" * 32 + b"\n", b"00" * 32 + b"\r\n", b"\n" * 65]
)
def test_what_is_no_list_of_hashes_is_refused(bad):
    with pytest.raises(FormatError):
        export.parse_hashes(bad)


def test_only_hashes_are_listed():
    with pytest.raises(FormatError):
        export.format_hashes([bytes(31)])


def test_what_is_no_list_of_checkpoints_is_refused(log):
    entries = log.entries(2)
    one, two = (log.checkpoint(entries, size) for size in (1, 2))
    good = export.format_checkpoints([one, two])
    for bad in (
        b"\n",
        good[:-1],
        good + b"\n",
        b"\n" + good,
        one + two,
        one + b"\n\n" + two,
        one + b"---\n" + two,
        good.split(b"\n\n", 1)[1],
    ):
        with pytest.raises(FormatError):
            export.parse_checkpoints(bad)
    with pytest.raises(FormatError):
        export.format_checkpoints([b"text\n"])


def test_a_key_file_is_one_line_with_a_key(log):
    good = export.format_vkey(log.verifier)
    assert export.parse_vkey(good) == log.vkey
    for bad in (b"", b"\n", good + b"\n", good + good, b" " + good, good[:-5], b"\xff\n"):
        with pytest.raises(FormatError):
            export.parse_vkey(bad)
