#!/usr/bin/env python3
"""Verify an exported access log of Witness Vault. This one file, Python 3.9, nothing else.

    python3 verify_ledger.py ledger-2026-11 --vkey-file key-of-the-log.txt --held checkpoint.txt

Written to be read: by an auditor, in an hour, before it is trusted. It shares no line with the
program whose log it checks. What it checks is docs/spec/ledger.md, from top to bottom:

1. Ed25519 (RFC 8032), signed notes (c2sp.org/signed-note), checkpoints (c2sp.org/tlog-checkpoint);
2. the Merkle tree (RFC 6962, section 2.1): one root stands for all entries in their order;
3. the form of an entry, and the entry by which the log's key names the next one;
4. the walk: each entry against its hash and its number, each checkpoint against the tree.

It ends with 0 if all is as it was signed. Otherwise it says what happened and to which entry, and
ends with 1. It does not judge what entries say, only that they are as they were signed.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from itertools import islice
from pathlib import Path


class Fault(Exception):
    """What is wrong: in one word, at which entry (None: of no entry), and a sentence."""

    def __init__(self, named, seq, text):
        super().__init__(text)
        self.named, self.seq, self.text = named, seq, text


def refuse(text):
    raise Fault("fault", None, text)


def sha256(data):
    return hashlib.sha256(data).digest()


# --- 1. Ed25519, RFC 8032, section 5.1: verification only, with nothing secret to protect -------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add(a, b):
    """Add two points in extended coordinates (X, Y, Z, T), section 5.1.4."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    g, h = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def encode(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data):
    """Return the point of 32 bytes, or None; section 5.1.3."""
    number = int.from_bytes(data, "little")
    y, sign = number % 2**255, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or y >= P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed_by(public, message, signature):
    """Say whether `signature` is of `message` by the key `public`; section 5.1.7."""
    key, s = decode(public), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or key is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(digest, "little") % L
    minus_key = (P - key[0], key[1], 1, P - key[3])
    return encode(add(times(s, BASE), times(k, minus_key))) == signature[:32]


# --- 1. Keys, notes, checkpoints ----------------------------------------------------------------


def unbase64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        refuse("not base64")
    if base64.b64encode(data).decode() != text:
        refuse("a second spelling of base64")
    return data


def key_id(name, public):
    return sha256(name.encode() + b"\n\x01" + public)[:4]


def read_vkey(line):
    """Return name and public key of `name+id+base64(0x01, key)`."""
    parts = line.rstrip("\n").split("+", 2)
    typed = unbase64(parts[2]) if len(parts) == 3 else b""
    if len(typed) != 33 or typed[0] != 1 or key_id(parts[0], typed[1:]).hex() != parts[1]:
        refuse("not the key of a log")
    return parts[0], typed[1:]


def read_checkpoint(note):
    """Return text, origin, size, root and signatures of a checkpoint; nothing is verified."""
    text, gap, rest = note.rpartition("\n\n")
    lines, text = rest.split("\n"), text + "\n"
    if not gap or lines.pop() or not lines or len(lines) > 64:
        refuse("not a signed checkpoint")
    signatures = []
    for line in lines:
        dash, _, name_and_blob = line.partition(" ")
        name, _, blob = name_and_blob.partition(" ")
        found = unbase64(blob)
        if dash != "\N{EM DASH}" or not name or "+" in name or len(found) < 5:
            refuse("not a signature line")
        signatures.append((name, found[:4], found[4:]))
    parts = text.split("\n")
    if len(parts) != 4 or not re.fullmatch(r"(0|[1-9][0-9]{0,15})", parts[1], re.ASCII):
        refuse("not the three lines of a checkpoint")
    root = unbase64(parts[2])
    if len(root) != 32 or int(parts[1]) >= 2**53:
        refuse("not a size or a root")
    return text, parts[0], int(parts[1]), root, signatures


def check_signed(checkpoint, key, what):
    """Refuse a checkpoint that the key did not sign, or that has a false line of that key."""
    text, origin, _, _, signatures = checkpoint
    name, public = key
    mine = [s for n, i, s in signatures if (n, i) == (name, key_id(name, public))]
    if not mine or origin != name or not all(signed_by(public, text.encode(), s) for s in mine):
        refuse(f"{what} is not signed by the log's key")


# --- 2. The tree: roots of complete subtrees, largest first, as many as the size has binary ones -


class Tree:
    def __init__(self, size=0, peaks=()):
        self.size, self.peaks = size, list(peaks)

    def append(self, leaf):
        size = self.size
        while size & 1:
            leaf, size = sha256(b"\x01" + self.peaks.pop() + leaf), size >> 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha256(b"")
        result = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            result = sha256(b"\x01" + left + result)
        return result


# --- 3. Entries ---------------------------------------------------------------------------------

FIELDS = ["actor", "detail", "format", "kind", "nonce", "seq", "subject", "time"]


