"""`witness-vault form`: list, show, check and keep the forms as data."""

from __future__ import annotations

import click

from vault.cli import common
from vault.forms import versions
from vault.forms.body import load_body
from vault.forms.codes import LANGUAGES, load_codes
from vault.forms.load import load_forms
from vault.forms.outline import Outline
from vault.forms.wording import load_wordings


@click.group()
def form() -> None:
    """List, show, check and keep the forms in `intake_forms/`."""


@form.command(epilog=common.example("witness-vault form check"))
@common.as_json
@common.refusing
def check(as_json: bool) -> None:
    """Check every form, module, code list and wording; names the file, the line and the mistake.

    An offered form that asks something else than its version did is refused as well.
    """
    sources = _sources()
    forms = sources.forms
    load_body(sources.codes)
    versions.check(sources)
    text = f"{len(forms.ids)} forms in {', '.join(LANGUAGES)} are in order."
    common.show({"ok": True, "forms": [*forms.ids]}, text, as_json=as_json)


@form.command(epilog=common.example("witness-vault form keep"))
@common.as_json
@common.refusing
def keep(as_json: bool) -> None:
    """Keep what each new version of a form asks, so that old answers show what was asked.

    To be run after a form was changed and its version raised. What is kept never changes.
    """
    added = versions.keep(_sources())
    text = f"Kept: {', '.join(added)}." if added else "Every version is kept already."
    common.show({"kept": added}, text, as_json=as_json)


@form.command(epilog=common.example("witness-vault form show victim --language ru"))
@click.argument("name", metavar="FORM")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Its words."
)
@common.as_json
@common.refusing
def show(name: str, language: str, as_json: bool) -> None:
    """Show a form as text: each question, its answers, and what becomes of them."""
    sources = _sources()
    asked = sources.forms.get(name)
    text = Outline(sources.wordings[language].of(asked), sources.codes).of(asked)
    common.show({"form": name, "language": language, "text": text}, text, as_json=as_json)


@form.command("list", epilog=common.example("witness-vault form list"))
@common.as_json
@common.refusing
def list_forms(as_json: bool) -> None:
    """List the forms with their modules."""
    forms = load_forms()
    listed = {name: [module.name for module in forms.get(name).modules] for name in forms.ids}
    text = "\n".join(f"{name}: {', '.join(modules)}" for name, modules in listed.items())
    common.show({"forms": listed}, text, as_json=as_json)


def _sources() -> versions.Sources:
    forms = load_forms()
    return versions.Sources(forms, load_wordings(forms), load_codes())
