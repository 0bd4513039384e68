"""Is this process alive, and is the assistant ready to answer?"""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

public = APIRouter(prefix="/health", tags=["operations"])
internal = APIRouter(prefix="/internal", tags=["operations"])


@public.get("/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@public.get("/ready")
async def ready(request: Request, response: Response) -> dict[str, bool]:
    """Database and bot answer; 503 with what is missing otherwise."""
    parts = {"database": await _database(request), "bot": await request.app.state.engine.ready()}
    response.status_code = 200 if all(parts.values()) else 503
    return parts


async def _database(request: Request) -> bool:
    try:
        async with request.app.state.sessions() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return False
    return True


@internal.get("/metrics")
async def metrics() -> Response:
    """Counters in Prometheus' format; on loopback and with the internal token only."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
