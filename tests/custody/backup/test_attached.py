"""Sealed files of testimonies in a backup: they come back as they were, and open."""

import pytest

from tests.support.uploading import send, upload
from vault.crypto.receipt import encode
from vault.custody import backup
from vault.web.intake import Services, create_app

DATA = b"planted in a file"


@pytest.fixture
def sender(house):
    """Somebody in an open visit, whose packets and files wait until they are collected."""
    client = create_app(Services.connect(house.settings, house.intake_agent)).test_client()
    words = " ".join(encode(house.send().entropy, "ru"))
    client.post("/return?lang=ru", data={"receipt": words})
    yield client
    house.collect()
    for path in (house.settings.paths.letterbox / "files").iterdir():
        path.unlink()


@pytest.fixture
def back_up(house, tmp_path):
    def make(**options):
        (tmp_path / "stick").mkdir()
        return [one.path for one in backup.create(house.vault, tmp_path / "stick", **options)]

    return make


def restored(house, folder, where):
    """What lies in a folder of the restored vault, as that folder of the first is called."""
    back = folder / "new" / where.relative_to(house.settings.paths.root)
    return {path.name: path.read_bytes() for path in back.glob("*")}


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_sealed_files_come_back_byte_for_byte(house, tmp_path, restore, sender, back_up):
    files = house.settings.paths.files
    assert send(sender, upload(sender, ("a", DATA))).status_code == 303
    house.collect()
    made = back_up()
    assert all(DATA not in path.read_bytes() for path in made)
    restore(*made)
    assert restored(house, tmp_path, files) == contents(files)
    assert len(contents(files)) == 1


def test_files_that_wait_with_their_packet_come_back_and_others_are_in_no_copy(
    house, tmp_path, restore, sender, back_up
):
    waiting = house.settings.paths.letterbox / "files"
    assert send(sender, upload(sender, ("a", DATA))).status_code == 303
    sent = contents(waiting)
    upload(sender, ("b", b"never answered for"))
    restore(*back_up())
    assert len(sent) == 1
    assert restored(house, tmp_path, waiting) == sent
    assert len(contents(waiting)) == 2


def test_files_of_a_packet_that_was_taken_before_them_come_back(
    house, tmp_path, restore, sender, back_up, monkeypatch
):
    waiting = house.settings.paths.letterbox / "files"
    assert send(sender, upload(sender, ("a", DATA))).status_code == 303
    sent = contents(waiting)
    with monkeypatch.context() as patch:
        patch.setattr("vault.cases.arriving.arrived.fetch", lambda _: None)
        house.collect()
    restore(*back_up())
    assert restored(house, tmp_path, waiting) == sent
