"""Every error this program raises on purpose, under one root.

Each class says in `code` which sentence of the translations tells a person what happened and what
to do; `text` is the English sentence for terminals and logs. No error ever carries plaintext, keys,
receipts, passphrases or what a person typed: whatever is passed to one may end up in a log.

Exit codes of the command line follow the class: 1 refused with a reason, 2 wrong usage.
"""

from __future__ import annotations

from typing import ClassVar


class WitnessVaultError(Exception):
    """Root of all errors raised on purpose.

    Args:
        detail: which setting, file or number; never content, never a secret.
    """

    code: ClassVar[str] = "error.general"
    text: ClassVar[str] = "The request was refused."
    exit_code: ClassVar[int] = 1

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        super().__init__(f"{self.text} ({detail})" if detail else self.text)


# --- formats -------------------------------------------------------------------------------------


class FormatError(WitnessVaultError):
    """Bytes are not in the format they claim: shape, size, version or canonical form."""

    code = "error.format"
    text = "This is not in the expected format."


class UnknownVersionError(FormatError):
    """The format tag names a version this program does not know."""

    code = "error.version"
    text = "This was made by another version of the program."


# --- cryptography --------------------------------------------------------------------------------


class SealError(WitnessVaultError):
    """A sealed message did not open: damaged, moved to another place, or not ours."""

    code = "error.seal"
    text = "The seal is broken: this was changed, moved, or sealed for something else."


class WrongKeyError(SealError):
    """A sealed message names another recipient key than the one offered."""

    code = "error.wrong_key"
    text = "This was sealed to another key."


class MacError(SealError):
    """A message authentication code does not match: not sent by the holder of the receipt."""

    code = "error.mac"
    text = "This was not sent with the receipt it claims."


class SignatureError(WitnessVaultError):
    """A signature does not verify."""

    code = "error.signature"
    text = "The signature does not verify."


class WrongPassphraseError(WitnessVaultError):
    """A passphrase does not open the key it guards."""

    code = "error.passphrase"
    text = "This passphrase does not open the key."


# --- receipts ------------------------------------------------------------------------------------


class ReceiptError(WitnessVaultError):
    """The words of a receipt cannot be read."""

    code = "error.receipt"
    text = "These words cannot be read as a receipt."


class ReceiptLengthError(ReceiptError):
    """Not twelve words. `found` is how many were read, None where that says nothing."""

    code = "error.receipt.length"
    text = "A receipt has twelve words."

    def __init__(self, found: int | None = None) -> None:
        self.found = found
        super().__init__()


class UnknownWordError(ReceiptError):
    """One word stands in no list, or in `other` than the rest.

    `position` is 1 to 12; the word itself is not kept.
    """

    code = "error.receipt.unknown_word"
    text = "One of the words is not in the list."

    def __init__(self, position: int, *, other: bool = False) -> None:
        self.position, self.other = position, other
        super().__init__(f"word {position}")


class ReceiptChecksumError(ReceiptError):
    """All words are known, but they do not belong together in this order."""

    code = "error.receipt.checksum"
    text = "The words are known, but one of them or their order is wrong."


# --- shares of the recovery key ------------------------------------------------------------------


class ShareError(WitnessVaultError):
    """Shares of a recovery key cannot be put together.

    `position` is the share at fault, from 1 in the order given, or None if no single one is named.
    """

    code = "error.share"
    text = "These shares cannot be put together."

    def __init__(self, detail: str = "", *, position: int | None = None) -> None:
        self.position = position
        super().__init__(detail if position is None else f"share {position}")


class ShareMistypedError(ShareError):
    """A share's own checksum does not match: a word is wrong, missing or in another place.

    `word` is the place of the word at fault, or of the first of two that changed places, from 1;
    None if it cannot be known. The word itself is not kept.
    """

    code = "error.share.mistyped"
    text = "A word of this share is wrong, missing, or in the wrong place."

    def __init__(self, detail: str = "", *, position: int, word: int | None = None) -> None:
        super().__init__(position=position)
        self.word = word
        self.detail = ", ".join(
            part for part in (self.detail, f"word {word}" if word else "", detail) if part
        )
        self.args = (f"{self.text} ({self.detail})",)


class ForeignShareError(ShareError):
    """A share belongs to another key than the others."""

    code = "error.share.foreign"
    text = "This share belongs to another set than the others."


class RepeatedShareError(ShareError):
    """A share was given before: it counts once."""

    code = "error.share.repeated"
    text = "This share was given twice."


class WrongShareError(ShareError):
    """A share is sound in itself and of the right set, but does not fit the others."""

    code = "error.share.wrong"
    text = "This share does not fit the others: it was not made with them."


