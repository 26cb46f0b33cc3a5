"""What nobody may read: everything is opened with the officer's and every other staff key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import canonical
from vault.crypto import padding, seal
from vault.errors import FormatError, WrongKeyError
from vault.keyring.compartments import Compartment
from vault.keyring.opening import open_grant
from vault.packet import box, collector
from vault.packet.check import receipts_of
from vault.packet.open_box import open_box
from vault.packet.open_record import open_record

ACCOUNT, MEDICAL, IDENTITY = Compartment.ACCOUNT, Compartment.MEDICAL, Compartment.IDENTITY

BEGAN = "2026-11-20"


def hiding_places(data):
    """The bytes, and what every base64url text in them decodes to, and so on."""
    yield data
    try:
        value = canonical.loads(data)
    except FormatError:  # not JSON: nothing more inside
        return
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, str):
            yield item.encode()
            try:
                yield from hiding_places(canonical.unb64(item))
            except FormatError:  # no base64url: the text itself was yielded
                continue


def all_that_opens(packet, key):
    """Everything somebody sees who holds `key`, the packet, and every seed inside it."""
    yield packet.encode()
    seeds = [open_grant(g, key) for g in packet.grants if _mine(g.sealed, key)]
    for held in seeds:
        yield from (seed for _, _, seed in held)
        for record in packet.records:
            own = held.key(record.compartment, record.epoch)
            if own is not None:
                yield canonical.dumps(open_record(packet.testimony, record, own))
    if _mine(packet.collector, key):
        opened = collector.open_part([key], packet.testimony, packet.id, packet.collector)
        yield canonical.dumps(opened)


def _mine(sealed, key):
    return seal.sealed_for(sealed) == seal.key_id(key.public)


def found(secret, packet, key):
    needles = (secret, canonical.b64(secret).encode(), secret.hex().encode())
    return any(
        needle in place
        for data in all_that_opens(packet, key)
        for place in hiding_places(data)
        for needle in needles
    )


STAFF = ("officer", "recovery", "collector")


def test_the_search_finds_what_is_there(world, packet):
    assert found(world.material.compartments[ACCOUNT].seed, packet, world.officer)
    assert found(world.material.receipt.addenda_key, packet, world.officer)
    assert found(world.material.receipt.instructions_key, packet, world.collector)


@pytest.mark.parametrize("who", STAFF)
def test_the_identity_seed_and_the_receipts_stand_in_nothing_that_staff_opens(
    world, packet, held_back, who
):
    key = getattr(world, who)
    material = world.material
    secrets = [
        material.secret,
        material.compartments[IDENTITY].seed,
        material.receipt.entropy,
        material.second.entropy,
        *(one.seed for one in material.boxes),
    ]
    for made in (packet, held_back, world.build(own_reading=True)):
        assert not any(found(secret, made, key) for secret in secrets)


def test_whoever_opens_the_account_cannot_act_for_the_receipt(world, packet):
    assert not found(world.material.receipt.instructions_key, packet, world.officer)
    assert not found(world.material.receipt.addenda_key, packet, world.collector)


def test_a_grant_holds_account_and_medical_and_never_identity(world, packet):
    for grant, key in zip(packet.grants, (world.officer, world.recovery), strict=True):
        assert grant.compartments == (ACCOUNT, MEDICAL)
        assert open_grant(grant, key).key(IDENTITY, 1) is None


def test_the_holder_of_the_account_cannot_read_the_fixed_part(world, packet):
    held = open_grant(packet.grants[0], world.officer)
    opened = open_record(packet.testimony, packet.records[0], held.key(ACCOUNT, 1))
    keys = [world.officer, held.key(ACCOUNT, 1), held.key(MEDICAL, 1)]
    for part in receipts_of(packet.header, opened).parts:
        for key in keys:
            with pytest.raises(WrongKeyError):
                key.open(part.fixed, box.context(box.FIXED_FORMAT, part.public))


def test_not_yet_leaves_no_grant_outside_the_box(held_back):
    assert held_back.grants == ()


@pytest.mark.parametrize("who", STAFF)
def test_not_yet_gives_staff_no_seed_at_all(world, held_back, who):
    for compartment in Compartment:
        if compartment in world.material.compartments:
            seed = world.material.compartments[compartment].seed
            assert not found(seed, held_back, getattr(world, who))


def test_not_yet_the_receipt_alone_opens_nothing_either(world, held_back):
    fixed = open_box(world.material.receipt, world.box_of(held_back, 0).box).fixed
    assert fixed.own is None
    assert len(fixed.held) == 2
    own = (*world.material.boxes, seal.OpeningKey(fixed.identity_seed))
    for grant in fixed.held:
        for key in own:
            with pytest.raises(WrongKeyError):
                open_grant(grant, key)


def test_the_held_grants_once_posted_open_the_account(world, held_back):
    fixed = open_box(world.material.receipt, world.box_of(held_back, 0).box).fixed
    for grant, key in zip(fixed.held, (world.officer, world.recovery), strict=True):
        account = open_grant(grant, key).key(ACCOUNT, 1)
        opened = open_record(held_back.testimony, held_back.records[0], account)
        assert opened["answers"] == world.parts[ACCOUNT]


def test_the_receipt_opens_identity(world, packet):
    fixed = open_box(world.material.receipt, world.box_of(packet, 0).box).fixed
    key = seal.OpeningKey(fixed.identity_seed)
    opened = open_record(packet.testimony, packet.records[2], key)
    assert opened["answers"] == world.parts[IDENTITY]


def test_the_receipt_opens_the_account_only_if_the_witness_chose_so(world, packet):
    """Without it no box holds a copy, or a key of the account."""
    chosen = world.build(own_reading=True)
    receipts = (world.material.receipt, world.material.second)
    kept = [
        [open_box(receipt, world.box_of(made, at).box).fixed for at, receipt in enumerate(receipts)]
        for made in (packet, chosen)
    ]
    assert [[fixed.own for fixed in pair] for pair in kept] == [
        [None, None],
        [world.parts[ACCOUNT], None],
    ]
    seed = canonical.b64(world.material.compartments[ACCOUNT].seed)
    assert not any(seed in str(fixed.to_json()) for pair in kept for fixed in pair)


def test_a_short_copy_changes_the_size_of_nothing(world, packet):
    sizes = [
        [len(box.box) for box in made.boxes] + [len(record.sealed) for record in made.records]
        for made in (packet, world.build(own_reading=True))
    ]
    assert sizes[0] == sizes[1]


# --- the second box ------------------------------------------------------------------------------


STATEMENTS = st.fixed_dictionaries(
    {
        "reading_allowed": st.booleans(),
        "own_reading": st.booleans(),
        "deliver": st.sampled_from(collector.DELIVER),
        "language": st.sampled_from(["kk", "ru", "en"]),
        "form": st.builds(
            lambda name: {"id": name, "version": 1}, st.text("abc_", min_size=1, max_size=600)
        ),
        "parts": st.dictionaries(
            st.sampled_from([ACCOUNT, MEDICAL, IDENTITY]),
            st.dictionaries(st.text("ab", max_size=5), st.text(max_size=3000), max_size=3),
        ).filter(lambda parts: "\\ud" not in ascii(parts)),
    }
)


@given(STATEMENTS)
def test_both_boxes_are_of_one_size_for_every_statement(world, statement):
    made = world.build(**statement)
    first, second = made.boxes
    assert len(first.box) == len(second.box)
    assert len(first.sent) == len(second.sent) == box.SENT_SIZE + seal.OVERHEAD
    account = open_record(made.testimony, made.records[0], world.material.compartments[ACCOUNT])
    one, other = receipts_of(made.header, account).parts
    assert len(one.fixed) == len(other.fixed)


@given(STATEMENTS)
def test_an_empty_part_is_sent_like_a_full_one(world, statement):
    made = world.build(**statement)
    assert [r.compartment for r in made.records] == [ACCOUNT, MEDICAL, IDENTITY]
    for record in made.records:
        size = len(record.sealed) - seal.OVERHEAD
        assert size >= 4096
        assert size.bit_count() == 1


@given(STATEMENTS)
def test_the_second_receipt_opens_an_ordinary_box_that_opens_nothing(world, statement):
    made = world.build(**statement)
    first = open_box(world.material.receipt, world.box_of(made, 0).box)
    second = open_box(world.material.second, world.box_of(made, 1).box)
    assert second.testimony == first.testimony
    assert second.current == first.current
    assert second.fixed.own is None
    with pytest.raises(WrongKeyError):
        open_record(made.testimony, made.records[2], seal.OpeningKey(second.fixed.identity_seed))
    shapes = [
        [(g.recipient, g.compartments, g.epoch, len(g.sealed)) for g in opened.fixed.held]
        for opened in (first, second)
    ]
    assert shapes[0] == shapes[1]


def test_nothing_in_the_second_box_contradicts_itself(world, held_back):
    """Whoever forces the second receipt out of a witness can compute all that the box allows."""
    for index, receipt in enumerate((world.material.receipt, world.material.second)):
        sealed = world.box_of(held_back, index).box
        opened = open_box(receipt, sealed)
        key = seal.OpeningKey(receipt.box_seed)
        plain = padding.unpad(key.open(sealed, box.context(box.FORMAT, key.public)), box.MINIMUM)
        identity = seal.OpeningKey(opened.fixed.identity_seed).public
        assert opened.publics[IDENTITY] == identity
        assert canonical.loads(plain).keys() == {
            "format",
            "testimony",
            "publics",
            "fixed",
            "current",
        }
        real = held_back.header.publics[IDENTITY]
        assert (identity == real) == (index == 0)
        if index == 1:
            assert not any(real in place for place in hiding_places(plain))


def test_noise_in_the_second_box_is_sealed_like_the_real_thing(world, held_back):
    """Random bytes would be told apart: an X25519 share never has its top bit set."""
    fixed = open_box(world.material.second, world.box_of(held_back, 1).box).fixed
    for grant, key in zip(fixed.held, (world.officer, world.recovery), strict=True):
        noise = open_grant(grant, key)
        for compartment in (ACCOUNT, MEDICAL):
            real = held_back.header.publics[compartment]
            assert noise.key(compartment, 1).public != real


def test_the_second_box_never_gets_replies_handlers_or_openings(world, packet):
    from vault.packet.box import Current
    from vault.packet.seal_box import seal_boxes

    account = open_record(packet.testimony, packet.records[0], world.material.compartments[ACCOUNT])
    parts = receipts_of(packet.header, account).parts
    current = Current(
        "2026-11-23",
        {"document": {}, "signature": ""},
        ({"member": "11" * 16, "capacity": "lawyer"},),
        ({"document": {"text": "x" * 40_000}, "signature": ""},),
        ({"day": "2026-11-23", "role": "lawyer", "compartment": "account"},),
    )
    first, second = seal_boxes(packet.header, parts, current, BEGAN)
    assert len(first) == len(second)
    assert open_box(world.material.receipt, first).current == current
    assert open_box(world.material.second, second).current == Current(BEGAN)
