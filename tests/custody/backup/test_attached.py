"""Sealed files of testimonies in a backup: they come back as they were, and open."""

from tests.support.uploading import send, upload
from vault.crypto.receipt import encode
from vault.custody import backup
from vault.web.intake import Services, create_app


def test_sealed_files_come_back_byte_for_byte(house, tmp_path, restore):
    client = create_app(Services.connect(house.settings, house.intake_agent)).test_client()
    words = " ".join(encode(house.send().entropy, "ru"))
    client.post("/return?lang=ru", data={"receipt": words})
    assert send(client, upload(client, ("a", b"planted in a file"))).status_code == 303
    house.collect()
    (tmp_path / "stick").mkdir()
    made = backup.create(house.vault, tmp_path / "stick")
    assert all(b"planted in a file" not in one.path.read_bytes() for one in made)
    restore(*(one.path for one in made))
    there = {path.name: path.read_bytes() for path in house.settings.paths.files.iterdir()}
    back = tmp_path / "new" / house.settings.paths.files.relative_to(house.settings.paths.root)
    assert there == {path.name: path.read_bytes() for path in back.iterdir()}
    assert len(there) == 1
