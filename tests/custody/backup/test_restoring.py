"""Attacks on a backup, each refused with nothing left; then what a restored vault is."""

from __future__ import annotations

import hashlib
import json
import stat

import pytest

from tests.support.exported import exported
from tests.support.house import House, sign_in_as
from vault import canonical, clock
from vault import settings as settings_module
from vault.agents.kdf import LocalKdf
from vault.agents.sessions import SessionKeys
from vault.agents.vault_keys import VaultKeys
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.crypto import stream, suite
from vault.custody import backup, erasure, keys
from vault.custody.backup import container
from vault.custody.backup.header import LABEL, SHORT_LIVED, read_header
from vault.errors import (
    BackupError,
    ExpiredBackupError,
    ForeignBackupError,
    FormatError,
    NotFoundError,
    RefusedError,
    SealError,
    StorageError,
    UnknownVersionError,
    WrongKeyError,
    WrongPassphraseError,
)
from vault.journal.vault import Vault
from vault.ledger.verify import verify_export

DAY = 86_400


@pytest.fixture
def nothing_left(tmp_path):
    """After the attack: no folder, and nothing half-made beside it."""
    yield
    assert [p for p in tmp_path.iterdir() if "new" in p.name] == []


def copy(path, folder, edit):
    target = folder / f"edited-{path.name}"
    target.write_bytes(edit(path.read_bytes()))
    return target


def parts(path):
    line, _, sealed = path.read_bytes().partition(b"\n")
    return json.loads(line), sealed


def joined(header, sealed):
    return canonical.dumps(header) + b"\n" + sealed


def forged(path, house, folder, edit_list=None, body=None):
    """Seal another content as somebody with the vault's own key could."""
    with path.open("rb") as file:
        sealed = read_header(file)
        key = house.vault.agent.subkey(LABEL)
        plain = b"".join(stream.decrypt(sealed.file_key(key), [file.read()]))
    size = int.from_bytes(plain[:4])
    stated, rest = json.loads(plain[4 : 4 + size]), plain[4 + size :]
    if edit_list:
        edit_list(stated)
    rest = rest if body is None else body(rest)
    packed = canonical.dumps(stated)
    file_key = suite.random(32)
    target = folder / f"forged-{path.name}"
    pieces = stream.encrypt(file_key, [len(packed).to_bytes(4) + packed + rest])
    target.write_bytes(sealed.header.seal(key, file_key) + b"".join(pieces))
    return target


# --- who it is not for ---------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("word", ["", "root", "another passphrase that nobody has"])
def test_another_passphrase_opens_nothing(house, pair, restore, verify, word):
    word = house.sheet.root_passphrase if word == "root" else word
    with pytest.raises(WrongPassphraseError) as caught:
        restore(*pair.paths, word=word)
    with pytest.raises(WrongPassphraseError):
        verify(pair.main, word)
    assert str(caught.value) == WrongPassphraseError.text


def test_the_spare_passphrase_opens_it_as_well(house, pair, verify):
    assert verify(pair.main, house.sheet.spare_passphrase) == verify(pair.main)


@pytest.mark.usefixtures("nothing_left")
def test_a_short_lived_one_of_another_vault_is_refused(house, pair, restore, tmp_path):
    stranger = House.found(tmp_path / "stranger", fresh=True, ledger={"origin": "other.invalid"})
    (tmp_path / "stick").mkdir()
    (made,) = backup.create(stranger.vault, tmp_path / "stick", short_lived_only=True)
    stranger.close()
    with pytest.raises(ForeignBackupError):
        restore(pair.main, made.path)

    def renamed(data):
        header, sealed = json.loads(data.partition(b"\n")[0]), data.partition(b"\n")[2]
        return joined(header | {"log": keys.owner_of(house.settings)}, sealed)

    with pytest.raises(SealError):
        restore(pair.main, copy(made.path, tmp_path, renamed))


@pytest.mark.usefixtures("nothing_left")
def test_it_takes_one_main_and_at_most_one_short_lived(pair, restore):
    for paths in ([pair.short], [pair.main, pair.main], [*pair.paths, pair.short]):
        with pytest.raises(BackupError):
            restore(*paths)


