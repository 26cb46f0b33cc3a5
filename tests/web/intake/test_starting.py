"""Starting from the environment, and all interfaces under one roof."""

import subprocess
import sys

import pytest

from vault.crypto import receipt
from vault.errors import SettingError
from vault.web import Roof
from vault.web.intake import create_app

SETTINGS = '[ledger]\norigin = "example.org/test"\n'


@pytest.fixture
def environment(tmp_path, monkeypatch):
    (tmp_path / "settings.toml").write_text(SETTINGS)
    monkeypatch.setenv("WITNESS_VAULT_DIR", str(tmp_path))
    return tmp_path


def test_intake_starts_before_anybody_is_enrolled_and_says_that_it_is_not_open(environment):
    client = create_app().test_client()
    assert client.get("/").status_code == 200
    assert client.get("/tell").status_code == 503


def test_without_its_agent_intake_says_that_it_cannot_seal(environment):
    words = " ".join(receipt.encode(receipt.Receipt.generate().entropy, "en"))
    answer = create_app().test_client().post("/return?lang=en", data={"receipt": words})
    assert answer.status_code == 503
    assert "cannot seal anything" in answer.text


def test_a_start_without_a_vault_names_the_variable(monkeypatch):
    monkeypatch.delenv("WITNESS_VAULT_DIR", raising=False)
    with pytest.raises(SettingError, match="WITNESS_VAULT_DIR"):
        create_app()


def test_a_process_that_serves_intake_never_loads_the_vault_side(environment):
    forbidden = ("storage", "cases", "members", "custody", "journal", "web.staff", "web.audit")
    code = f"""
import sys
import wsgi
assert wsgi.intake_app
print([m for m in sys.modules if m.startswith({tuple("vault." + name for name in forbidden)!r})])
"""
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert loaded == "[]\n"


def test_under_one_roof_each_interface_gets_the_paths_of_its_prefix():
    def room(name):
        return lambda environ, _: [f"{name} {environ['PATH_INFO']}".encode()]

    roof = Roof(room("intake"), {"staff": room("staff"), "audit": room("audit")})
    answered = {
        path: roof({"PATH_INFO": path}, None)[0].decode()
        for path in ("/", "/tell/victim", "/staff", "/staff/cases", "/staffroom", "/audit/", "")
    }
    assert answered == {
        "/": "intake /",
        "/tell/victim": "intake /tell/victim",
        "/staff": "staff /staff",
        "/staff/cases": "staff /staff/cases",
        "/staffroom": "intake /staffroom",
        "/audit/": "audit /audit/",
        "": "intake ",
    }