class MissingSharesError(ShareError):
    """Fewer shares than needed; `missing` says how many more."""

    code = "error.share.missing"
    text = "More shares are needed."

    def __init__(self, missing: int) -> None:
        self.missing = missing
        super().__init__(f"{missing} missing")


# --- roster and grants ---------------------------------------------------------------------------


class RosterError(WitnessVaultError):
    """The roster does not verify: signature, chain, rollback."""

    code = "error.roster"
    text = "The list of members does not verify."


class RosterExpiredError(RosterError):
    """The roster's time is over; nothing may be sealed until it is renewed."""

    code = "error.roster.expired"
    text = "The list of members has expired."


class NotOpenYetError(WitnessVaultError):
    """Nobody is enrolled who could receive a testimony: intake takes nothing."""

    code = "error.not_open"
    text = "This place is not open yet."


class NoGrantError(WitnessVaultError):
    """The member holds no grant for what was asked."""

    code = "error.no_grant"
    text = "You hold no key for this."


# --- input ---------------------------------------------------------------------------------------


class InputError(WitnessVaultError):
    """What a person typed cannot be taken; the page keeps it and says why."""

    code = "error.input"
    text = "This cannot be taken as it is."


class WeakPassphraseError(InputError):
    """A chosen passphrase could be guessed; `reason` is one of the words of `members.estimate`."""

    code = "error.input"
    text = "This passphrase could be guessed."

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()


class NobodyFitsError(InputError):
    """A witness wishes for readers of one gender, and nobody who could receive it now fits."""

    code = "error.nobody_fits"
    text = "Nobody who could receive this now is of the gender that is wished for."


class TooLongError(InputError):
    """A text or request is over its stated limit."""

    code = "error.too_long"
    text = "This is over the limit."


class EmptyFileError(InputError):
    """A file without a byte: nothing that could be sealed or sent."""

    code = "error.empty_file"
    text = "This file is empty."


class EncodingError(InputError):
    """Bytes are not valid UTF-8, or hold characters that no text needs (NUL, controls)."""

    code = "error.encoding"
    text = "This holds characters that cannot be kept."


class CannotBeShownError(InputError):
    """A file is not of a kind that is looked into, or is damaged, or is over a limit.

    The detail is one of `vault.safe.job.WORDS`.
    """

    code = "error.cannot_be_shown"
    text = "This cannot be shown."


class UnknownFormError(InputError):
    """No such form."""

    code = "error.unknown_form"
    text = "There is no such form."
    exit_code = 2


# --- running -------------------------------------------------------------------------------------


class SettingError(WitnessVaultError):
    """A setting is missing, unknown or out of its bounds; the start stops and names it."""

    code = "error.setting"
    text = "A setting stops the start."
    exit_code = 2


class FormsError(SettingError):
    """A form, a code list or a wording has a slip; names the file and, where it can, the line."""

    text = "The forms are not in order."


class StorageError(WitnessVaultError):
    """Something could not be kept or read: disk full, unreadable, damaged."""

    code = "error.storage"
    text = "This could not be kept. Nothing was half-written."


class NoEntryError(StorageError):
    """The access log took no entry, so nothing was done and nothing may be shown."""

    code = "error.no_entry"
    text = "The access log takes no entry now, so nothing is opened and nothing is changed."


class WrongDatabaseKeyError(StorageError):
    """The database does not open with this key."""

    code = "error.database_key"
    text = "The database does not open with this key."


class NoRoomError(StorageError):
    """Files must wait until there is room again; words still arrive."""

    code = "error.no_room"
    text = "There is no room for files now. Words still arrive."


class ConflictError(StorageError):
    """A row is already there, or points to one that is not."""

    code = "error.conflict"
    text = "This is already there, or belongs to something that is not."


class BackupError(WitnessVaultError):
    """A backup cannot be used: two of a kind, other files than belong in one, changed inside."""

    code = "error.backup"
    text = "This backup cannot be used."


class ForeignBackupError(BackupError):
    """A backup belongs to another vault."""

    code = "error.backup.foreign"
    text = "This backup belongs to another vault."


class ExpiredBackupError(BackupError):
    """A short-lived backup is past its last day: its old erasure keys would undo deletions."""

    code = "error.backup.expired"
    text = "The last day of this backup is over: what was deleted since would come back."


class AgentError(WitnessVaultError):
    """The key agent does not answer or refuses."""

    code = "error.agent"
    text = "The key agent does not answer."


class LockedError(AgentError):
    """The vault is locked: its key is not in memory."""

    code = "error.locked"
    text = "The vault is locked."


class BusyError(WitnessVaultError):
    """A bounded queue is full; trying again later helps."""

    code = "error.busy"
    text = "Too much is asked at once. Try again in a moment."


class SessionEndedError(WitnessVaultError):
    """The session is over: idle, absolute end, signed out, or the agent was restarted."""

    code = "error.session"
    text = "The session has ended."


