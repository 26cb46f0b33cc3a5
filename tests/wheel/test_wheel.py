"""The wheel holds everything: installed elsewhere, without this checkout, it founds and checks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKED = ("vault", "config", "intake_forms", "auditing")
ALONE = ("pyproject.toml", "README.md", "LICENSE", "wsgi.py")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")

pytestmark = pytest.mark.processes


def run(*command, cwd, **environment):
    """Run a command with nothing of this checkout in its environment; returns what it printed."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        command, cwd=cwd, env=clean | environment, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy by the build tool of the lock, without a network."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in PACKED:
        shutil.copytree(ROOT / name, source / name, ignore=LEFT_OUT)
    for name in ALONE:
        shutil.copy(ROOT / name, source / name)
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", out)
    run(sys.executable, "-m", "pip", "wheel", *options, source, cwd=source)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A fresh environment with the wheel; the locked dependencies come from this one by a path."""
    place = tmp_path_factory.mktemp("fresh")
    run(sys.executable, "-m", "venv", "--without-pip", place / "env", cwd=place)
    python = place / "env" / "bin" / "python"
    target = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place)
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=place)
    # Appended after the wheel's own, and without following this environment's own .pth files:
    # they would lead back to the checkout.
    (Path(target.strip()) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place


def files_below(folder):
    kept = (file for file in sorted((ROOT / folder).rglob("*")) if file.is_file())
    return [file.relative_to(ROOT) for file in kept if "__pycache__" not in file.parts]


def test_every_file_of_the_package_travels(wheel):
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {str(name) for name in files_below("vault")} <= packed
    static = {
        f"vault/web/shared/static/{name}"
        for name in ("page.js", "files.js", "icon.png", "intake.css")
    }
    words = {f"vault/_data/intake_forms/wording/easy/{code}.toml" for code in ("kk", "ru", "en")}
    drawn = {"vault/_data/intake_forms/body_map.json", "vault/_data/intake_forms/schema.json"}
    assert static | words | drawn <= packed
    assert "wsgi.py" in packed


@pytest.mark.parametrize("folder", ["config", "intake_forms"])
def test_forms_and_settings_travel_unchanged(wheel, folder):
    with zipfile.ZipFile(wheel) as packed:
        for name in files_below(folder):
            assert packed.read(f"vault/_data/{name}") == (ROOT / name).read_bytes()


def test_nothing_else_travels(wheel):
    with zipfile.ZipFile(wheel) as packed:
        tops = {name.split("/")[0] for name in packed.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"vault", "wsgi.py"}


def test_the_wheel_is_what_runs(installed):
    python = installed / "env" / "bin" / "python"
    found = run(python, "-c", "import vault, wsgi; print(vault.__file__)", cwd=installed)
    assert found.startswith(str(installed))


def test_the_forms_are_in_order_from_another_folder(installed):
    script = installed / "env" / "bin" / "witness-vault"
    assert run(script, "form", "check", cwd=installed).startswith("11 forms in kk, ru, en")


def test_a_vault_is_founded_and_its_pages_are_made(installed):
    environment = installed / "env" / "bin"
    settings = '[ledger]\norigin = "wheel.invalid"\n[passphrase]\nmemory = 64\ntime = 1\n'
    (installed / "var").mkdir()
    (installed / "var" / "settings.toml").write_text(settings)
    run("sh", "-c", f"{environment}/witness-vault init --sheet-to-fd 3 3>sheet", cwd=installed)
    assert "Vault passphrase" in (installed / "sheet").read_text()
    # The same applications that the servers load: templates, wording, style sheets.
    made = (
        "import wsgi\n"
        "page = wsgi.intake_app.test_client().get\n"
        "for language in ('kk', 'ru', 'en'):\n"
        "    assert page(f'/?lang={language}').status_code == 200\n"
        "assert page('/style.css').data\n"
    )
    python = environment / "python"
    run(python, "-c", made, cwd=installed, WITNESS_VAULT_DIR=str(installed / "var"))


def test_every_part_of_the_program_loads(installed):
    listing = (
        "import importlib, pkgutil, vault\n"
        "for found in pkgutil.walk_packages(vault.__path__, 'vault.'):\n"
        "    if not found.name.endswith(('__main__', 'env')) and 'versions' not in found.name:\n"
        "        importlib.import_module(found.name)\n"
    )
    run(installed / "env" / "bin" / "python", "-c", listing, cwd=installed)
