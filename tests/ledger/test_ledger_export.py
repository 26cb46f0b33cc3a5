import time
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import EmptyHashError, FormatError, HashSizeError
from vault.ledger import export
from vault.ledger.merkle import Frontier
from vault.ledger.verify import verify_export


def written(format_, items):
    return b"".join(format_(items))


def read(parse, data):
    return list(parse(BytesIO(data)))


def test_what_is_written_is_what_the_verifier_reads(log, hashes):
    entries = log.entries(5)
    signed = [log.checkpoint(entries, size) for size in (2, 5)]
    report = verify_export(
        export.parse_entries(BytesIO(written(export.format_entries, entries))),
        export.parse_hashes(BytesIO(written(export.format_hashes, hashes(entries)))),
        export.parse_checkpoints(BytesIO(written(export.format_checkpoints, signed))),
        export.parse_vkey(export.format_vkey(log.verifier)),
    )
    assert (report.verified, report.checkpoints) == (5, 2)


def test_an_empty_log_has_empty_files():
    for format_ in (export.format_entries, export.format_hashes, export.format_checkpoints):
        assert written(format_, []) == b""
    for parse in (export.parse_entries, export.parse_hashes, export.parse_checkpoints):
        assert read(parse, b"") == []


@given(st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)))
def test_lines_are_read_back_as_they_were_written(lines):
    assert read(export.parse_entries, written(export.format_entries, lines)) == lines


@given(st.lists(st.binary(min_size=32, max_size=32)))
def test_hashes_are_read_back_as_they_were_written(items):
    assert read(export.parse_hashes, written(export.format_hashes, items)) == items


@pytest.mark.parametrize("count", range(4))
def test_checkpoints_are_read_back_as_they_were_written(log, count):
    entries = log.entries(4)
    signed = [log.checkpoint(entries, size + 1) for size in range(count)]
    text = written(export.format_checkpoints, signed)
    assert read(export.parse_checkpoints, text) == signed


def test_a_tampered_entry_reaches_the_verifier():
    assert read(export.parse_entries, b"{}\nnot an entry\n") == [b"{}", b"not an entry"]


def test_a_line_never_holds_a_newline():
    with pytest.raises(FormatError):
        written(export.format_entries, [b"a\nb"])


@pytest.mark.parametrize("parse", [export.parse_entries, export.parse_hashes])
def test_a_last_line_that_does_not_end_is_refused(parse):
    with pytest.raises(FormatError):
        read(parse, b"00" * 32)


def test_a_line_that_does_not_end_soon_is_not_read_to_its_end():
    file = BytesIO(b"x" * 10_000_000)
    with pytest.raises(FormatError):
        list(export.parse_entries(file))
    assert file.tell() == export.MAX_LINE


@pytest.mark.parametrize("bad", [b"AA" * 32 + b"\n", b"00" * 32 + b"\r\n", b"0\n"])
def test_what_is_no_list_of_hashes_is_refused(bad):
    with pytest.raises(FormatError):
        read(export.parse_hashes, bad)


@pytest.mark.parametrize(
    ("bad", "error"), [(b"\n", EmptyHashError), (b"00" * 31 + b"\n", HashSizeError)]
)
def test_what_is_no_hash_is_refused(bad, error):
    with pytest.raises(error):
        read(export.parse_hashes, bad)


def test_only_hashes_are_listed():
    with pytest.raises(HashSizeError):
        written(export.format_hashes, [bytes(31)])


def test_what_is_no_list_of_checkpoints_is_refused(log):
    entries = log.entries(2)
    one, two = (log.checkpoint(entries, size) for size in (1, 2))
    good = written(export.format_checkpoints, [one, two])
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
            read(export.parse_checkpoints, bad)
    with pytest.raises(FormatError):
        written(export.format_checkpoints, [b"text\n"])


@pytest.mark.parametrize("size", [0, 1, 6, 8])
def test_what_an_export_goes_on_from_is_read_back(log, hashes, size):
    entries = log.entries(8)
    frontier, note = Frontier.of(hashes(entries)[:size]), log.checkpoint(entries, size)
    assert export.parse_since(export.format_since(frontier, note)) == (frontier, note)


def test_subtrees_that_are_not_those_under_the_checkpoint_are_refused(log, hashes):
    entries = log.entries(6)
    good = export.format_since(Frontier.of(hashes(entries)), log.checkpoint(entries, 6))
    lines = good.split(b"\n")
    other = log.checkpoint([*entries[:5], log.entry(5)], 6)
    for bad in (
        b"",
        good[:-1],
        b"\n".join(lines[1:]),
        b"\n".join([lines[1], lines[0], *lines[2:]]),
        b"\n".join([lines[0], *lines]),
        export.format_since(Frontier.of(hashes(entries)), other),
        export.format_since(Frontier.of(hashes(entries)[:5]), log.checkpoint(entries, 6)),
    ):
        with pytest.raises(FormatError):
            export.parse_since(bad)


def test_a_key_file_is_one_line_with_a_key(log):
    good = export.format_vkey(log.verifier)
    assert export.parse_vkey(good) == log.vkey
    for bad in (b"", b"\n", good + b"\n", good + good, b" " + good, good[:-5], b"\xff\n"):
        with pytest.raises(FormatError):
            export.parse_vkey(bad)


def test_a_tree_of_more_subtrees_than_any_has_is_refused_at_once():
    began = time.process_time()
    with pytest.raises(FormatError):
        export.parse_since(b"AAAA\n" * 2**17 + b"\n")
    assert time.process_time() - began < 1