class SignInError(WitnessVaultError):
    """Login, passphrase or code is wrong; which of them is never said."""

    code = "error.sign_in"
    text = "Login, passphrase or code is wrong."


class NotFoundError(WitnessVaultError):
    """No such thing, or not for this member: the answer is the same."""

    code = "error.not_found"
    text = "There is nothing here."


class RefusedError(WitnessVaultError):
    """The rules do not allow this now."""

    code = "error.refused"
    text = "This is not allowed now."


class NotArrivedError(RefusedError):
    """A file that was named, and is not here whole."""

    code = "error.not_arrived"
    text = "This file has not arrived whole."


class KeptBackError(RefusedError):
    """The witness lets nobody, or nobody of this capacity, see this file yet."""

    code = "error.kept_back"
    text = "The witness does not let you see this file yet."


class ErasedError(RefusedError):
    """The account under these words was deleted; nothing can be added to it or asked of it."""

    code = "error.erased"
    text = "This was deleted."


class BarredError(RefusedError):
    """A member may never see this case: a conflict of interest was stated."""

    code = "error.barred"
    text = "This person may not see this case: a conflict of interest was stated."


class TooManyDraftsError(RefusedError):
    """A member keeps as many drafts in this case as they may."""

    code = "error.drafts"
    text = "You keep too many drafts here: send or discard one first."


class NotAgreedError(RefusedError):
    """The witness has not let a doctor, or an interpreter, read."""

    code = "error.not_agreed"
    text = "The witness has not said yes to this."


class NotWishedError(RefusedError):
    """The witness wishes for a reader of another gender."""

    code = "error.not_wished"
    text = "The witness wishes for a reader of another gender."


# --- ledger --------------------------------------------------------------------------------------


class LedgerError(WitnessVaultError):
    """The ledger does not verify. `seq` is the first entry at fault, when it can be named.

    `named` is what happened to it, in one word, for programs that read our answers.
    """

    code = "error.ledger"
    text = "The ledger does not verify."
    named: ClassVar[str] = "fault"

    def __init__(self, detail: str = "", *, seq: int | None = None) -> None:
        self.seq = seq
        super().__init__(detail)


class ChangedError(LedgerError):
    """An entry is another than the one that was recorded, signed or kept."""

    text = "The ledger does not verify: an entry was changed."
    named = "changed"


class DroppedError(LedgerError):
    """An entry is missing."""

    text = "The ledger does not verify: an entry was dropped."
    named = "dropped"


class InsertedError(LedgerError):
    """An entry was put in."""

    text = "The ledger does not verify: an entry was inserted."
    named = "inserted"


class ReorderedError(LedgerError):
    """An entry stands elsewhere."""

    text = "The ledger does not verify: entries were reordered."
    named = "reordered"


class RewrittenError(LedgerError):
    """Entries with their hashes are others than those that were signed: how, cannot be told."""

    text = "The ledger does not verify: it was rewritten."
    named = "rewritten"


class RolledBackError(LedgerError):
    """The log ends before what was seen of it; `seq` is the first entry that is gone."""

    text = "The ledger was rolled back."
    named = "rolled back"


class ForkedError(LedgerError):
    """The log signed two histories; `seq` is the first entry in which they may differ."""

    text = "The ledger was forked: its key signed two histories."
    named = "forked"


class EmptyTreeError(LedgerError):
    """A tree of no leaves: nothing stands in it, so nothing can be proven of it."""

    text = "The log is empty: nothing stands in it."


class NoSuchEntryError(LedgerError):
    """An index that no leaf of the tree has; `seq` is the index."""

    text = "The log has no entry of this number."


class EmptyProofError(LedgerError):
    """A proof without hashes where the tree needs some."""

    text = "The proof is empty."


class HashSizeError(FormatError):
    """A hash that does not have 32 bytes."""

    text = "A hash does not have its size."


class EmptyHashError(HashSizeError):
    """A hash of no bytes."""

    text = "A hash is empty."


class DateError(WitnessVaultError):
    """A proof of date does not hold."""

    code = "error.date"
    text = "This does not prove the day."


class NotCommittedError(DateError):
    """Words or a salt that are not those of the statement; the detail names the part."""

    text = "What is shown was changed: it is not what the statement was sealed with."


class NotNotedError(DateError):
    """The entry is not one that notes this statement: another statement's, or something changed."""

    text = "The entry of the log does not note this statement."


class AnotherCheckpointError(DateError):
    """The checkpoint that was kept outside is not the one of the file."""

    text = "The checkpoint kept outside does not confirm this one."


class CannotProveError(DateError):
    """The log holds no commitment of a record: it was sent with a wrong one."""

    code = "error.date.none"
    text = "The day of this cannot be proven: the log holds nothing that fits it."
