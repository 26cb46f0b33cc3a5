"""Shares as people type them: unseen, a few words at a time, each word checked at once.

A share is never an argument. Others in the room hold shares of their own, so nothing that is typed
is shown; to keep that bearable a wrong word is named by its place as soon as it was typed, and what
was right stays.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

import click

from vault.cli.common import check_memory_backed
from vault.crypto import shares, words
from vault.errors import InputError, ShareError, ShareMistypedError

MAX_INPUT = shares.MAX_SHARES * shares.MAX_TEXT


def read_shares(descriptor: int | None, file: Path | None) -> list[str]:
    """Return shares from a descriptor or a memory-backed file, one on a line, or ask for them.

    Raises:
        InputError: none of them gives any, or the file lies on a disk.
    """
    if descriptor is not None:
        return _split(_read(os.fdopen(descriptor, "rb")))
    if file is not None:
        check_memory_backed(file)
        return _split(_read(file.open("rb")))
    if not sys.stdin.isatty():
        raise InputError("no terminal to ask for the shares: use --shares-fd or --shares-file")
    return _ask()


def _ask() -> list[str]:
    typed: list[str] = []
    needed = 1
    while len(typed) < needed:
        share = _ask_one(len(typed) + 1)
        try:
            needed, number = shares.check(share)
        except ShareError as fault:
            _tell(_of_one(fault))
            continue
        typed.append(share)
        _tell(f"Taken: number {number} of its set. {needed} are needed, {len(typed)} are here.")
    return typed


def _ask_one(number: int) -> str:
    """Return the words of one share, each known; how they belong together is not looked at."""
    _tell(
        f"Share {number}: {shares.SHARE_WORDS} words. Nothing is shown. Type as many as you like,"
        " then Enter; four letters of a word are enough."
    )
    known: list[str] = []
    while len(known) < shares.SHARE_WORDS:
        line = click.prompt("Words", hide_input=True, err=True, prompt_suffix=": ")
        for token in words.tokens(line[: shares.MAX_TEXT]):
            index = words.slip39().find(token)
            if index is None or len(known) == shares.SHARE_WORDS:
                _tell(f"Word {len(known) + 1} is not in the list: go on from there.")
                break
            known.append(words.slip39().words[index])
        _tell(f"{len(known)} of {shares.SHARE_WORDS}")
    return " ".join(known)


def _of_one(fault: ShareError) -> str:
    word = fault.word if isinstance(fault, ShareMistypedError) else None
    if word is not None:
        return f"Look at word {word} and the one after it, and type this share again."
    return f"{fault.text} Type this share again."


def _read(stream: BinaryIO) -> bytes:
    try:
        with stream as opened:
            data = opened.read(MAX_INPUT + 1)
    except OSError as error:
        raise InputError("the shares cannot be read") from error
    return data


def _split(data: bytes) -> list[str]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("what was read is not UTF-8") from None  # the error would hold a share
    lines = [line for line in text.splitlines() if line.strip()]
    if len(data) > MAX_INPUT or not 0 < len(lines) <= shares.MAX_SHARES:
        raise InputError(f"1 to {shares.MAX_SHARES} shares expected, one on a line")
    return lines


def _tell(text: str) -> None:
    click.echo(text, err=True)
