"""What the vault can know of what is held outside: a signature that came back; else, what left."""

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault import clock
from vault.ledger.cosignature import cosign
from vault.ledger.note import COSIGNATURE, NoteVerifier

KEY = Ed25519PrivateKey.generate()
PARTNER = NoteVerifier("partner.example", KEY.public_key().public_bytes_raw(), COSIGNATURE)


@pytest.fixture
def partner(house):
    """The settings name a cosigner; gives a function that brings back what they signed."""
    ledger = dataclasses.replace(house.settings.ledger, cosigners=(PARTNER.vkey(),))
    settings = dataclasses.replace(house.settings, ledger=ledger)
    house.vault = vault = dataclasses.replace(house.vault, settings=settings)

    def signs(moment):
        note = cosign(vault.journal.latest_checkpoint(), PARTNER, moment, KEY.sign)
        return vault.journal.take_cosigned(note, vault.cosigners, "system")

    return signs


@pytest.fixture
def log(house):
    def write(kind, **detail):
        with house.vault.journal.transaction() as transaction:
            transaction.log(kind, "system", {}, detail)

    return write


def later(monkeypatch, days):
    now = clock.now() + days * clock.DAY + 60
    monkeypatch.setattr(clock, "now", lambda: now)


def test_a_checkpoint_that_nobody_outside_ever_signed_is_a_warning(finding, partner):
    assert (finding("outside").well, finding("outside").said) == (False, "none")


def test_a_signature_of_the_last_day_is_well(finding, partner):
    (seen,) = partner(clock.now() - clock.DAY + 60)
    found = finding("outside")
    assert (found.well, found.said) == (True, "found")
    assert (found.values["cosigner"], found.values["count"]) == ("partner.example", seen.size)


def test_a_day_without_a_signature_is_a_warning(finding, partner):
    partner(clock.now() - clock.DAY - 60)
    assert (finding("outside").well, finding("outside").said) == (False, "old")


def test_a_copy_taken_away_does_not_count_where_somebody_should_sign(finding, partner, log):
    log("ledger.exported")
    assert not finding("outside").well


def test_without_cosigners_it_is_a_warning_that_nothing_was_ever_taken_away(finding, log):
    log("ledger.read", what="overview")
    assert (finding("outside").well, finding("outside").said) == (False, "never")


@pytest.mark.parametrize(
    ("kind", "detail"), [("ledger.exported", {}), ("ledger.read", {"what": "checkpoint"})]
)
def test_without_cosigners_it_says_what_was_taken_away_and_when(
    finding, log, monkeypatch, kind, detail
):
    log(kind, **detail)
    assert (finding("outside").well, finding("outside").said) == (True, "taken")
    later(monkeypatch, 2)
    assert (finding("outside").well, finding("outside").said) == (False, "left")
