"""Pages of some roles. The keys decide what can be opened; this keeps the rest out of the way."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from vault.errors import NotFoundError
from vault.web.inside import who

_P = ParamSpec("_P")
_R = TypeVar("_R")


def for_those_who(does: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Let only those have a page whose roles do this; for others there is nothing here.

    Args:
        does: a word of `roster.roles.DOES`; `config/roles.toml` says whose it is.
    """

    def decorate(view: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(view)
        def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if not who.actor().may(does):
                who.vault().journal.count_refusal("refused", who.actor().id)
                raise NotFoundError
            return view(*args, **kwargs)

        return checked

    return decorate