# --- what was changed ----------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(
    ("field", "value"),
    [("day", "2020-01-01"), ("id", "ab" * 16), ("last_day", "2099-01-01")],
)
def test_a_header_that_says_something_else_opens_nothing(pair, restore, tmp_path, field, value):
    def edit(data):
        line, _, sealed = data.partition(b"\n")
        return joined(json.loads(line) | {field: value}, sealed)

    with pytest.raises(SealError):
        restore(pair.main, copy(pair.short, tmp_path, edit))


@pytest.mark.usefixtures("nothing_left")
def test_a_main_backup_does_not_pass_for_a_short_lived_one(pair, restore, tmp_path):
    def edit(data):
        line, _, sealed = data.partition(b"\n")
        return joined(json.loads(line) | {"kind": SHORT_LIVED, "last_day": clock.day()}, sealed)

    with pytest.raises(SealError):
        restore(pair.main, copy(pair.main, tmp_path, edit))


@pytest.mark.usefixtures("nothing_left")
def test_the_sealed_part_of_another_backup_is_refused(pair, restore, tmp_path):
    swapped = joined(parts(pair.main)[0], parts(pair.short)[1])
    with pytest.raises(WrongKeyError):
        restore(copy(pair.main, tmp_path, lambda _: swapped))


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("cut", [1, 100, 70_000])
def test_a_backup_that_is_cut_off_is_refused(pair, restore, verify, tmp_path, cut):
    short = copy(pair.main, tmp_path, lambda data: data[:-cut])
    with pytest.raises(SealError):
        restore(short)
    with pytest.raises(SealError):
        verify(short)


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("end", [0, 10, 200])
def test_less_than_a_first_line_is_no_backup(pair, restore, tmp_path, end):
    with pytest.raises(FormatError):
        restore(copy(pair.main, tmp_path, lambda data: data[:end]))


@pytest.mark.usefixtures("nothing_left")
def test_chunks_in_another_order_or_twice_are_refused(pair, restore, tmp_path):
    size = stream.CHUNK_SIZE + suite.TAG_SIZE

    def edited(order):
        def edit(data):
            line, _, sealed = data.partition(b"\n")
            head, body = sealed[: stream.HEADER_SIZE], sealed[stream.HEADER_SIZE :]
            chunks = [body[i : i + size] for i in range(0, len(body), size)]
            return line + b"\n" + head + b"".join(order(chunks))

        return edit

    orders = {
        "swapped": lambda c: [c[1], c[0], *c[2:]],
        "repeated": lambda c: [c[0], *c],
        "dropped": lambda c: c[1:],
        "extended": lambda c: [*c, b"more"],
    }
    for order in orders.values():
        with pytest.raises(SealError):
            restore(copy(pair.main, tmp_path, edited(order)))


