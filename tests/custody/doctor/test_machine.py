"""The machine: who reaches which file, what may reach a disk, what the clock says."""

from __future__ import annotations

import dataclasses
import os

import pytest

from vault import clock
from vault.custody.doctor import machine
from vault.safe import process

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


@pytest.mark.parametrize(("command", "well"), [(process._CHILD, True), (("/bin/true",), False)])
def test_it_says_whether_files_can_be_looked_at_in_a_closed_process(
    finding, monkeypatch, command, well
):
    monkeypatch.setattr(process, "_CHILD", command)
    assert finding("viewing").well is well


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
