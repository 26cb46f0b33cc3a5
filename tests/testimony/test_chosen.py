"""What is sent of files: what was chosen and nothing else, and a copy is made once."""

import hashlib
from dataclasses import replace
from itertools import count

import pytest

from tests.support.files import encoded, pdf
from vault import settings
from vault.crypto import padding, stream
from vault.errors import CannotBeShownError, InputError
from vault.keyring.compartments import Compartment
from vault.letterbox.uploads import Uploads
from vault.safe.findings import Findings
from vault.safe.process import Copy
from vault.testimony import attaching
from vault.testimony.chosen import Chosen, made

COPIES = {"image/jpeg": encoded("JPEG"), "application/pdf": pdf()}


class Copies:
    """What makes copies, and counts how often; each is this one."""

    def __init__(self, kind="image/jpeg"):
        self.copy, self.times = Copy(kind, COPIES[kind]), count()

    def inspect(self, _):
        return Findings("jpeg", 1, 1, 1, shown=True, scripts=False, facts=())

    def clean(self, _):
        next(self.times)
        return self.copy


@pytest.fixture
def uploads(tmp_path):
    bounds = {"ledger": {"origin": "x"}, "uploads": {"reserve_percent": 0}}
    return Uploads(tmp_path / "letterbox", settings.load(tmp_path, bounds).uploads)


def came(uploads, looks, name="a.jpg"):
    most = (1 << 20, 1 << 20)
    return attaching.receive(uploads, looks, (name, [encoded("JPEG"), b"more"]), most)


def choice(keep, kind="other"):
    return Chosen(keep, kind, "lawyer", case_file=False)


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_opens_to_what_was_made_and_is_what_its_record_says(uploads, kind):
    looks = Copies(kind)
    beside = made(uploads, looks, [came(uploads, looks)], [choice("cleaned")])
    (copy,) = beside.attached[Compartment.ACCOUNT]
    opened = stream.decrypt(copy.key, uploads.read(copy.id))
    assert b"".join(padding.unfill(opened, copy.size)) == COPIES[kind]
    assert copy.sha256 == hashlib.sha256(COPIES[kind]).digest()
    assert copy.type == kind
    (sealed,) = beside.files
    assert sealed.sha256 == hashlib.sha256(b"".join(uploads.read(copy.id))).digest()


def test_the_same_page_sent_again_finds_its_copies_and_makes_none_anew(uploads):
    looks = Copies()
    files = [came(uploads, looks) for _ in range(3)]
    first = made(uploads, looks, files, [choice("both")] * 3)
    assert made(uploads, looks, files, [choice("both")] * 3) == first
    assert next(looks.times) == 3


@pytest.mark.parametrize(
    ("keep", "names"),
    [("original", [None]), ("cleaned", ["copy"]), ("both", [None, "copy"]), ("nothing", [])],
)
def test_what_was_chosen_goes_and_nothing_else(uploads, keep, names):
    looks = Copies()
    one = came(uploads, looks)
    beside = made(uploads, looks, [one], [choice(keep, "body")])
    attached = beside.attached[Compartment.MEDICAL]
    assert [file.original and "copy" for file in attached] == names
    assert sorted(file.id for file in attached) == [file.id for file in beside.files]
    assert {file.parent for file in attached} <= {None, one.id}


def test_of_what_cannot_be_cleaned_no_copy_is_sent(uploads):
    one = replace(came(uploads, Copies()), cleans=False)
    with pytest.raises(CannotBeShownError):
        made(uploads, Copies(), [one], [choice("cleaned")])


@pytest.mark.parametrize(
    "wrong", [("all", "other", "lawyer"), ("both", "x", "lawyer"), ("both", "other", "")]
)
def test_a_choice_is_one_of_those_that_there_are(wrong):
    with pytest.raises(InputError):
        Chosen(*wrong, case_file=False)