@pytest.mark.usefixtures("nothing_left")
def test_one_changed_byte_anywhere_is_refused(pair, restore, tmp_path):
    size = pair.main.stat().st_size
    for place in range(0, size, size // 12):

        def flip(data, place=place):
            return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

        with pytest.raises((SealError, FormatError, WrongPassphraseError)):
            restore(copy(pair.main, tmp_path, flip))


@pytest.mark.usefixtures("nothing_left")
def test_a_later_version_is_named(pair, restore, tmp_path):
    later = copy(pair.main, tmp_path, lambda data: data.replace(b"backup/v1", b"backup/v2", 1))
    with pytest.raises(UnknownVersionError):
        restore(later)


# --- what somebody with the vault's key could seal -----------------------------------------------

BAD_NAMES = [
    "/etc/passwd",
    "../outside",
    "vault/../../outside",
    "vault//x",
    "vault/./x",
    "vault/.hidden",
    "vault/x\x00y",
    "vault/erasure.db",
    "vault/vault.db-wal",
    "vault/backup-lock",
    "keys/root.key",
    "keys/other",
    "run/vault.sock",
    "letterbox/in/" + "ab" * 16,
    "settings.toml/x",
    "",
]


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_does_not_belong_is_refused(house, pair, restore, tmp_path, name):
    digest = canonical.b64(hashlib.sha256(b"").digest())

    def edit(stated):
        stated["files"].append({"name": name, "size": 0, "sha256": digest})
        stated["files"].sort(key=lambda item: item["name"])

    with pytest.raises(BackupError):
        restore(forged(pair.main, house, tmp_path, edit))


@pytest.mark.usefixtures("nothing_left")
def test_a_list_that_is_not_one_is_refused(house, pair, restore, tmp_path):
    def unsorted(stated):
        stated["files"].reverse()

    def twice(stated):
        stated["files"].insert(1, stated["files"][0])

    def negative(stated):
        stated["files"][0]["size"] = -1

    def more(stated):
        stated["files"][0]["mode"] = 7

    for edit in (unsorted, twice, negative, more):
        with pytest.raises(FormatError):
            restore(forged(pair.main, house, tmp_path, edit))


@pytest.mark.usefixtures("nothing_left")
def test_files_that_are_missing_swapped_longer_or_shorter_are_refused(
    house, pair, restore, tmp_path
):
    def missing(stated):
        stated["files"] = [f for f in stated["files"] if f["name"] != "vault/vault.db"]

    def swapped(stated):
        names = [f["name"] for f in stated["files"]]
        one, other = names.index("keys/custody.key"), names.index("keys/root.public")
        files = stated["files"]
        files[one]["sha256"], files[other]["sha256"] = files[other]["sha256"], files[one]["sha256"]

    def larger(stated):
        stated["files"][-1]["size"] += 1

    for edit in (missing, swapped):
        with pytest.raises(BackupError):
            restore(forged(pair.main, house, tmp_path, edit))
    with pytest.raises(FormatError):
        restore(forged(pair.main, house, tmp_path, larger))
    with pytest.raises(FormatError):
        restore(forged(pair.main, house, tmp_path, body=lambda rest: rest + b"x"))


@pytest.mark.usefixtures("nothing_left")
def test_a_list_longer_than_allowed_is_not_read(house, pair, verify, tmp_path, monkeypatch):
    monkeypatch.setattr(container, "MAX_LIST", 100)
    with pytest.raises(FormatError, match="too long"):
        verify(pair.main)


# --- where and when ------------------------------------------------------------------------------


def test_a_folder_that_holds_anything_is_refused_and_left_alone(pair, restore, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine").write_text("mine")
    with pytest.raises(RefusedError):
        restore(*pair.paths)
    assert (tmp_path / "new" / "mine").read_text() == "mine"
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["mine"]


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("step", ["os.utime", "os.sync", "migrations.upgrade"])
def test_a_disk_that_fills_up_leaves_nothing(pair, restore, monkeypatch, step):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"vault.custody.backup.restoring.{step}", full)
    with pytest.raises(StorageError):
        restore(*pair.paths)


@pytest.mark.usefixtures("nothing_left")
def test_an_expired_one_is_refused_with_the_reason(pair, restore, verify, monkeypatch):
    last = clock.seconds_of(verify(pair.short).header.last_day)
    monkeypatch.setattr(clock, "now", lambda: last + DAY)
    assert verify(pair.short).header.expired
    with pytest.raises(ExpiredBackupError, match="what was deleted since would come back"):
        restore(*pair.paths)


def test_on_its_last_day_it_still_counts(pair, restore, verify, monkeypatch):
    last = clock.seconds_of(verify(pair.short).header.last_day)
    monkeypatch.setattr(clock, "now", lambda: last + DAY - 1)
    assert restore(*pair.paths).short_lived


# --- what stands there afterwards ----------------------------------------------------------------


def unlocked(folder, house):
    """A restored vault, unlocked by the passphrase of the sheet."""
    settings = settings_module.load(folder)
    opened = keys.open_vault_keys(settings, house.sheet.vault_passphrase, LocalKdf())
    agent = VaultKeys(settings.ledger.origin)
    opened.open(agent)
    return House(settings, house.sheet, Vault(settings, agent, LocalKdf()), SessionKeys())


@pytest.fixture
def again(house, pair, restore, tmp_path):
    restore(*pair.paths)
    again = unlocked(tmp_path / "new", house)
    yield again
    again.close()


def test_members_sign_in_and_open_what_they_could(again):
    officer = sign_in_as(again.vault, "officer")
    (line,) = inbox.new_cases(again.vault, officer)
    assert open_case(again.vault, officer, line.id).records


def test_packets_that_waited_are_taken(again):
    assert again.collect().accepted == 1
    officer = sign_in_as(again.vault, "officer")
    assert len(inbox.new_cases(again.vault, officer)) == 2


def test_the_log_verifies_and_goes_on_with_the_restore_as_an_entry(again, pair, verify):
    sign_in_as(again.vault, "officer")
    export = exported(again.vault.journal)
    vkey = again.vault.journal.verifier().vkey()
    report = verify_export(export.entries, export.leaf_hashes, export.checkpoints, vkey)
    assert report.unverified == 0
    begun, restored, *_ = [
        e for e in again.vault.journal.read() if e.kind in {"backup", "vault.restored"}
    ][-2:]
    made = verify(pair.main).header
    assert begun.subject["backup"] == restored.subject["backup"] == made.id
    assert (restored.actor, restored.detail["day"]) == ("system", made.day)


def test_a_log_held_outside_shows_what_was_lost(house, again):
    held = house.vault.journal.latest_checkpoint()
    export = exported(again.vault.journal)
    with pytest.raises(Exception, match="entr"):
        verify_export(
            export.entries,
            export.leaf_hashes,
            export.checkpoints,
            again.vault.journal.verifier().vkey(),
            held_checkpoints=[held],
        )


def test_the_files_are_the_owners_and_say_nothing_of_the_minute(again):
    midnight = clock.seconds_of(clock.day())
    for path in again.settings.paths.root.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    for path in again.settings.paths.letterbox.glob("*/*"):
        assert path.stat().st_mtime == midnight
    assert not (again.settings.paths.keys / "root.key").exists()


def test_without_a_short_lived_one_nobody_opens_anything(house, pair, restore, tmp_path):
    restored = restore(pair.main)
    assert (restored.closed, restored.waiting, restored.short_lived) == (1, 0, False)
    again = unlocked(tmp_path / "new", house)
    officer = sign_in_as(again.vault, "officer")
    case = next(e for e in again.vault.journal.read() if e.kind == "intake").subject["case"]
    with pytest.raises(NotFoundError):
        open_case(again.vault, officer, case)
    again.close()


def test_a_key_erased_after_the_main_backup_stays_erased(house, restore, tmp_path):
    (tmp_path / "stick").mkdir()
    main, _ = backup.create(house.vault, tmp_path / "stick")
    subject = next(e for e in house.vault.journal.read() if e.kind == "intake").subject["testimony"]
    key = erasure.find(house.vault, subject)
    from vault.storage.tables.erasure import erasure_keys

    with house.vault.erasure.write() as connection:
        connection.execute(erasure_keys.delete().where(erasure_keys.c.subject == subject))
    (short,) = backup.create(house.vault, tmp_path / "stick", short_lived_only=True)
    with house.vault.erasure.write() as connection:
        connection.execute(erasure_keys.insert().values(subject=subject, key=key))
    assert restore(main.path, short.path).closed == 1


def test_a_log_at_fault_is_told_and_the_vault_stands(house, restore, tmp_path):
    from tests.support.attacks import change, rows
    from vault.storage.tables.ledger import ledger_entries

    (tmp_path / "stick").mkdir()
    row = rows(house, ledger_entries, kind="intake")[0]
    change(house, ledger_entries, {"seq": row.seq}, case_id=None)
    try:
        main, short = backup.create(house.vault, tmp_path / "stick")
    finally:
        change(house, ledger_entries, {"seq": row.seq}, case_id=row.case_id)
    restored = restore(main.path, short.path)
    assert restored.fault == row.seq
    assert (tmp_path / "new" / "vault" / "vault.db").exists()


@pytest.mark.usefixtures("nothing_left")
def test_settings_of_another_log_inside_are_refused(house, pair, restore, tmp_path):
    text = b'[ledger]\norigin = "other.invalid"\n'

    def edit(stated):
        (item,) = [f for f in stated["files"] if f["name"] == "settings.toml"]
        edit.size = item["size"]
        item["size"], item["sha256"] = len(text), canonical.b64(hashlib.sha256(text).digest())

    # Sorted by name, the settings stand just before the database.
    size = (house.settings.paths.root / "settings.toml").stat().st_size

    def body(rest):
        place = rest.index((house.settings.paths.root / "settings.toml").read_bytes())
        return rest[:place] + text + rest[place + size :]

    with pytest.raises(ForeignBackupError):
        restore(forged(pair.main, house, tmp_path, edit, body))
