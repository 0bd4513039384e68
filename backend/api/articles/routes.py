"""Articles: list, read, publish."""

import sys
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from backend.api.articles.schemas import ArticleDetail, ArticlePage, ArticleSummary, NewArticle
from backend.api.calls import PREFIX, Answered, Based, Call, Needs, ScopedRoute, Writes, etag, refusals
from backend.core.database import utcnow
from backend.core.errors import NotAllowedError
from backend.knowledge import desk
from backend.knowledge.desk import Standing, State
from backend.knowledge.schemas import Key

public = APIRouter(prefix=f"{PREFIX}/articles", tags=["API: articles"], route_class=ScopedRoute)
Reads = Annotated[Call, Depends(Needs("articles:read"), scope="function")]
Acts = Annotated[Call, Depends(Writes("articles:write"), scope="function")]


def _today(call: Call) -> date:
    return utcnow().astimezone(call.office.profile.zone).date()


@public.get("", responses=refusals())
async def articles(
    call: Reads,
    language: Annotated[str, Query(max_length=10)] = "",
    state: State | None = None,
    owner: Annotated[str, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[str, Query(max_length=200, description="`next` of the page before.")] = "",
) -> ArticlePage:
    """All articles that ever were, by topic and language."""
    today, known = _today(call), await desk.standings(call.session, call.office)
    place = tuple(after.split("/"))
    wanted = [ArticleSummary.of(known[key], today) for key in sorted(known) if tuple(key) > place]
    found = [
        one
        for one in wanted
        if language in ("", one.language) and state in (None, one.state) and owner in ("", one.owner)
    ]
    last = found[limit - 1] if len(found) > limit else None
    return ArticlePage(items=found[:limit], next=f"{last.topic}/{last.language}" if last else None)


async def _standing(call: Call, topic: str, language: str) -> Standing:
    key = Key(topic, language)
    return desk.standing(key, await desk.history(call.session, call.office, key))


@public.get("/{topic}/{language}", responses=refusals(404))
async def article(call: Reads, response: Response, topic: str, language: str) -> ArticleDetail:
    """One article. Its `ETag` is what publishing another text is based on; version 0 is one nobody wrote yet."""
    found = await _standing(call, topic, language)
    response.headers["ETag"] = etag(found.number)
    return ArticleDetail.whole(found, _today(call))


@public.put("/{topic}/{language}", response_model=ArticleDetail, responses=refusals(404, 409, 428))
async def publish(call: Acts, topic: str, language: str, seen: Based, body: NewArticle) -> Response:
    """Have the assistant say this from now on. A token with units writes for these units only."""

    async def work() -> Answered:
        before = await _standing(call, topic, language)
        for owner in filter(None, (body.owner, before.settled.owner if before.settled else None)):
            if not call.agent.sees_unit(owner):
                raise NotAllowedError
        key, based = Key(topic, language), min(seen, before.number) if seen == sys.maxsize else seen
        await desk.publish(call.session, call.office, call.agent, key, based, body.content(), _today(call))
        after = await _standing(call, topic, language)
        return Answered(ArticleDetail.whole(after, _today(call)), etag=after.number)

    return await call.once(work)
