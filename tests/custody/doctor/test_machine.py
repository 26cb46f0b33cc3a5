"""The machine: who reaches which file, what may reach a disk, what the clock says."""

from __future__ import annotations

import dataclasses
import os

import pytest

from tests.support.font import of_squares
from vault import clock
from vault.custody.doctor import machine
from vault.errors import CannotBeShownError
from vault.safe import job, process

HEADING = "Filename Type Size Used Priority\n"


@pytest.mark.parametrize(
    ("device", "well"), [("/dev/sda2", False), ("/swapfile", False), ("/dev/zram0", True)]
)
def test_swap_on_a_disk_is_a_warning(finding, no_swap, device, well):
    no_swap.write_text(f"{HEADING}{device} partition 1 0 -2\n")
    assert finding("swap").well is well


@pytest.mark.parametrize(("uuid", "well"), [("CRYPT-PLAIN-swap", True), ("LVM-x", False)])
def test_swap_on_an_encrypted_device_is_none(finding, no_swap, monkeypatch, tmp_path, uuid, well):
    monkeypatch.setattr(machine, "BLOCK_DEVICES", tmp_path)
    (tmp_path / "dm-1" / "dm").mkdir(parents=True)
    (tmp_path / "dm-1" / "dm" / "uuid").write_text(f"{uuid}\n")
    no_swap.write_text(f"{HEADING}/dev/dm-1 partition 1 0 -2\n")
    found = finding("swap")
    assert (found.well, found.said) == (well, "encrypted" if well else "used")


@pytest.mark.parametrize("name", ["letterbox/in", "letterbox/roster/chain", "intake/root"])
def test_files_below_are_looked_at_as_well(house, finding, name):
    path = house.settings.paths.root / name
    path.chmod(path.stat().st_mode | 0o004)
    assert finding("files").values == {"names": name}


def test_a_folder_in_which_others_write_is_named(house, finding):
    house.settings.paths.root.chmod(0o777)
    assert finding("files").values == {"names": house.settings.paths.root.name}


def test_files_dated_in_the_future_say_that_the_clock_was_set_back(house, finding):
    ahead = clock.now() + 10_000
    os.utime(house.settings.paths.vault / "vault.db", (ahead, ahead))
    found = finding("clock")
    assert (found.well, found.said, found.values["names"]) == (False, "ahead", "vault.db")


@pytest.mark.parametrize(("state", "said"), [(True, "found"), (False, "alone")])
def test_a_clock_that_nothing_keeps_right_is_told_and_no_fault(finding, monkeypatch, state, said):
    monkeypatch.setattr(machine, "_is_synchronised", lambda: state)
    found = finding("clock")
    assert (found.well, found.said) == (True, said)


def without_a_cage(self, data):
    raise CannotBeShownError(job.NO_CAGE)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("_PAPER", process._PAPER, "found"),
        ("_CHILD", ("/bin/true",), "broken"),
        ("_PAPER", b"%PDF-1.4 of nothing", "broken"),
    ],
)
def test_it_says_whether_files_can_be_looked_into(finding, monkeypatch, name, value, said):
    monkeypatch.setattr(process, name, value)
    found = finding("viewing")
    assert (found.well, found.said) == (said == "found", said)


def test_it_says_when_no_process_can_close_itself_in(finding, monkeypatch):
    monkeypatch.setattr(process.SafeProcess, "inspect", without_a_cage)
    found = finding("viewing")
    assert (found.well, found.said) == (False, "open")


@pytest.mark.parametrize("bound", [{"reserve_percent": 100}, {"budget": 1_000}])
def test_it_says_when_files_of_witnesses_must_wait(house, finding, monkeypatch, bound):
    uploads = house.vault.uploads
    assert finding("disk").well
    monkeypatch.setattr(uploads, "_settings", dataclasses.replace(uploads._settings, **bound))
    found = finding("disk")
    assert (found.well, found.said) == (False, "files")


@pytest.mark.parametrize(
    ("data", "well"),
    [(of_squares("Ә"), True), (b"no font", False), (None, False)],
    ids=["a font", "something else", "nothing"],
)
def test_it_says_whether_papers_that_carry_no_font_have_letters(
    house, finding, tmp_path, data, well
):
    path = tmp_path / "font.ttf"
    if data is not None:
        path.write_bytes(data)
    with_setting(house, "files", font=str(path))
    found = finding("letters")
    assert (found.well, found.said) == (well, "found" if well else "none")


def with_setting(house, section, **values):
    changed = dataclasses.replace(getattr(house.settings, section), **values)
    settings = dataclasses.replace(house.settings, **{section: changed})
    object.__setattr__(house.vault, "settings", settings)


def test_a_setting_is_named_on_the_side_where_it_protects_less(house, finding):
    before = finding("settings").values["names"]
    assert "passphrase.memory" in before
    with_setting(house, "staff", session_idle=3600)
    assert "staff.session_idle" in finding("settings").values["names"]
    with_setting(house, "staff", session_idle=900)
    assert finding("settings").values["names"] == before
