"""The API reference and the list of error codes, served without anything from other hosts."""

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from markdown_it import MarkdownIt
from swagger_ui_bundle import swagger_ui_path

from backend.core.settings import ROOT

public = APIRouter(include_in_schema=False)

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">{head}</head><body>{body}</body></html>"""
SWAGGER_HEAD = '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">'
SWAGGER_SCRIPTS = ("/docs/assets/swagger-ui-bundle.js", "/docs/start.js")
SWAGGER_BODY = '<div id="swagger-ui"></div>' + "".join(f'<script src="{path}"></script>' for path in SWAGGER_SCRIPTS)
SWAGGER_START = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null});'


@public.get("/docs", response_class=HTMLResponse)
async def reference() -> str:
    """The API reference."""
    return PAGE.format(title="Komshu API", head=SWAGGER_HEAD, body=SWAGGER_BODY)


@public.get("/docs/start.js")
async def start_script() -> PlainTextResponse:
    """Starts the reference; a file of its own because the content security policy forbids inline scripts."""
    return PlainTextResponse(SWAGGER_START, media_type="text/javascript")


@public.get("/docs/errors", response_class=HTMLResponse)
async def errors() -> str:
    """The list of error codes, as in docs/errors.md."""
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    return PAGE.format(title="Komshu error codes", head="", body=MarkdownIt().enable("table").render(text))


def mount_reference(app: FastAPI) -> None:
    """Serve the reference and its files."""
    app.include_router(public)
    app.mount("/docs/assets", StaticFiles(directory=swagger_ui_path), name="reference-assets")
