"""The verifier of one file says what the program says, and shares nothing with it.

It runs as an auditor runs it: `python -I`, where none of this program can be imported.
"""

import ast
import json
import os
import random
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.errors import FormatError, LedgerError, SignatureError
from vault.ledger import export, merkle
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.entry import Entry
from vault.ledger.note import NoteVerifier
from vault.ledger.verify import verify_export

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "auditing" / "verify_ledger.py"
VECTORS = sorted((ROOT / "tests" / "vectors" / "ledger" / "export").glob("*.json"))
# Runs the file's own `main` once for each line of arguments, in one isolated process.
DRIVER = """
import json, resource, runpy, sys
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
main = runpy.run_path(sys.argv[1])["main"]
assert not [name for name in sys.modules if name.partition(".")[0] in ("vault", "cryptography")]
for line in sys.stdin:
    sys.argv = ["verify_ledger.py", *json.loads(line), "--json"]
    main()
"""


def run(*cases):
    """Return what the file says to each list of arguments, as (named or "ok", seq)."""
    lines = "".join(json.dumps([str(one) for one in case]) + "\n" for case in cases)
    command = [sys.executable, "-I", "-c", DRIVER, str(PROGRAM)]
    ran = subprocess.run(
        command, input=lines.encode(), capture_output=True, check=True, timeout=120
    )
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(found) == len(cases), ran.stderr
    return [("ok" if one["ok"] else one["named"], one.get("seq")) for one in found]


def ours(vector):
    """Return the same of the program itself."""
    try:
        verify_export(
            [entry.encode() for entry in vector["entries"]],
            [bytes.fromhex(item) for item in vector["hashes"]],
            [note.encode() for note in vector["checkpoints"]],
            vector["vkey"],
            held_checkpoints=[note.encode() for note in vector["held_checkpoints"]],
            held_hashes=[bytes.fromhex(item) for item in vector["held_hashes"]],
        )
    except LedgerError as error:
        return error.named, error.seq
    except (FormatError, SignatureError):
        return "fault", None
    return "ok", None


def written(folder, vector):
    """Write a vector as the files of an export; return the arguments."""
    folder.mkdir()
    (folder / "entries.jsonl").write_text("".join(f"{one}\n" for one in vector["entries"]))
    (folder / "hashes.txt").write_text("".join(f"{one}\n" for one in vector["hashes"]))
    (folder / "checkpoints.txt").write_text("\n".join(vector["checkpoints"]))
    (folder / "ledger.vkey").write_text(f"{vector['vkey']}\n")
    arguments = [folder]
    for number, note in enumerate(vector["held_checkpoints"]):
        (folder / f"held-{number}").write_text(note)
        arguments += ["--held", folder / f"held-{number}"]
    if vector["held_hashes"]:
        (folder / "kept.txt").write_text("".join(f"{one}\n" for one in vector["held_hashes"]))
        arguments += ["--held-hashes", folder / "kept.txt"]
    return arguments


def test_it_agrees_on_every_vector_in_verdict_name_and_index(tmp_path):
    vectors = [json.loads(path.read_text("utf-8")) for path in VECTORS]
    names = [path.stem for path in VECTORS]
    cases = [written(tmp_path / name, one) for name, one in zip(names, vectors, strict=True)]
    found = run(*cases)
    expected = [ours(vector) for vector in vectors]
    assert dict(zip(names, found, strict=True)) == dict(zip(names, expected, strict=True))


def test_it_agrees_on_sixty_random_alterations(tmp_path):
    good = json.loads((VECTORS[0].parent / "held.json").read_text("utf-8"))
    chance = random.Random(8)
    altered = [alter(good, chance) for _ in range(60)]
    found = run(*(written(tmp_path / str(n), one) for n, one in enumerate(altered)))
    assert found == [ours(vector) for vector in altered]
    assert len(set(found)) > 10


def alter(vector, chance):
    """Return it with one to three things done to what it lists."""
    out = {**vector, "held_hashes": vector["held_hashes"] if chance.random() < 0.5 else []}
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(["entries", "entries", "hashes", "checkpoints", "held_checkpoints"])
        out[name] = list(out[name])
        if out[name]:
            places = [chance.randrange(len(out[name])) for _ in range(2)]
            chance.choice([drop, double, swap, copy, cut, rehash, renumber])(out, name, *places)
    return out


