"""The administrator's pages: is all well, settings, backups."""

from __future__ import annotations

import re

import pytest

from vault.agents import memory
from vault.custody import backup, doctor
from vault.custody.doctor import machine
from vault.settings import described

PAGES = ("/staff/well", "/staff/settings", "/staff/backups")


@pytest.fixture(autouse=True)
def no_swap(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "SWAPS", tmp_path / "swaps")
    monkeypatch.setattr(memory, "state", lambda: memory.LOCKED)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("login", ["lawyer", "officer", "auditor"])
def test_they_are_the_administrators_alone(as_member, path, login):
    assert as_member(login).get(path).status_code == 404


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_they_stand_in_each_language(as_member, path, language):
    page = as_member("admin").get(f"{path}?lang={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text


def test_the_heading_leads_to_all_five(as_member):
    page = as_member("admin").get("/staff/well?lang=en").text
    links = re.findall(r'<li><a href="(/staff/\w+)"', page.partition("<main")[0])
    assert links == [
        "/staff/well",
        "/staff/members",
        "/staff/invite",
        "/staff/settings",
        "/staff/backups",
        "/staff/confirm",
        "/staff/me",
    ]


def test_what_needs_somebody_stands_first_with_its_command(as_member):
    page = as_member("admin").get("/staff/well?lang=en").text
    assert "Please look at these: 4" in page
    assert "<pre>witness-vault backup create FOLDER</pre>" in page
    assert page.index("None was ever made.") < page.index("The vault is unlocked.")


def test_with_a_backup_all_is_well_and_its_day_is_told(as_member, house, tmp_path):
    house.collect()
    (house.settings.paths.root / "settings.toml").write_text('[ledger]\norigin = "test.invalid"\n')
    backup.create(house.vault, tmp_path)
    page = as_member("admin").get("/staff/well?lang=en").text
    assert "Please look at these: 2" in page  # weak settings on purpose; nobody outside signed
    page = as_member("admin").get("/staff/backups?lang=en").text
    made = doctor.backups(house.vault)[0]
    assert f"{made.id[:8]}.backup" in page
    assert "main, short-lived" in page
    assert "after 14 days" in page


def test_every_setting_in_effect_is_shown_and_what_differs_is_marked(as_member, house):
    page = as_member("admin").get("/staff/settings?lang=en").text
    settings = described(house.settings)
    assert len(settings) > 30
    for setting in settings:
        assert f">{setting.name}</dt>" in page
    assert page.count('class="marked"') == sum(setting.differs for setting in settings) > 0
    assert "differs from the default: 65536" in page
    assert "of this vault alone" in page
    assert "<form" not in page.partition("<main")[2]
