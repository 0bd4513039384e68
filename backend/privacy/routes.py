"""The link with which a person fetches the copy of their data: a page with a button, and what the button gives.

Chats look at links on their own to show a preview: looking costs nothing, only the button uses the link up.
"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from backend.core.catalogue import backend_catalogue, best_language
from backend.core.database import Session, utcnow
from backend.offices.service import CurrentOffice
from backend.privacy import export, service
from backend.privacy.models import PrivacyRequest

public = APIRouter(prefix="/privacy", include_in_schema=False)
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@public.get("/{token}")
async def look(request: Request, session: Session, office: CurrentOffice, token: str) -> Response:
    """Say what the link gives; one that is over, or was never made, is answered alike."""
    return _page(request, office.profile.languages[0], await service.linked(session, token))


@public.post("/{token}")
async def fetch(request: Request, session: Session, office: CurrentOffice, token: str) -> Response:
    """The copy, once."""
    found = await service.linked(session, token)
    if found is None:
        return _page(request, office.profile.languages[0], None)
    found.link_used_at = utcnow()
    content = export.archive(await export.everything(session, office, found.contact_id), office, found.language)
    return as_zip(content)


def as_zip(content: bytes) -> Response:
    """An archive for saving."""
    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="data.zip"'}
    return Response(content, media_type="application/zip", headers=headers)


def _page(request: Request, default: str, found: PrivacyRequest | None) -> Response:
    language = found.language if found else best_language(request.headers.get("accept-language", ""), default)

    def words(key: str) -> str:
        return backend_catalogue().text(key, language)

    page = export.PAGES.get_template("link.html").render(t=words, language=language, good=found is not None)
    return HTMLResponse(page, 200 if found else 410, PRIVATE)
