"""What the desk does with articles: propose, publish, withdraw, go back, decide. Every act is a version and audited.

Every act raises NotAllowedError when the role may not, ArticleUnknownError for a topic or language that does not
exist, and ArticleChangedError when the article has newer versions than the agent saw (`seen`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.audit.service import record
from backend.core.errors import NotAllowedError
from backend.core.languages import LANGUAGES
from backend.knowledge import repository
from backend.knowledge.checking import WARN_BEFORE
from backend.knowledge.errors import (
    ArticleChangedError,
    ArticleUnfitError,
    ArticleUnknownError,
    NothingToDecideError,
)
from backend.knowledge.models import ArticleVersion
from backend.knowledge.repository import SETTLED, NewVersion, content_of
from backend.knowledge.schemas import GONE, Content, Key, Origin, VersionState
from backend.knowledge.writing import findings
from backend.offices.service import Office

State = Literal["published", "missing", "withdrawn", "expires_soon", "expired"]
Mark = Literal["draft", "conflict", "sample"]


@dataclass(frozen=True)
class Standing:
    """Where one article stands."""

    key: Key
    newest: ArticleVersion | None = None
    settled: ArticleVersion | None = None
    draft: ArticleVersion | None = None
    """The newest proposal nobody has decided on."""
    offered: ArticleVersion | None = None
    """What the file says instead, while that is to be decided; its digest is empty when the file is gone."""

    @property
    def number(self) -> int:
        """Of the newest version; 0 when there is none."""
        return self.newest.number if self.newest else 0

    @property
    def live(self) -> ArticleVersion | None:
        """What the assistant says, unless it has expired."""
        return self.settled if self.settled and self.settled.state == "published" else None

    def state(self, today: date) -> State:
        """What the assistant makes of it."""
        if self.live is None:
            return "withdrawn" if self.settled else "missing"
        if self.live.expires < today:
            return "expired"
        return "expires_soon" if self.live.expires < today + WARN_BEFORE else "published"

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What somebody has to look at."""
        marks: dict[Mark, bool] = {
            "conflict": self.offered is not None,
            "draft": self.draft is not None,
            "sample": self.live is not None and self.live.sample,
        }
        return tuple(mark for mark, there in marks.items() if there)


def may_propose(agent: Agent) -> bool:
    """Whether somebody may write drafts."""
    return agent.may("ticket") or agent.may("publish")


async def standings(session: AsyncSession, office: Office) -> dict[Key, Standing]:
    """Where all articles of the office stand that ever were."""
    office_id = office.profile.id
    newest = await repository.newest(session, office_id)
    settled = await repository.newest(session, office_id, *SETTLED)
    drafts = await repository.newest(session, office_id, "draft")
    offers = await repository.newest(session, office_id, "offered")
    return {
        key: Standing(key, one, settled.get(key), drafts.get(key), _after(offers.get(key), settled.get(key)))
        for key, one in newest.items()
    }


def standing(key: Key, history: Sequence[ArticleVersion]) -> Standing:
    """Where one article stands, by its versions, newest first."""

    def first(*states: str) -> ArticleVersion | None:
        return next((one for one in history if one.state in states), None)

    settled = first(*SETTLED)
    return Standing(key, history[0] if history else None, settled, first("draft"), _after(first("offered"), settled))


def _after(version: ArticleVersion | None, decided: ArticleVersion | None) -> ArticleVersion | None:
    """A version nothing was decided after."""
    return version if version and (decided is None or decided.number < version.number) else None


async def history(session: AsyncSession, office: Office, key: Key) -> Sequence[ArticleVersion]:
    """All versions of an article, newest first; none for one nobody wrote yet. Raises ArticleUnknownError."""
    if key.topic not in office.topics or key.language not in LANGUAGES:
        raise ArticleUnknownError
    return await repository.versions(session, office.profile.id, key)


async def save_draft(
    session: AsyncSession,
    office: Office,
    agent: Agent,
    key: Key,
    seen: int,
    content: Content,
    restores: int | None = None,
) -> None:
    """Keep a proposal; the assistant goes on saying what it says. Raises ArticleUnfitError without any words."""
    there = await _changing(session, office, agent, key, seen, "propose")
    if not (content.title and content.body):
        raise ArticleUnfitError
    await _write(session, agent, there, "draft", content, restores=restores)


