"""Seeds: found by compartment and epoch, in one order, and never shown."""

from hypothesis import given
from hypothesis import strategies as st

from vault.crypto.seal import OpeningKey
from vault.keyring.compartments import OF_TESTIMONY, Compartment, Seeds

HELD = st.dictionaries(
    st.tuples(st.sampled_from(Compartment), st.integers(1, 50)),
    st.binary(min_size=32, max_size=32),
    max_size=8,
).map(Seeds)


def test_a_testimony_has_three_compartments_and_work_is_the_cases():
    assert OF_TESTIMONY == ("account", "medical", "identity")


def test_a_key_is_given_for_a_held_epoch_only(seeds):
    assert seeds.key(Compartment.ACCOUNT, 2) == OpeningKey(b"b" * 32)
    assert seeds.key(Compartment.MEDICAL, 2) is None
    assert seeds.key(Compartment.IDENTITY, 1) is None


def test_the_newest_epoch_is_known_for_each_compartment(seeds):
    newest = [seeds.latest(c) for c in Compartment]
    assert newest == [2, 1, 0, 0]


@given(HELD, HELD)
def test_merging_keeps_every_epoch_of_both(one, other):
    merged = one.merged(other).by_epoch
    assert merged.keys() == one.by_epoch.keys() | other.by_epoch.keys()
    assert all(merged[place] == seed for place, seed in other.by_epoch.items())


@given(HELD, st.frozensets(st.sampled_from(Compartment)))
def test_only_drops_every_other_compartment(held, wanted):
    kept = held.only(wanted).by_epoch
    assert kept == {place: s for place, s in held.by_epoch.items() if place[0] in wanted}


@given(HELD)
def test_seeds_come_in_a_fixed_order(held):
    places = [(compartment, epoch) for compartment, epoch, _ in held]
    assert places == sorted(held.by_epoch)


@given(HELD)
def test_a_repr_shows_no_seed(held):
    assert repr(held) == "Seeds()"
