"""The witness's own box: read with the receipt, checked against the roster before it is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from vault import canonical, clock
from vault.crypto import sign
from vault.crypto.receipt import Receipt
from vault.crypto.seal import OpeningKey
from vault.errors import ErasedError, FormatError, SealError, WitnessVaultError
from vault.keyring.compartments import Compartment
from vault.keyring.epochs import EPOCH_MAKERS, Epoch
from vault.letterbox import Letterbox
from vault.packet import deletion, sent
from vault.packet.box import LEFT, REPLY_FORMAT, BoxContent, locator
from vault.packet.build import Place, newest_publics
from vault.packet.deletion import Certificate
from vault.packet.open_box import open_box
from vault.roster.model import Roster, RosterMember, Term
from vault.roster.roles import WRITER
from vault.testimony.nobodys import nobody

ALLOWED = "allowed"
TOLD = "story"  # the field of every form that is told in one's own words
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# Answers about consent, and the one that pauses everything; what they say stands in no box.
CONSENT, PAUSED = "consent", "paused"


@dataclass(frozen=True)
class Reply:
    """A reply by a rostered member, its signature verified."""

    day: str
    role: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Opening:
    """That somebody opened a part of the account, by role and day; identity with its purpose."""

    day: str
    role: str
    compartment: str
    purpose: str = ""


@dataclass(frozen=True)
class Sent:
    """Something that was added from this box."""

    kind: str
    day: str


@dataclass(frozen=True)
class Known:
    """What a box shows about who the witness is.

    Args:
        may_release: a lawyer is in charge to whom it is not released.
        released: day of the release that stands; None if there is none.
        withdrawn: day on which it was taken back, while nothing was released since.
        in_effect: the vault says that the lawyer in charge holds it.
        stand: what a form of this page is about; on an older page it is another.
    """

    may_release: bool = False
    released: str | None = None
    withdrawn: str | None = None
    in_effect: bool = False
    stand: str = field(default="", repr=False)


@dataclass(frozen=True)
class Deleting:
    """What a box shows about deletion.

    Args:
        asked: day on which it was asked for, if that stands.
        due: from which day on it is carried out.
        late: that day is over: the vault was locked since.
        stopped: day on which the lawyer stopped it, if nothing was asked since.
        may_ask: it can be asked for.
        stand: what a form of this page is about; on an older page it is another.
    """

    asked: str | None = None
    due: str = ""
    late: bool = False
    stopped: str | None = None
    may_ask: bool = False
    stand: str = field(default="", repr=False)


@dataclass(frozen=True)
class Keeping:
    """What a box shows about how long the account is kept.

    Args:
        years: from the day of sending on, where nothing else is said.
        notice: so many days before its end everything is announced.
        until: the day that the team says; None: nobody opened it yet.
        reason: why it is held until then; empty: it is not.
        soon: it is announced: the day is nearer than that, or over.
        late: that day is over, and it is not erased.
    """

    years: int = 0
    notice: int = 0
    until: str | None = None
    reason: str = ""
    soon: bool = False
    late: bool = False


@dataclass(frozen=True)
class Box:
    """What the page of a box shows; of an unknown receipt, of an unopened box: the same.

    The first statement is not listed: it would tell that the box exists. `may_allow` is True while
    grants are held back in the box and reading was not allowed from it. `paused` is the day when
    everything was paused, if nothing about consent was said since. `own` is what was told first,
    only of a witness who chose so when sending. `left` are those of the openings in which
    something left the house. `erased` is the certificate of one that was deleted: then there is
    nothing else but what had left.
    """

    replies: tuple[Reply, ...] = ()
    openings: tuple[Opening, ...] = ()
    left: tuple[Opening, ...] = ()
    sent: tuple[Sent, ...] = ()
    handlers: tuple[str, ...] = ()
    unverified: int = 0
    may_allow: bool = False
    paused: str | None = None
    own: str = field(default="", repr=False)
    identity: Known = Known()
    deletion: Deleting = Deleting()
    keeping: Keeping = Keeping()
    erased: Certificate | None = None


def box_locator(receipt: Receipt) -> str:
    """Return the name of a receipt's box."""
    return locator(OpeningKey(receipt.box_seed).public)


@dataclass(frozen=True)
class Look:
    """What lies under a receipt. Where there is no box, that of nobody: an ordinary unopened one.

    Everything that is shown or done begins with a look, and goes on alike whether there is a box.
    Only what would be left in the letterbox is not left where there is none.

    Args:
        receipt: whose.
        content: the opened box.
        items: what was sent from it.
        there: whether there is a box. Nothing that is shown may depend on it.
    """

    receipt: Receipt = field(repr=False)
    content: BoxContent = field(repr=False)
    items: tuple[sent.SentItem, ...] = field(repr=False)
    there: bool = field(repr=False)


def look(letterbox: Letterbox, receipt: Receipt) -> Look:
    """Return what lies under a receipt: two files are read and both are opened, whatever they are.

    Raises:
        ErasedError: the box holds the certificate of its deletion.
        SealError, FormatError: it is damaged.
    """
    data, stand_in = letterbox.box(box_locator(receipt)), nobody()
    content = open_box(stand_in.receipt, stand_in.box) if data is None else _open(receipt, data)
    return Look(receipt, content, read_sent(letterbox, receipt), data is not None)


def erased(letterbox: Letterbox, receipt: Receipt) -> Box:
    """Return what a deleted box says; raises as `look` if it is none."""
    data = letterbox.box(box_locator(receipt)) or b""
    certificate = deletion.open_certificate(receipt, data)
    left = tuple(Opening(one.day, one.role, one.part) for one in certificate.left)
    return Box(erased=certificate, left=left)


