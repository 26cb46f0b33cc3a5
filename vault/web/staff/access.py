"""Pages of one role. The keys decide what can be opened; this only keeps pages out of the way."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from vault.errors import NotFoundError
from vault.web.inside import who

_P = ParamSpec("_P")
_R = TypeVar("_R")


def for_role(role: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Let only members with `role` have a page; for others there is nothing here."""

    def decorate(view: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(view)
        def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if role not in who.actor().roles:
                who.vault().journal.count_refusal("refused", who.actor().id)
                raise NotFoundError
            return view(*args, **kwargs)

        return checked

    return decorate
