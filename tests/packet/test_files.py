"""What packets name of sealed files, and what records say of them."""

import copy
from dataclasses import replace

import pytest

from vault import canonical
from vault.errors import FormatError
from vault.keyring.compartments import Compartment
from vault.packet import dating
from vault.packet.files import (
    MOST,
    Attachment,
    SealedFile,
    attachments_of,
    in_content,
    sealed_files,
)

FILE = SealedFile("ab" * 16, 84, bytes(32))
ATTACHED = Attachment(
    id="ab" * 16,
    key=b"k" * 32,
    size=5,
    sha256=b"h" * 32,
    name="снимок 1.jpg",
    type="image/jpeg",
    kind="body",
    may_see="lawyer",
    case_file=True,
)


ORIGINAL = canonical.b64(ATTACHED.sha256)


def sealed(count):
    return [SealedFile(f"{n:032x}", 84, bytes(32)).to_json() for n in range(count)]


def test_a_packet_names_files_by_id_size_and_hash_and_reads_them_back():
    assert sealed_files([FILE.to_json()]) == (FILE,)
    assert len(sealed_files(sealed(MOST))) == MOST


def test_a_record_reads_back_what_it_says():
    copied = replace(ATTACHED, id="cd" * 16, parent=ATTACHED.id, original=ATTACHED.sha256)
    content = canonical.loads(canonical.dumps(in_content([ATTACHED, copied])))
    assert attachments_of(content) == (ATTACHED, copied)
    assert in_content([]) == {}
    assert attachments_of({}) == ()


def change(**fields):
    return lambda item: item.update(fields)


SEALED_FAULTS = {
    "no object": lambda items: items.__setitem__(0, "x"),
    "more": lambda items: items[0].update(name="x"),
    "less": lambda items: items[0].pop("size"),
    "id a name": lambda items: items[0].update(id="../../etc"),
    "id twice": lambda items: items.append(items[0]),
    "not sorted": lambda items: items.reverse(),
    "size zero": lambda items: items[0].update(size=0),
    "size true": lambda items: items[0].update(size=True),
    "size a text": lambda items: items[0].update(size="84"),
    "hash short": lambda items: items[0].update(sha256="AA"),
    "too many": lambda items: items.extend(sealed(MOST)),
}


@pytest.mark.parametrize("fault", SEALED_FAULTS)
def test_any_other_list_of_a_packet_is_refused(fault):
    items = sealed(2)
    SEALED_FAULTS[fault](items)
    with pytest.raises(FormatError):
        sealed_files(items)


@pytest.mark.parametrize("value", [None, {}, "files", 1])
def test_what_is_no_list_is_refused(value):
    with pytest.raises(FormatError):
        sealed_files(value)
    with pytest.raises(FormatError):
        attachments_of({"files": value})


FAULTS = {
    "more": change(place="Алматы"),
    "less": lambda item: item.pop("key"),
    "key short": change(key="AA"),
    "size zero": change(size=0),
    "hash short": change(sha256="AA"),
    "name empty": change(name=""),
    "name long": change(name="x" * 201),
    "type a sentence": change(type="a picture"),
    "kind unknown": change(kind="victim"),
    "reader unknown": change(may_see="everybody"),
    "case file a word": change(case_file="yes"),
    "original short": change(original="AA"),
    "parent a name": change(parent="x"),
    "parent elsewhere": change(parent="ef" * 16, original=ORIGINAL),
    "parent itself": change(parent="ab" * 16, original=ORIGINAL),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_any_other_attachment_is_refused(fault):
    content = copy.deepcopy(in_content([ATTACHED]))
    FAULTS[fault](content["files"][0])
    with pytest.raises(FormatError):
        attachments_of(content)


@pytest.mark.parametrize("original", [None, b"o" * 32], ids=["of none", "of another"])
def test_a_copy_of_another_than_its_parent_is_refused(original):
    copied = replace(ATTACHED, id="cd" * 16, parent=ATTACHED.id, original=original)
    with pytest.raises(FormatError):
        attachments_of(in_content([ATTACHED, copied]))


def test_a_copy_whose_original_was_not_sent_says_of_what_it_is_one():
    copied = replace(ATTACHED, original=b"o" * 32)
    assert attachments_of(in_content([copied])) == (copied,)


def test_one_file_twice_is_refused():
    with pytest.raises(FormatError):
        attachments_of(in_content([ATTACHED, ATTACHED]))


def test_neither_key_nor_name_nor_hash_is_in_what_a_log_could_show():
    shown = repr(ATTACHED)
    assert "kkk" not in shown
    assert "снимок" not in shown
    assert "hhh" not in shown


def test_the_commitment_of_a_record_covers_its_files_and_never_their_keys():
    content = {"answers": {}, "salt": canonical.b64(bytes(32)), **in_content([ATTACHED])}
    parts = dating.parts_of(Compartment.MEDICAL, "addendum", content)
    assert parts["file/" + ATTACHED.id] == ATTACHED.said()
    assert canonical.b64(ATTACHED.key) not in canonical.dumps(parts).decode()
    changed = {**content, **in_content([replace(ATTACHED, sha256=b"x" * 32)])}
    assert dating.commitment_of(Compartment.MEDICAL, "addendum", changed) != dating.commitment_of(
        Compartment.MEDICAL, "addendum", content
    )
