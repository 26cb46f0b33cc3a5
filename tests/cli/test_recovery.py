"""Recovery as people do it: files carried between a vault and a machine without one."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import click
import pytest

from tests.cli import session
from tests.support.factor import fresh_code
from tests.support.house import passphrase_of
from vault.agents.kdf import LocalKdf
from vault.cases.epochs import recovering
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cli import offline, recovery, typed
from vault.cli.common import _file_system
from vault.crypto import shares
from vault.custody import keys, rosters
from vault.custody.recovery import combining
from vault.errors import InputError

DEFAULT_ROUTE = "Iface Destination Gateway\neth0 00000000 010200C0\n"
LOCAL_ROUTES = "Iface Destination Gateway\nlo 00000000 00000000\neth0 000200C0 00000000\n"


@pytest.fixture
def left(served):
    """A served vault with a case whose only lawyer is gone."""
    served.send()
    officer, lawyer = served.actors["officer"], served.actors["lawyer"]
    (line,) = inbox.new_cases(served.vault, officer)
    assign.give(served.vault, officer, line.id, lawyer.id, None)
    root = keys.open_root_key(served.settings, served.sheet.root_passphrase, LocalKdf())
    rosters.end(served.vault, "lawyer", root)
    return served


@pytest.fixture
def away(monkeypatch, tmp_path):
    """A folder of a machine that has neither a vault nor a network."""
    monkeypatch.setattr(offline, "ROUTES", tmp_path / "none")
    monkeypatch.setattr(offline, "ROUTES_6", tmp_path / "none")
    made = Path(tempfile.mkdtemp(prefix="away", dir="/tmp"))
    assert _file_system(made) != "tmpfs"
    yield made
    shutil.rmtree(made)


def run(line, place, monkeypatch):
    monkeypatch.chdir(place)
    return session.run(f"witness-vault {line}")


def write(path, lines):
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def shares_file(memory, house, *at):
    lines = [house.sheet.recovery_shares[n] for n in at]
    return write(memory / f"shares{''.join(map(str, at))}", lines)


def request(house, place, monkeypatch, out="request"):
    write(place / "member.pass", [passphrase_of("admin")])
    write(place / "member.code", [fresh_code(house.vault, "admin")])
    return run(
        f"recovery request deputy --by admin --out {out}"
        " --passphrase-fd 3 3<member.pass --code-fd 4 4<member.code --json",
        place,
        monkeypatch,
    )


def combine(house, away, monkeypatch, fingerprint, source, *more):
    root = house.sheet.root_fingerprint
    return run(
        f"recovery combine request --out answer --root-key {shlex.quote(root)}"
        f" --fingerprint {shlex.quote(fingerprint)} --shares-file {source} {' '.join(more)}",
        away,
        monkeypatch,
    )


@pytest.fixture
def carried(left, place, away, monkeypatch):
    """The request lies on the other machine; gives the fingerprint that its lawyer tells."""
    done = request(left, place, monkeypatch)
    assert done.exit_code == 0, done.err
    (away / "request").write_bytes((place / "request").read_bytes())
    return json.loads(done.out)["fingerprint"]


def test_ask_combine_elsewhere_and_accept(left, place, away, memory, carried, monkeypatch):
    listed = json.loads(run("recovery list --json", place, monkeypatch).out)
    assert len(listed["cases"]) == 1
    done = combine(left, away, monkeypatch, carried, shares_file(memory, left, 2, 0))
    assert done.exit_code == 0, done.err
    assert "Sealed: 2 testimonies and case files" in done.out
    (place / "answer").write_bytes((away / "answer").read_bytes())
    done = run("recovery accept answer", place, monkeypatch)
    assert done.out == "1 cases have a lawyer again; 0 were passed over.\n"
    assert run("recovery list", place, monkeypatch).out == "No case is without a holder.\n"
    assert run("recovery accept answer", place, monkeypatch).exit_code == 1
    for folder in (place, away):
        for file in (path for path in folder.rglob("*") if path.is_file()):
            data = file.read_bytes()
            seed = shares.combine(left.sheet.recovery_shares[:2]).secret
            assert seed not in data
            assert not any(share.encode() in data for share in left.sheet.recovery_shares)


def test_who_asks_signs_in(left, place, monkeypatch):
    write(place / "member.pass", ["another passphrase of somebody"])
    write(place / "member.code", ["000000"])
    done = run(
        "recovery request deputy --by admin --out request"
        " --passphrase-fd 3 3<member.pass --code-fd 4 4<member.code",
        place,
        monkeypatch,
    )
    assert done.exit_code == 1
    assert "Login, passphrase or code is wrong" in done.err
    assert not (place / "request").exists()
    left.vault.journal.write_refusals()
    assert "recovery.requested" not in [entry.kind for entry in left.vault.journal.read()]


@pytest.mark.parametrize("option", ["root-key", "fingerprint"])
def test_what_does_not_compare_is_refused(left, away, memory, carried, monkeypatch, option):
    given = {"root-key": left.sheet.root_fingerprint, "fingerprint": carried}
    given[option] = "0000 " * 8
    stated = " ".join(f"--{name} {shlex.quote(value)}" for name, value in given.items())
    source = shares_file(memory, left, 0, 1)
    done = run(
        f"recovery combine request --out answer {stated} --shares-file {source}",
        away,
        monkeypatch,
    )
    assert (done.exit_code, f"the {option} is another" in done.err) == (1, True)
    assert not (away / "answer").exists()


def test_nobody_to_compare_is_refused(away, carried, monkeypatch):
    done = run("recovery combine request --out answer", away, monkeypatch)
    assert "give it with --root-key" in done.err


def test_people_are_told_by_which_list_of_members_they_give(
    left, away, carried, monkeypatch, capsys
):
    """A request that holds only the first versions names a lawyer who has ended since."""
    examined = combining.examine((away / "request").read_bytes())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: True)
    recovery._agree(examined, None, None)
    roster = left.vault.roster()
    told = f"version {roster.version} of the list of members, of {roster.issued[:10]}"
    assert told in capsys.readouterr().err


def test_a_mistyped_share_is_named_with_its_word(left, away, memory, carried, monkeypatch):
    words = left.sheet.recovery_shares[1].split()
    words[6] = "academic" if words[6] != "academic" else "acid"
    source = write(memory / "s", [left.sheet.recovery_shares[0], " ".join(words)])
    done = combine(left, away, monkeypatch, carried, source)
    assert done.exit_code == 1
    assert "(share 2, word 7)" in done.err
    assert not any(word in done.err.split() for word in words if len(word) > 6)


def test_a_share_of_another_set_is_named(left, away, memory, carried, monkeypatch):
    other = shares.split(b"x" * 32, 2, 3)
    source = write(memory / "s", [left.sheet.recovery_shares[0], other[1]])
    done = combine(left, away, monkeypatch, carried, source)
    assert "another set than the others. (share 2)" in done.err
    source = write(memory / "s", [other[1], *left.sheet.recovery_shares[:2]])
    done = combine(left, away, monkeypatch, carried, source)
    assert done.exit_code == 0
    assert "(share 1)" in done.out


def test_a_whole_set_of_another_key_is_refused(left, away, memory, carried, monkeypatch):
    source = write(memory / "s", shares.split(b"x" * 32, 2, 3))
    done = combine(left, away, monkeypatch, carried, source)
    assert "not parts of the secret looked for" in done.err


def test_shares_on_a_disk_are_refused(left, away, carried, monkeypatch):
    source = write(away / "s", left.sheet.recovery_shares)
    done = combine(left, away, monkeypatch, carried, source)
    assert "must lie on memory-backed storage" in done.err


def test_nothing_is_written_over(left, away, memory, carried, monkeypatch):
    (away / "answer").write_text("kept")
    done = combine(left, away, monkeypatch, carried, shares_file(memory, left, 0, 1))
    assert "exists already" in done.err
    assert (away / "answer").read_text() == "kept"


# --- only away from the vault --------------------------------------------------------------------


@pytest.mark.parametrize("command", ["combine {} --out x", "test {}", "split --out {}-new"])
def test_not_beside_a_vault(left, place, away, monkeypatch, command):
    (place / "a").write_text("x")
    (place / "var" / "a").write_text("x")
    for beside in (place, place / "var", place / "var" / "keys"):
        (beside / "a").write_text("x")
        done = run(f"recovery {command.format('a')}", beside, monkeypatch)
        assert (done.exit_code, "a vault lies in" in done.err) == (1, True), done.err


def test_not_where_a_vault_is_served(away, monkeypatch):
    (away / "request").write_text("x")
    monkeypatch.setenv("WITNESS_VAULT_DIR", "/somewhere")
    done = run("recovery combine request --out answer", away, monkeypatch)
    assert "serves a vault" in done.err


def test_not_where_there_is_a_network(away, monkeypatch, tmp_path):
    (away / "request").write_text("x")
    monkeypatch.setattr(offline, "ROUTES", write(tmp_path / "routes", DEFAULT_ROUTE.split("\n")))
    done = run("recovery combine request --out answer", away, monkeypatch)
    assert (done.exit_code, "this machine is connected" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("routes", "routes_6", "out"),
    [
        (LOCAL_ROUTES, "", False),
        (DEFAULT_ROUTE, "", True),
        ("", f"{'0' * 32} 00 {'0' * 32} 00 {'0' * 32} ffffffff 1 0 00200200 lo\n", False),
        ("", f"{'0' * 32} 00 {'0' * 32} 00 {'0' * 32} 00000400 1 0 00000003 eth0\n", True),
    ],
)
def test_a_way_out_is_a_default_route(monkeypatch, tmp_path, routes, routes_6, out):
    (tmp_path / "4").write_text(routes)
    (tmp_path / "6").write_text(routes_6)
    monkeypatch.setattr(offline, "ROUTES", tmp_path / "4")
    monkeypatch.setattr(offline, "ROUTES_6", tmp_path / "6")
    assert offline.connected() == out


# --- a new key, every year -----------------------------------------------------------------------


def split(away, monkeypatch):
    done = run("recovery split --out new-key --json --sheet-to-fd 4 4>sheet", away, monkeypatch)
    assert done.exit_code == 0, done.err
    made = json.loads((away / "sheet").read_text())["recovery_shares"]
    (away / "sheet").unlink()
    return made


def renew(place, monkeypatch):
    return run("recovery renew new-key --passphrase-fd 3 3<root.pass", place, monkeypatch)


def test_the_yearly_ceremony(left, place, away, memory, monkeypatch):
    made = split(away, monkeypatch)
    write(memory / "new", made[1:])
    done = run(f"recovery test new-key --shares-file {memory / 'new'}", away, monkeypatch)
    assert done.exit_code == 0, done.err
    (place / "new-key").write_bytes((away / "new-key").read_bytes())
    done = renew(place, monkeypatch)
    assert "keep the earlier shares" in done.out
    kinds = [entry.kind for entry in left.vault.journal.read()]
    assert kinds[-2:] == ["key.changed", "roster.published"]
    left.send()
    # What came before stays sealed to the earlier key.
    (case,) = recovering.without_holder(left.vault)
    assert (
        case.recovery
        != json.loads(run("recovery list --json", place, monkeypatch).out)["recovery_key"]
    )
    assert renew(place, monkeypatch).exit_code == 1


def test_a_key_whose_shares_were_not_tested_is_not_published(
    left, place, away, memory, monkeypatch
):
    made = split(away, monkeypatch)
    (place / "new-key").write_bytes((away / "new-key").read_bytes())
    assert "were not tested yet" in renew(place, monkeypatch).err
    write(memory / "new", made[:1])
    done = run(f"recovery test new-key --shares-file {memory / 'new'}", away, monkeypatch)
    assert "1 missing" in done.err
    write(memory / "new", left.sheet.recovery_shares)
    done = run(f"recovery test new-key --shares-file {memory / 'new'}", away, monkeypatch)
    assert "not parts of the secret looked for" in done.err
    assert json.loads((away / "new-key").read_text())["proof"] is None


def test_a_proof_of_another_key_is_refused(left, place, away, memory, monkeypatch):
    made = split(away, monkeypatch)
    write(memory / "new", made)
    run(f"recovery test new-key --shares-file {memory / 'new'}", away, monkeypatch)
    proven = json.loads((away / "new-key").read_text())
    (away / "new-key").unlink()
    split(away, monkeypatch)
    other = json.loads((away / "new-key").read_text())
    (place / "new-key").write_bytes(
        json.dumps(
            other | {"proof": proven["proof"]}, sort_keys=True, separators=(",", ":")
        ).encode()
    )
    done = renew(place, monkeypatch)
    assert (done.exit_code, "its shares were tested" in done.err) == (1, True)


def test_the_new_key_is_shown_to_nobody_but_those_at_the_machine(away, monkeypatch):
    done = run("recovery split --out new-key", away, monkeypatch)
    assert "no terminal to show the sheet on" in done.err
    assert not (away / "new-key").exists()


# --- typing --------------------------------------------------------------------------------------


@pytest.fixture
def keyboard(monkeypatch):
    """Give what is typed line by line; returns what was told."""
    told = []

    def type_(*lines):
        waiting = iter(lines)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr(typed.sys, "stdin", type("Tty", (), {"isatty": lambda _: True})())
        monkeypatch.setattr(typed.click, "prompt", lambda *_, **__: next(waiting))
        monkeypatch.setattr(typed.click, "echo", lambda text, **_: told.append(text))
        return told

    return type_


def test_shares_are_typed_a_few_words_at_a_time(keyboard):
    made = shares.split(b"s" * 32, 2, 3)
    first, second = (share.split() for share in made[:2])
    told = keyboard(" ".join(first[:10]), " ".join(first[10:]), " ".join(w[:4] for w in second))
    assert shares.combine(typed.read_shares(None, None)).secret == b"s" * 32
    assert "10 of 33" in told


def test_a_wrong_word_is_told_at_once_and_what_was_right_stays(keyboard):
    made = shares.split(b"s" * 32, 2, 3)
    first = made[0].split()
    told = keyboard(" ".join([*first[:4], "xyzzy", *first[5:9]]), " ".join(first[4:]), made[1])
    assert shares.combine(typed.read_shares(None, None)).secret == b"s" * 32
    assert "Word 5 is not in the list: go on from there." in told
    assert not any("xyzzy" in line for line in told)


def test_a_share_with_two_words_changed_over_is_typed_again(keyboard):
    made = shares.split(b"s" * 32, 2, 3)
    wrong = made[0].split()
    wrong[8], wrong[9] = wrong[9], wrong[8]
    told = keyboard(" ".join(wrong), made[0], made[1])
    assert shares.combine(typed.read_shares(None, None)).secret == b"s" * 32
    assert "Look at word 9 and the one after it, and type this share again." in told


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xff\xfe", b"x\n" * 17, b"x" * 40_000])
def test_a_file_that_holds_no_shares_is_refused_and_not_repeated(memory, data):
    (memory / "s").write_bytes(data)
    with pytest.raises(InputError) as caught:
        typed.read_shares(None, memory / "s")
    assert "\\xff" not in str(caught.value)
