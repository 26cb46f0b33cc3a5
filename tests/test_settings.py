"""Settings: a missing, unknown or bad one stops the start and is named."""

from __future__ import annotations

import pytest

from vault import settings
from vault.errors import SettingError


def load(tmp_path, text="", **overrides):
    (tmp_path / "settings.toml").write_text('[ledger]\norigin = "test.example"\n' + text)
    return settings.load(tmp_path, overrides)


def test_defaults_with_the_required_setting_load(tmp_path):
    assert load(tmp_path).letterbox.slot == 3600


def test_own_values_override(tmp_path):
    assert load(tmp_path, "[letterbox]\nslot = 60\n").letterbox.slot == 60


def test_a_missing_required_setting_is_named(tmp_path):
    with pytest.raises(SettingError, match=r"ledger\.origin is missing"):
        settings.load(tmp_path)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[letterbox]\nslott = 1\n", r"letterbox\.slott"),
        ("[lettrbox]\nslot = 1\n", "lettrbox"),
        ("[letterbox]\nslot = -1\n", r"letterbox\.slot must be between 0 and 86400 seconds"),
        ('[letterbox]\nslot = "1"\n', r"letterbox\.slot has the wrong type"),
        ("[letterbox]\nslot = true\n", r"letterbox\.slot has the wrong type"),
        ('[notices]\nsubject = "a\\u2028b"\n', r"notices\.subject has another form"),
        ('[notices]\nsubject = "a\\u0085Bcc: b"\n', r"notices\.subject has another form"),
        ("[letterbox\n", "settings.toml cannot be read"),
    ],
)
def test_a_bad_setting_stops_the_start(tmp_path, text, named):
    with pytest.raises(SettingError, match=named):
        load(tmp_path, text)


@pytest.mark.parametrize(
    "address", ["www.wikipedia.org", "/", "javascript:alert(1)", "https://a.example", "https:///"]
)
def test_leaving_goes_to_a_whole_address_elsewhere_or_intake_does_not_start(tmp_path, address):
    """Without its scheme it would lead to an error page of ours, in front of whoever came in."""
    with pytest.raises(SettingError, match=r"intake\.leave_to has another form"):
        load(tmp_path, f'[intake]\nleave_to = "{address}"\n')


def test_the_organisations_that_hold_shares_are_a_list_of_short_names(tmp_path):
    assert load(tmp_path).recovery.holders == ()
    text = '[recovery]\nholders = ["Bar of A", "Қоғам Б"]\n'
    assert load(tmp_path, text).recovery.holders == ("Bar of A", "Қоғам Б")


@pytest.mark.parametrize(
    "value", ['"Bar of A"', "[1]", '[""]', f'["{"x" * 129}"]', str(["x"] * 17), "[[]]"]
)
def test_anything_else_in_their_place_stops_the_start(tmp_path, value):
    with pytest.raises(SettingError, match=r"recovery\.holders has the wrong type"):
        load(tmp_path, f"[recovery]\nholders = {value}\n")


def test_servers_need_to_be_told_which_vault(monkeypatch):
    monkeypatch.delenv(settings.DIR_VARIABLE, raising=False)
    with pytest.raises(SettingError, match=settings.DIR_VARIABLE):
        settings.from_environment()
