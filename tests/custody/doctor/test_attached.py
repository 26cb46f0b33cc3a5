"""Files of testimonies: rows and files agree, or `doctor` counts how they differ."""

import os

import pytest

from tests.support.uploading import send, upload
from vault.crypto.receipt import encode
from vault.web.intake import Services, create_app


@pytest.fixture
def sent(house):
    """A file in the vault, whose case exists; returns its path."""
    client = create_app(Services.connect(house.settings, house.intake_agent)).test_client()
    words = " ".join(encode(house.send().entropy, "ru"))
    client.post("/return?lang=ru", data={"receipt": words})
    assert send(client, upload(client, ("a", b"abc"))).status_code == 303
    house.collect()
    return max(house.settings.paths.files.iterdir(), key=os.path.getctime)


def differ(finding):
    found = finding("attached")
    return found.well, *(found.values[name] for name in ("gone", "odd", "late"))


def test_rows_and_files_agree(sent, finding):
    assert differ(finding) == (True, 0, 0, 0)
    assert finding("attached").values["count"] >= 1


def test_a_file_that_is_gone_or_cut_is_counted(sent, finding):
    data = sent.read_bytes()
    sent.write_bytes(data[:-1])
    assert differ(finding) == (False, 1, 0, 0)
    sent.unlink()
    assert differ(finding) == (False, 1, 0, 0)
    sent.write_bytes(data)
    assert differ(finding) == (True, 0, 0, 0)


def test_a_file_of_nothing_is_counted_and_goes_at_the_slot(house, sent, finding):
    (sent.parent / ("ef" * 16)).write_bytes(b"left over")
    assert differ(finding) == (False, 0, 1, 0)
    house.collect()
    assert differ(finding) == (True, 0, 0, 0)
