"""Pages around the web chat: the widget's files, its settings in a language, and a sample page that embeds it."""

from html import escape
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

import channels.web
from backend.conversations.routes import AppSettings
from backend.core.catalogue import backend_catalogue
from backend.core.languages import LANGUAGES
from backend.offices.service import CurrentOffice, Office, page_language

ASSETS = Path(channels.web.__file__).parent / "widget"
public = APIRouter(tags=["web chat"])


class WidgetFiles(StaticFiles):
    """The widget's files, loadable by the pages of any site."""

    def file_response(self, *args: Any, **kwargs: Any) -> Any:
        """Let other origins embed the files and check hourly for newer ones."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response


def widget_files() -> WidgetFiles:
    """The mounted folder of the widget."""
    return WidgetFiles(directory=ASSETS)


@public.get("/chat/config")
async def config(request: Request, office: CurrentOffice, settings: AppSettings, language: str = "") -> dict[str, Any]:
    """What the widget needs before the first message; nothing is stored."""
    spoken = page_language(request, office, language)
    return {
        "office": {"name": office.profile.name[spoken], "desk": office.profile.desk[spoken]},
        "language": spoken,
        "languages": [{"code": code, "name": name} for code, name in _ordered(office)],
        "strings": backend_catalogue().section("widget.", spoken),
        "privacy_url": office.profile.privacy_url,
        "max_characters": settings.message_max_characters,
        "max_photo_bytes": settings.photo_max_bytes,
        "max_document_bytes": settings.document_max_bytes,
    }


def _ordered(office: Office) -> list[tuple[str, str]]:
    first = list(office.profile.languages)
    return [(code, LANGUAGES[code]) for code in first + [code for code in LANGUAGES if code not in first]]


@public.get("/", response_class=HTMLResponse)
async def sample_page(request: Request, office: CurrentOffice, language: str = "") -> str:
    """A town-hall page that embeds the widget, in the language of `?language=`."""
    return _page(office, page_language(request, office, language))


def _page(office: Office, spoken: str) -> str:
    values = {
        "language": spoken,
        "title": office.profile.name[spoken],
        "desk": office.profile.desk[spoken],
        "intro": backend_catalogue().text("page.intro", spoken, office=office.profile.name[spoken]),
        "assets": "/widget",
    }
    page = (ASSETS / "demo.html").read_text(encoding="utf-8")
    for name, value in values.items():
        page = page.replace("{{" + name + "}}", escape(value))
    return page
