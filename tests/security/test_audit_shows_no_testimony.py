"""No page and no file of the auditors' room holds a word of testimony, whatever they ask for.

The vault is full of planted words: in every compartment, in replies, notes and labels.
"""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from tests.support.access import TABLE, WORDS, furnish, routes
from tests.support.routes import UNSAFE
from vault.forms.codes import LANGUAGES
from vault.journal.reading import Filter
from vault.ledger.entry import KINDS

# Whatever else stands beside testimony and says who somebody is.
PLANTED = (*WORDS.values(), "Planted")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = furnish(tmp_path_factory.mktemp("room"))
    yield made
    made.house.close()


def everything(answer):
    """Return all that an answer holds, archives taken apart."""
    if not answer.data.startswith(b"PK"):
        return answer.data
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    return b"".join(archive.read(name) for name in archive.namelist())


def check(answer):
    data = everything(answer).decode("utf-8", "replace")
    assert [word for word in PLANTED if word in data] == []
    return data


def ask(world, method, path, form=None):
    return world.ask("audit", "auditor", method, path, form)


def test_the_house_is_full_of_planted_words(world):
    shown = world.ask("staff", "lawyer", "GET", f"/staff/cases/{world.cases['given']}")
    assert WORDS["account"].encode() in shown.data


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_and_no_download_of_the_audit_side_holds_a_word_of_testimony(world, language):
    asked = 0
    for route in routes(world.apps["audit"]):
        method, _, path = route.partition(" ")
        address = f"{world.filled(path)}?lang={language}"
        if path.endswith("/sign-out"):
            continue
        check(ask(world, method, address, world.form(route) if method in UNSAFE else None))
        asked += 1
    assert asked >= len(TABLE["audit"]) - 1


@pytest.mark.parametrize("question", ["flags?show=all", "?period=half", "?period=weeks"])
def test_nor_do_pictures_and_questions(world, question):
    check(ask(world, "GET", f"/audit/{question}"))


def test_nor_does_any_list_by_case_member_or_kind(world):
    names = [f"kind={kind}" for kind in sorted(KINDS)]
    names += [f"case={case}" for case in world.cases.values()]
    names += [f"member={member.id}" for member in world.house.actors.values()]
    for name in names:
        check(ask(world, "GET", f"/audit/entries?{name}"))


def test_nor_does_any_entry_nor_its_files(world):
    kinds = {entry.kind: entry.seq for entry in world.house.vault.journal.read(Filter())}
    for seq in kinds.values():
        for end in ("", "/leaf", "/proof"):
            check(ask(world, "GET", f"/audit/entries/{seq}{end}"))


def test_cases_are_named_by_numbers_and_members_by_their_names(world):
    page = check(ask(world, "GET", f"/audit/entries?case={world.cases['given']}&lang=en"))
    assert re.search(
        r"Lawyer \(lawyer\) opened the account of case .*[A-Z2-7]{4}-[A-Z2-7]{4}", page
    )