def drop(out, name, at, _):
    del out[name][at]


def double(out, name, at, other):
    out[name].insert(at, out[name][other])


def swap(out, name, at, other):
    out[name][at], out[name][other] = out[name][other], out[name][at]


def copy(out, name, at, other):
    out[name][at] = out[name][other]


def cut(out, name, at, _):
    del out[name][at:]


def rehash(out, *_):
    out["hashes"] = [merkle.leaf_hash(one.encode()).hex() for one in out["entries"]]


def renumber(out, *_):
    texts = [json.loads(one) | {"seq": number} for number, one in enumerate(out["entries"])]
    out["entries"] = [json.dumps(one, sort_keys=True, separators=(",", ":")) for one in texts]


def test_it_verifies_an_export_since_a_checkpoint(tmp_path):
    key = Ed25519PrivateKey.generate()
    log = NoteVerifier("vault.example/log", key.public_key().public_bytes_raw())
    leaves = [Entry(n, "2026-11-22", "backup", "system").encode() for n in range(9)]
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]

    def signed(size):
        return Checkpoint(log.name, size, merkle.root(hashes[:size])).sign(log, key.sign)

    cases = []
    for begin in (1, 4, 7):
        folder = tmp_path / str(begin)
        folder.mkdir()
        frontier = merkle.Frontier.of(hashes[:begin])
        files = {
            export.ENTRIES: b"".join(export.format_entries(leaves[begin:])),
            export.HASHES: b"".join(export.format_hashes(hashes[begin:])),
            export.CHECKPOINTS: signed(9),
            export.VKEY: export.format_vkey(log),
            export.SINCE: export.format_since(frontier, signed(begin)),
            "held": signed(begin),
            "later": signed(9),
        }
        for name, data in files.items():
            (folder / name).write_bytes(data)
        cases.append([folder, "--held", folder / "held", "--held", folder / "later"])
    assert set(run(*cases)) == {("ok", None)}
    (tmp_path / "4" / export.SINCE).write_bytes(
        export.format_since(merkle.Frontier.of(hashes[:7]), signed(7))
    )
    assert run(cases[1][:1]) == [("inserted", 7)]


def test_it_speaks_to_people_and_ends_as_programs_expect(tmp_path):
    good = json.loads((VECTORS[0].parent / "good.json").read_text("utf-8"))
    bad = json.loads((VECTORS[0].parent / "entry-dropped.json").read_text("utf-8"))
    written(tmp_path / "good", good)
    written(tmp_path / "bad", bad)

    def said(*arguments):
        command = [sys.executable, "-I", str(PROGRAM), *map(str, arguments)]
        ran = subprocess.run(command, capture_output=True, check=False, timeout=60)
        return ran.returncode, ran.stdout.decode()

    code, text = said(tmp_path / "good")
    assert (code, text.startswith("12 entries, 10 verified by 3 checkpoints.")) == (0, True)
    assert "The last verified entry is of 2026-11-22T10:00:09Z." in text
    assert "No key was given" in text
    assert (
        "No key was given"
        not in said(tmp_path / "good", "--vkey-file", tmp_path / "good" / "ledger.vkey")[1]
    )
    code, text = said(tmp_path / "bad")
    assert (code, text.startswith("DROPPED: ")) == (1, True)
    assert said(tmp_path / "nowhere")[0] == 2


