"""Words without a box: every answer comes of the same work as for an unopened box."""

from __future__ import annotations

import pytest

from tests.support.house import STORY
from vault.crypto import seal, suite
from vault.crypto.receipt import Receipt
from vault.errors import RefusedError
from vault.letterbox import files
from vault.testimony import boxes
from vault.testimony.nobodys import nobody


@pytest.fixture
def work(monkeypatch):
    """What was read, opened, sealed, derived and written, in order, with its size."""
    done = []

    def watch(where, name, size):
        true = getattr(where, name)

        def watched(*args, **options):
            found = true(*args, **options)
            done.append((name, size(args, found)))
            return found

        monkeypatch.setattr(where, name, watched)

    watch(files, "read", lambda _, found: len(found or b""))
    watch(seal.OpeningKey, "open", lambda args, _: len(args[1]))
    watch(seal, "seal", lambda args, _: len(args[2]))
    watch(suite, "hkdf", lambda args, _: len(args[0]))
    watch(files, "_write_synced", lambda args, _: len(args[1]))
    return done


@pytest.fixture
def both(house):
    """The words of a box that nobody has opened, and words that open none."""
    return house.tell.send("victim", "ru", STORY, house.tell.new_send_id()).receipt, (
        Receipt.generate()
    )


def works(work, act, receipts):
    done = []
    for receipt in receipts:
        work.clear()
        act(receipt)
        done.append(list(work))
    return done


@pytest.mark.parametrize("ask", ["open", "check", "visited"])
def test_as_much_is_done_for_words_without_a_box_as_for_words_with_one(house, work, both, ask):
    known, unknown = works(work, getattr(house.come_back, ask), both)
    assert unknown == known
    assert [name for name, _ in known].count("open") >= 3  # the box, its fixed part, what was sent


@pytest.mark.parametrize("again", [False, True])
def test_asking_for_deletion_and_stopping_it_takes_as_much(house, work, both, again):
    back = house.come_back

    def act(receipt):
        for name in ("delete", "keep"):
            stand = back.open(receipt).deletion.stand
            for _ in range(1 + again):
                assert getattr(back, name)(receipt, stand)

    known, unknown = works(work, act, both)
    assert unknown == known
    assert [name for name, _ in known].count("_write_synced") == 4
    assert house.collect().accepted == 3  # the account, and what was asked with its words


@pytest.mark.parametrize("choice", ["allow", "release", "withdraw"])
def test_what_an_unopened_box_does_not_offer_is_answered_alike(house, work, both, choice):
    def act(receipt):
        answers.append(answer(getattr(house.come_back, choice), receipt, choice))

    answers = []
    known, unknown = works(work, act, both)
    assert unknown == known
    assert answers[0] == answers[1]
    assert answers[0] in (False, RefusedError)


def answer(act, receipt, choice):
    try:
        return act(receipt) if choice == "allow" else act(receipt, "a page of another day")
    except RefusedError:
        return RefusedError


def test_nothing_is_left_for_words_without_a_box_but_the_line_they_are_shown(house, both):
    known, unknown = both
    house.collect()
    folder = house.settings.paths.letterbox
    before = {path for path in folder.rglob("*") if path.is_file()}
    back = house.come_back
    back.visited(unknown)
    assert back.delete(unknown, back.open(unknown).deletion.stand)
    left = {path.name for path in folder.rglob("*") if path.is_file()} - {p.name for p in before}
    assert left == {f"{boxes.box_locator(unknown)}.sent"}
    assert back.open(unknown).deletion.asked
    assert back.open(known).deletion.asked is None


def test_what_is_read_in_place_of_a_box_has_its_size(house, both):
    known, unknown = (boxes.box_locator(receipt) for receipt in both)
    folder = house.settings.paths.letterbox / "nothing"
    for kind in ("box", "sent"):
        stored = getattr(house.letterbox, kind)(known)
        assert (folder / kind).stat().st_size == len(stored) == len(getattr(nobody(), kind))
        assert getattr(house.letterbox, kind)(unknown) is None


def test_the_box_of_nobody_is_made_once_and_opens_with_no_words_of_a_letterbox(house):
    assert nobody() is nobody()
    assert house.letterbox.box(boxes.box_locator(nobody().receipt)) is None
    assert repr(nobody()) == "Nobody()"
