"""What the pages use, made once and passed in."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from flask import current_app

from vault.agents.address import INTAKE, socket_path
from vault.agents.api import SessionAgent
from vault.agents.client import SessionClient
from vault.errors import StorageError
from vault.forms.body import View, load_body
from vault.forms.codes import CodeLists
from vault.forms.model import Forms
from vault.forms.own import questions
from vault.forms.wording import Wording
from vault.letterbox import Letterbox
from vault.letterbox.uploads import Uploads
from vault.safe.process import SafeProcess
from vault.settings import Settings, from_environment
from vault.testimony import Return, Tell
from vault.testimony.attaching import Looks

_KEY = "witness-vault-intake"


@dataclass(frozen=True)
class Services:
    """Everything behind the pages of intake."""

    settings: Settings
    agent: SessionAgent
    forms: Forms
    codes: CodeLists
    questions: Mapping[str, Wording]
    tell: Tell
    back: Return

    @cached_property
    def body(self) -> tuple[View, ...]:
        """The drawings of the body map."""
        return load_body(self.codes)

    @cached_property
    def uploads(self) -> Uploads:
        """Where sealed files go."""
        return Uploads(self.settings.paths.letterbox, self.settings.uploads)

    @cached_property
    def looks(self) -> Looks:
        """What looks into files, in processes of their own.

        Whoever asks has a place (`uploads.place`), so few wait here, each for one look at most.
        """
        return SafeProcess(self.settings.files, patience=self.settings.files.seconds)

    @classmethod
    def connect(cls, settings: Settings, agent: SessionAgent) -> Services:
        """Return services over the letterbox that `settings` names."""
        own = questions()
        letterbox = Letterbox(settings.paths.letterbox, settings.letterbox)
        return cls(
            settings=settings,
            agent=agent,
            forms=own.forms,
            codes=own.codes,
            questions=own.wordings,
            tell=Tell(letterbox, agent, own.forms, settings),
            back=Return(letterbox, agent, own.forms, settings),
        )

    @classmethod
    def from_environment(cls) -> Services:
        """Return services of the vault that the environment names.

        Raises:
            SettingError: settings, forms or wording are not complete.
        """
        settings = from_environment()
        return cls.connect(settings, SessionClient(socket_path(settings, INTAKE)))

    @property
    def onion(self) -> str:
        """The onion address of intake, without a path; empty if there is none."""
        stated = self.settings.intake.onion
        return "" if stated == "none" else stated

    def install(self, app: object) -> None:
        """Make these the services of `app`."""
        with suppress(StorageError):  # files wait then, words do not
            self.uploads.make_places()
        cast("dict[str, object]", app.extensions)[_KEY] = self  # type: ignore[attr-defined]


def services() -> Services:
    """Return the services of the application that answers now."""
    return cast("Services", current_app.extensions[_KEY])
