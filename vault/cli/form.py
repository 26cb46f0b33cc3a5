"""`witness-vault form`: list and check the forms as data."""

from __future__ import annotations

import click

from vault.cli import common
from vault.forms.codes import LANGUAGES
from vault.forms.load import load_forms
from vault.forms.wording import load_wordings


@click.group()
def form() -> None:
    """List and check the forms in `intake_forms/`."""


@form.command(epilog=common.example("witness-vault form check"))
@common.as_json
@common.refusing
def check(as_json: bool) -> None:
    """Check every form, module, code list and wording; names the file and key at fault."""
    forms = load_forms()
    load_wordings(forms)
    text = f"{len(forms.ids)} forms in {', '.join(LANGUAGES)} are in order."
    common.show({"ok": True, "forms": [*forms.ids]}, text, as_json=as_json)


@form.command("list", epilog=common.example("witness-vault form list"))
@common.as_json
@common.refusing
def list_forms(as_json: bool) -> None:
    """List the forms with their modules."""
    forms = load_forms()
    listed = {name: [module.name for module in forms.get(name).modules] for name in forms.ids}
    text = "\n".join(f"{name}: {', '.join(modules)}" for name, modules in listed.items())
    common.show({"forms": listed}, text, as_json=as_json)
