"""docs/spec/backup.md names the tags and bounds that the code has; its example opens."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from vault.crypto import stream
from vault.custody.backup import container, header

SPEC = (Path(__file__).parents[3] / "docs" / "spec" / "backup.md").read_text("utf-8")
KEY = bytes(range(32))


def block(kind):
    return re.search(rf"```{kind}\n(.*?)```", SPEC, re.DOTALL)[1]


def test_the_example_opens_with_the_stated_keys_to_the_stated_file():
    file = io.BytesIO(block("json").encode() + bytes.fromhex(block("hex")))
    sealed = header.read_header(file)
    assert sealed.file_key(KEY) == bytes(range(32, 64))
    opened = stream.decrypt(bytes(range(32, 64)), [file.read()])
    (item,) = container.unpack(opened, sealed.header.kind, container.nowhere)
    assert (item.name, item.size) == ("vault/erasure.db", 5)
    assert sealed.header.last_day == "2026-12-10"


def test_the_example_is_written_again_by_the_code():
    stated = header.read_header(io.BytesIO(block("json").encode())).header
    again = header.read_header(io.BytesIO(stated.seal(KEY, bytes(32)))).header
    assert again == stated


@pytest.mark.parametrize(
    "stated",
    [
        f"`{header.FORMAT}`",
        f'"{container.FORMAT}"',
        f"at most {header.MAX_HEADER:,} bytes",
        f"at most {container.MAX_LIST:,}",
        f"at most {container.MAX_FILES:,}",
        f'info = "witness-vault/vault/v1/{header.LABEL}"',
        f"`{header.MAIN}` or `{header.SHORT_LIVED}`",
    ],
)
def test_what_is_stated_is_so(stated):
    assert stated in SPEC
