"""Who may come into which part of the office room."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends

from backend.accounts.schemas import Permission
from backend.accounts.service import SignedIn
from backend.console.shell.guard import Who
from backend.core.errors import NotAllowedError


def _needing(permission: Permission) -> Callable[[Who], Awaitable[SignedIn]]:
    async def check(who: Who) -> SignedIn:
        if not who.agent.may(permission):
            raise NotAllowedError
        return who

    return check


Administrator = Annotated[SignedIn, Depends(_needing("administer"), scope="function")]
Director = Annotated[SignedIn, Depends(_needing("direct"), scope="function")]
Publisher = Annotated[SignedIn, Depends(_needing("publish"), scope="function")]
Announcer = Annotated[SignedIn, Depends(_needing("announce"), scope="function")]