async def publish(
    session: AsyncSession,
    office: Office,
    agent: Agent,
    key: Key,
    seen: int,
    content: Content,
    today: date,
    restores: int | None = None,
) -> None:
    """Have the assistant say this from now on. It decides a conflict and every draft before it.

    Raises ArticleUnfitError when the text has faults.
    """
    there = await _changing(session, office, agent, key, seen, "publish")
    if any(finding.fault for finding in findings(content, office.units, today)):
        raise ArticleUnfitError
    await repository.settle_drafts(session, office.profile.id, key, "superseded")
    await _write(session, agent, there, "published", content, restores=restores)


async def withdraw(session: AsyncSession, office: Office, agent: Agent, key: Key, seen: int) -> None:
    """Have the assistant say this article no more; its versions stay. Raises NothingToDecideError."""
    there = await _changing(session, office, agent, key, seen, "publish")
    if there.live is None:
        raise NothingToDecideError
    await _write(session, agent, there, "withdrawn", content_of(there.live))


async def drop_draft(session: AsyncSession, office: Office, agent: Agent, key: Key, seen: int) -> None:
    """Decide against the proposal that waits; it stays in the history. Raises NothingToDecideError.

    Who wrote it may, and who may publish.
    """
    there = await _changing(session, office, agent, key, seen, "propose")
    if there.draft is None:
        raise NothingToDecideError
    if not (agent.may("publish") or there.draft.account_id == agent.id):
        raise NotAllowedError
    await repository.settle_drafts(session, office.profile.id, key, "dropped")
    await record(session, agent, "article.drop", "article", "/".join(key), version=there.draft.number)


async def confirm_checked(session: AsyncSession, office: Office, agent: Agent, key: Key, seen: int) -> None:
    """Say that the office has read the sample and stands by it. Raises NothingToDecideError."""
    there = await _changing(session, office, agent, key, seen, "publish")
    if there.live is None or not there.live.sample:
        raise NothingToDecideError
    await _write(session, agent, there, "published", replace(content_of(there.live), sample=False), act="check")


async def decide(
    session: AsyncSession, office: Office, agent: Agent, key: Key, seen: int, keep: Literal["desk", "file"]
) -> None:
    """Decide between the desk's text and the file's, which changed too. Raises NothingToDecideError."""
    there = await _changing(session, office, agent, key, seen, "publish")
    if there.offered is None or there.settled is None:
        raise NothingToDecideError
    chosen, digest = (there.offered, there.offered.digest) if keep == "file" else (there.settled, None)
    gone = digest == GONE or chosen.state == "withdrawn"
    state: VersionState = "withdrawn" if gone else "published"
    await _write(session, agent, there, state, content_of(chosen), act="decide", origin=keep, digest=digest)


async def _changing(
    session: AsyncSession, office: Office, agent: Agent, key: Key, seen: int, right: Literal["propose", "publish"]
) -> Standing:
    """The article, locked, if it is as the agent saw it and theirs to change."""
    if not (agent.may("publish") if right == "publish" else may_propose(agent)):
        raise NotAllowedError
    await repository.lock(session, office.profile.id)
    there = standing(key, await history(session, office, key))
    if there.newest is not None and there.number != seen:
        raise ArticleChangedError(who=there.newest.actor or there.newest.origin)
    return there


async def _write(
    session: AsyncSession,
    agent: Agent,
    there: Standing,
    state: VersionState,
    content: Content,
    *,
    act: str = "",
    origin: Origin = "desk",
    **more: Any,
) -> None:
    version = NewVersion(
        there.key, there.number + 1, state, origin, content, account_id=agent.id, actor=agent.name, **more
    )
    await repository.add_versions(session, agent.office_id, [version])
    action = act or {"published": "publish", "withdrawn": "withdraw"}.get(state, state)
    await record(session, agent, f"article.{action}", "article", "/".join(there.key), version=version.number)