def read_sent(letterbox: Letterbox, receipt: Receipt) -> tuple[sent.SentItem, ...]:
    """Return what was sent from a receipt's box; nothing if that file is damaged.

    It is a convenience beside the box: its loss must not keep anybody from their replies.
    """
    data, stand_in = letterbox.sent(box_locator(receipt)), nobody()
    if data is None:
        sent.open_sent(stand_in.receipt, stand_in.sent)
        return ()
    try:
        return sent.open_sent(receipt, data)
    except (FormatError, SealError):
        return ()


def remember_sent(letterbox: Letterbox, receipt: Receipt, item: sent.SentItem) -> None:
    """Add one item to what was sent from a receipt's box; a choice that stands there is kept once.

    One at a time: of two pages sent together neither may take the other's line away, which may be
    the one that says that identity was taken back.
    """
    public = OpeningKey(receipt.box_seed).public
    with letterbox.one_at_a_time():
        items = read_sent(letterbox, receipt)
        if item not in items:
            letterbox.put_sent(locator(public), sent.seal_sent(public, (*items, item)))


def view(seen: Look, roster: Roster) -> Box:
    """Return what a box shows; what does not verify is counted and left out."""
    content, items = seen.content, seen.items
    replies = [_reply(item, content.testimony, roster) for item in content.current.replies]
    openings = tuple(_opening(item) for item in content.current.openings)
    handlers = (str(item.get("capacity", "")) for item in content.current.handlers)
    return Box(
        replies=tuple(reply for reply in replies if reply is not None),
        openings=openings,
        left=tuple(one for one in openings if one.compartment in LEFT),
        sent=tuple(Sent(item.kind, item.day) for item in items if item.kind != "testimony"),
        handlers=tuple(handlers),
        unverified=replies.count(None),
        paused=_paused(items),
        own=str((content.fixed.own or {}).get(TOLD, "")),
        may_allow=bool(content.fixed.held) and all(item.kind != ALLOWED for item in items),
    )


def _open(receipt: Receipt, data: bytes) -> BoxContent:
    try:
        return open_box(receipt, data)
    except SealError:
        deletion.open_certificate(receipt, data)  # if it is none either, it is damaged
        raise ErasedError from None


def keeping(seen: Look, rule: tuple[int, int]) -> Keeping:
    """Return what a box shows of how long it is kept; a strange day or reason shows as none.

    Args:
        seen: what lies under a receipt.
        rule: years and days of notice, as the settings say.
    """
    told = seen.content.current.keeping or {}
    until, reason = told.get("until"), told.get("reason")
    if not isinstance(until, str) or _DAY.fullmatch(until) is None:
        return Keeping(*rule)
    known = reason if isinstance(reason, str) else ""
    soon = until <= clock.day(clock.now() + rule[1] * clock.DAY)
    return Keeping(*rule, until, known, soon=soon, late=until < clock.day())


def _paused(items: tuple[sent.SentItem, ...]) -> str | None:
    said = [item for item in items if item.kind in {CONSENT, PAUSED}]
    return said[-1].day if said and said[-1].kind == PAUSED else None


def place(content: BoxContent, roster: Roster, identity: tuple[int, bytes]) -> Place:
    """Return where an addendum is sealed to: the newest keys that verify.

    Args:
        content: the opened box.
        roster: verified.
        identity: epoch and public key, which the receipt alone makes.

    An epoch counts if whoever signed it may make one and is active now: what somebody who left,
    or lost a role, could still sign is not sealed to. Without one the first keys are used, which
    the receipt itself vouches for.
    """
    epoch = _epoch(content.current.epoch, content.testimony, roster)
    publics = newest_publics(content.publics, epoch)
    return Place(content.testimony, {**publics, Compartment.IDENTITY: identity})


def _epoch(value: Any, testimony: str, roster: Roster) -> Epoch | None:
    if value is None:
        return None
    try:
        epoch = Epoch.from_json(value["document"])
        member = roster.member(epoch.made_by)
        if member is None or not _may_begin(member) or epoch.subject != testimony:
            return None
        return epoch.check(canonical.unb64(value["signature"], 64), member.signing)
    except (WitnessVaultError, KeyError, TypeError):
        return None


def _may_begin(member: RosterMember) -> bool:
    now = clock.moment()
    return any(member.holds(role, now) for role in EPOCH_MAKERS)


def _reply(item: Any, testimony: str, roster: Roster) -> Reply | None:
    try:
        document = item["document"]
        member = roster.member(document["author"])
        if member is None or document["subject"] != testimony:
            return None
        if not _was_valid(member, document["day"]):
            return None
        signature = canonical.unb64(item["signature"], 64)
        sign.verify(member.signing, REPLY_FORMAT, canonical.dumps(document), signature)
        return Reply(document["day"], WRITER, str(document["text"]))
    except (WitnessVaultError, KeyError, TypeError, ValueError):
        return None


def _was_valid(member: RosterMember, day: str) -> bool:
    """Return whether some of `day` lies in a member's time as a writer: a reply outlives it.

    The day is the author's own word. One who has left and writes to boxes as well can still put an
    earlier one; nothing in a box could say when it was written.
    """
    begin = clock.seconds_of(day)
    own = Term(WRITER, member.valid_from, member.valid_to)
    return _touches(own, begin) and any(_touches(term, begin) for term in member.times(WRITER))


def _touches(term: Term, begin: int) -> bool:
    if begin + clock.DAY <= clock.seconds_of(term.valid_from):
        return False
    return term.valid_to is None or begin < clock.seconds_of(term.valid_to)


def _opening(item: Any) -> Opening:
    names = ("day", "role", "compartment", "purpose")
    return Opening(*(str(item.get(name, "")) for name in names))