def test_it_is_short_and_needs_the_standard_library_alone():
    text = PROGRAM.read_text("utf-8")
    written_lines = [line for line in text.splitlines() if line.strip()]
    assert len(written_lines) < 360
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        assert {name.partition(".")[0] for name in names} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("count", [1, 12])
def test_its_signatures_are_those_of_the_library(count):
    load = f"""
import json, runpy, sys
signed_by = runpy.run_path({str(PROGRAM)!r})["signed_by"]
print([signed_by(*(bytes.fromhex(item) for item in case)) for case in json.load(sys.stdin)])
"""
    cases, expected = [], []
    for number in range(count):
        key = Ed25519PrivateKey.generate()
        message, public = b"x" * number, key.public_key().public_bytes_raw()
        signature = key.sign(message)
        late = (int.from_bytes(signature[32:], "little") + 2**252).to_bytes(32, "little")
        for bad in (
            signature,
            signature[:-1] + bytes([signature[-1] ^ 1]),
            bytes([signature[0] ^ 1]) + signature[1:],
            signature[:32] + late,
            signature[:63],
        ):
            cases.append([public.hex(), message.hex(), bad.hex()])
            expected.append(bad == signature)
        cases.append([(b"\xff" * 32).hex(), message.hex(), signature.hex()])
        expected.append(False)
    ran = subprocess.run(
        [sys.executable, "-I", "-c", load],
        input=json.dumps(cases).encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout.decode().strip() == str(expected)


def signed_log(leaves, key):
    log = NoteVerifier("vault.example/log", key.public_key().public_bytes_raw())
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    note = Checkpoint(log.name, len(leaves), merkle.root(hashes)).sign(log, key.sign)
    return {
        export.ENTRIES: b"".join(leaf + b"\n" for leaf in leaves),
        export.HASHES: b"".join(export.format_hashes(hashes)),
        export.CHECKPOINTS: note,
        export.VKEY: export.format_vkey(log),
    }


def put(folder, files):
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [folder]


@pytest.mark.parametrize("detail", ["[]", '"key"', "1", "null"])
def test_a_change_of_key_without_a_detail_is_no_entry(tmp_path, detail):
    leaf = Entry(0, "2026-11-22", "key.changed", "system", {}, {"key": "ledger"}).encode()
    leaf = leaf.replace(b'{"key":"ledger"}', detail.encode())
    files = signed_log([leaf], Ed25519PrivateKey.generate())
    assert run(put(tmp_path / "log", files)) == [("changed", 0)]


@pytest.mark.parametrize(
    "name", [export.ENTRIES, export.HASHES, export.CHECKPOINTS, export.VKEY, export.SINCE]
)
def test_a_file_without_measure_is_refused_and_not_read_to_its_end(tmp_path, name):
    """Sixteen gigabytes that take no room on the disk; the process may have one."""
    leaf = Entry(0, "2026-11-22", "backup", "system").encode()
    files = signed_log([leaf], Ed25519PrivateKey.generate()) | {name: b""}
    folder = put(tmp_path / "log", files)
    os.truncate(folder[0] / name, 2**34)
    assert run(folder) == [("fault", None)]


@pytest.mark.parametrize("line", [b"[" * 60_000, b"1" * 60_000, b'{"seq":' + b"1" * 4_000 + b"}"])
def test_what_no_reader_should_parse_is_called_changed(tmp_path, line):
    files = signed_log([line], Ed25519PrivateKey.generate())
    assert run(put(tmp_path / "log", files)) == [("changed", 0)]


def test_a_time_that_is_none_is_not_said(tmp_path):
    """It does not judge what entries say; what it repeats must steer no terminal."""
    leaf = Entry(0, "2026-11-22", "backup", "system").encode()
    leaf = leaf.replace(b"2026-11-22", "2026\x9b2K-11".encode())
    folder = put(tmp_path / "log", signed_log([leaf], Ed25519PrivateKey.generate()))
    for more in ([], ["--json"]):
        command = [sys.executable, "-I", str(PROGRAM), str(folder[0]), *more]
        said = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
        assert said.rstrip("\n").isprintable()
        assert "2026" not in said


@pytest.mark.parametrize("more", [b"\n", b"\n\n", b" \n", b"\r\n", b"\x00\n", b"\xe2\x80\xa8\n"])
def test_it_takes_no_line_more_than_the_program(tmp_path, more):
    """Two readers that differ over one file: the copy is whole for one and none for the other."""
    leaf = Entry(0, "2026-11-22", "backup", "system").encode()
    files = signed_log([leaf], Ed25519PrivateKey.generate())
    files[export.CHECKPOINTS] += more
    with pytest.raises(FormatError):
        list(export.parse_checkpoints(BytesIO(files[export.CHECKPOINTS])))
    assert run(put(tmp_path / "log", files)) == [("fault", None)]