def number_of(line):
    """Return the number an entry carries, or None if this is not in the form of one."""
    if len(line) > 4096:
        return None
    try:
        entry = json.loads(line.decode("utf-8"))
        one_spelling = json.dumps(
            entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
        right = one_spelling == line and sorted(entry) == FIELDS
        right = right and entry["format"] == "witness-vault/entry/v1"
        right = right and type(entry["detail"]) is type(entry["subject"]) is dict
        return entry["seq"] if right and type(entry["seq"]) is int else None
    except (ValueError, TypeError, RecursionError):
        return None


def next_key(key, line, seq):
    """Return the key in force after an entry: another, if it says so and the one before signed."""
    entry = json.loads(line)
    detail = entry["detail"]
    if entry["kind"] != "key.changed" or detail.get("key") != "ledger":
        return key
    name, public = key
    try:
        after, blob = bytes.fromhex(detail["public"]), detail["signature"]
        signature = base64.b64decode(blob + "=" * (-len(blob) % 4), b"-_", validate=True)
        before, named = (base64.urlsafe_b64encode(k).decode().rstrip("=") for k in (public, after))
        stated = {"before": before, "origin": name, "public": named}
        stated = json.dumps(stated, separators=(",", ":"), ensure_ascii=False)
        message = b"witness-vault/ledger-key/v1\x00" + stated.encode()
        right = len(after) == 32 and signed_by(public, message, signature)
    except (ValueError, KeyError, TypeError):
        right = False
    if not right:
        raise Fault("fault", seq, f"entry {seq} names a key that the key before did not sign")
    return name, after


# --- 4. The walk --------------------------------------------------------------------------------


def verify(entries, hashes, notes, key, held=(), kept=(), tree=None):
    """Check a log, or raise the first Fault; return (entries, verified, checkpoints, held, last).

    `entries` and `hashes`: bytes, in order. `notes`: checkpoints as text, of growing size.
    `held`, `kept`: checkpoints and leaf hashes that were kept outside. `tree`: goes on from there.
    `last`: the entry that the last checkpoint ends with.
    """
    tree = tree or Tree()
    keys = [key]  # in force now, and those before until a published checkpoint bears them all
    good = kept_good = tree.size  # up to where published, and kept, checkpoints agree
    verified, count, held_to, line, last = tree.size, 0, 0, b"", b""
    entries, hashes, kept = iter(entries), iter(hashes), iter(kept)
    held = [(read_checkpoint(note), f"held checkpoint {n}") for n, note in enumerate(held, 1)]
    held.sort(key=lambda one: one[0][2])
    if held and held[0][0][2] < tree.size:
        refuse("a checkpoint kept outside is older than what this begins with")
    published = growing(notes, tree.size - 1)
    coming = next(published, None)

    def span(first):
        return f"one of the entries {first} to {max(tree.size - 1, first)}"

    while True:
        while coming and coming[0][2] == tree.size:
            check_signed(coming[0], keys[0], coming[1])
            if coming[0][3] != tree.root():
                raise Fault("rewritten", good, f"{span(good)}: {coming[1]} signed something else")
            for one in keys[1:]:
                check_signed(coming[0], one, coming[1])
            keys, good, verified, count = keys[:1], tree.size, tree.size, count + 1
            last = line
            coming = next(published, None)
        here = [one for one in held if one[0][2] == tree.size]
        for one in here:
            check_signed(one[0], keys[0], one[1])
            if one[0][3] != tree.root():
                two = good == tree.size or (coming and signed_anyway(tree, hashes, coming, keys[0]))
                named = "forked" if two else "rewritten"
                raise Fault(named, kept_good, f"{span(kept_good)}: {one[1]} signed something else")
            held_to, verified, last = max(held_to, tree.size), tree.size, line
        kept_good = tree.size if here else kept_good

        place, line, recorded = tree.size, next(entries, None), next(hashes, None)
        if line is None and recorded is None:
            break
        if line is None:
            raise Fault("dropped", place, f"entry {place} is missing")
        if recorded is None:
            raise Fault("inserted", place, f"no hash was recorded for entry {place}")
        number, same = number_of(line), sha256(b"\x00" + line) == recorded
        if number != place or not same:
            raise what_happened(place, number, same, entries, good)
        outside = next(kept, None)
        if outside is not None and outside != recorded:
            raise Fault("changed", place, f"entry {place} does not have the hash kept outside")
        held_to = place + 1 if outside is not None else held_to
        after = next_key(keys[0], line, place)
        keys = keys if after == keys[0] else [after, *keys]
        tree.append(recorded)

    if next(kept, None) is not None:
        raise Fault("rolled back", tree.size, f"entry {tree.size} was there when hashes were kept")
    beyond = [("rolled back", *one) for one in held if one[0][2] > tree.size]
    beyond += [("dropped", *coming)] if coming else []
    for named, checkpoint, what in beyond:
        check_signed(checkpoint, keys[0], what)
        raise Fault(named, tree.size, f"entry {tree.size}: {what} covers {checkpoint[2]} entries")
    return tree.size, verified, count, held_to, last


def what_happened(place, number, same, later, good):
    """Name the fault of the entry at `place`, that says it is `number`, by those after it."""
    if number is None:
        return Fault("changed", place, f"entry {place} is not as it was recorded, or is none")
    if number > place:
        moved = any(number_of(line) == place for line in later)
        named = "reordered" if moved else "dropped"
        return Fault(named, place, f"number {number} stands in the place of entry {place}")
    if same:  # two claim one number; the first is not at fault if a checkpoint vouches for it
        return Fault("inserted", max(number, good), f"entry {place} says it is {number}")
    twice = number < place or number_of(next(later, b"")) == place
    named = "inserted" if twice else "changed"
    return Fault(named, place, f"entry {place} does not have the hash that was recorded")


def signed_anyway(tree, hashes, coming, key):
    """Say whether the next published checkpoint signed what is shown: then there are two pasts."""
    check_signed(coming[0], key, coming[1])
    further = Tree(tree.size, tree.peaks)
    for leaf in islice(hashes, coming[0][2] - tree.size):
        further.append(leaf)
    return further.root() == coming[0][3]


def growing(notes, size):
    for number, note in enumerate(notes, 1):
        checkpoint = read_checkpoint(note)
        if checkpoint[2] <= size:
            refuse(f"checkpoint {number} does not grow")
        size = checkpoint[2]
        yield checkpoint, f"checkpoint {number}"


# --- Files --------------------------------------------------------------------------------------


def lines_of(path):
    """Lines of at most 64 KiB: whoever made the files may have made one without an end."""
    with path.open("rb") as file:
        while line := file.readline(65_536):
            if not line.endswith(b"\n"):
                refuse(f"{path.name} holds a line that does not end")
            yield line[:-1]


def text_of(path):
    with path.open("rb") as file:
        data = file.read(2**20 + 1)
    if len(data) > 2**20:
        refuse(f"{path.name} is too large")
    return data.decode("utf-8").replace("\r\n", "\n")


def hashes_of(path):
    for line in lines_of(path):
        if not re.fullmatch(rb"[0-9a-f]{64}", line):
            refuse(f"{path.name} holds what is no hash")
        yield bytes.fromhex(line.decode())


def notes_of(path):
    """Texts and signatures take turns, an empty line after each but the last."""
    block, gaps = "", 0
    for line in lines_of(path):
        gaps += not line
        if gaps == 2:
            yield block
            block, gaps = "", 0
        else:
            block += line.decode() + "\n"
        if len(block) > 262_144:
            refuse(f"{path.name} holds a checkpoint that is too large")
    if block:
        yield block
    elif path.stat().st_size:
        refuse(f"{path.name} ends with an empty line")


def tree_of(path, key):
    """Return the tree that an export since a checkpoint goes on from, after verifying it."""
    head, _, note = text_of(path).partition("\n\n")
    if head.count("\n") and not note:
        refuse(f"{path.name} is malformed")
    checkpoint = read_checkpoint(note)
    tree = Tree(checkpoint[2], [unbase64(line) for line in head.split("\n")])
    sizes = [len(peak) for peak in tree.peaks]
    if sizes != [32] * bin(tree.size).count("1") or tree.root() != checkpoint[3]:
        refuse(f"{path.name} holds another tree than its checkpoint signed")
    check_signed(checkpoint, key, path.name)
    return tree


def main():
    parser = argparse.ArgumentParser(description="Verify an exported access log of Witness Vault.")
    parser.add_argument("export", type=Path, help="the folder")
    parser.add_argument("--vkey-file", type=Path, help="the log's key as it was handed to you")
    parser.add_argument("--held", type=Path, action="append", default=[], help="a kept checkpoint")
    parser.add_argument("--held-hashes", type=Path, help="hashes.txt of an older export")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    try:
        key = read_vkey(text_of(given.vkey_file or given.export / "ledger.vkey"))
        since = given.export / "since.txt"
        total, verified, count, held_to, last = verify(
            lines_of(given.export / "entries.jsonl"),
            hashes_of(given.export / "hashes.txt"),
            notes_of(given.export / "checkpoints.txt"),
            key,
            [text_of(path) for path in given.held],
            hashes_of(given.held_hashes) if given.held_hashes else (),
            tree_of(since, key) if since.exists() else None,
        )
    except Fault as fault:
        found = {"ok": False, "named": fault.named, "seq": fault.seq, "reason": fault.text}
        print(json.dumps(found) if given.json else f"{fault.named.upper()}: {fault.text}")
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    until = str(json.loads(last)["time"]) if last else ""
    until = until if re.fullmatch("[0-9TZ:-]{10,20}", until) else ""
    found = {"ok": True, "entries": total, "verified": verified, "held": held_to, "until": until}
    said = f"{total} entries, {verified} verified by {count} checkpoints. "
    said += f"The last verified entry is of {until}. " if until else ""
    said += (
        f"What is held outside agrees on the first {held_to}."
        if held_to
        else "Nothing held outside was given: only the log's own key vouches for it."
    )
    if not given.vkey_file:
        said += " No key was given: whoever makes up a log puts a key of their own into it."
    print(json.dumps(found) if given.json else said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
