"""Articles as files to take home, and files as articles."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import UploadFile
from starlette.responses import Response

from backend.knowledge.articles import article_file, read_content
from backend.knowledge.desk import Standing
from backend.knowledge.errors import ArticleFileUnreadableError
from backend.knowledge.repository import content_of
from backend.knowledge.schemas import Content, Key
from backend.offices.errors import OfficeDataError

LARGEST_FILE = 200_000
"""Bytes; the longest article of any office has a hundredth of it."""
SAVED = {"Cache-Control": "no-store"}


def one_file(key: Key, content: Content) -> Response:
    """An article to download."""
    headers = {**SAVED, "Content-Disposition": f'attachment; filename="{key.topic}.md"'}
    return Response(article_file(content), headers=headers, media_type="text/markdown; charset=utf-8")


def zipped(office_id: str, standings: Mapping[Key, Standing]) -> Response:
    """What the assistant tells, in the folders it has below the office's: articles/<language>/<topic>.md."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for key, there in sorted(standings.items()):
            if there.live:
                folder.writestr(f"articles/{key.language}/{key.topic}.md", article_file(content_of(there.live)))
    headers = {**SAVED, "Content-Disposition": f'attachment; filename="articles-{office_id}.zip"'}
    return Response(packed.getvalue(), headers=headers, media_type="application/zip")


async def article_of_upload(file: UploadFile) -> Content:
    """What an uploaded article file says. Raises ArticleFileUnreadableError."""
    content = await file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ArticleFileUnreadableError
    with TemporaryDirectory() as folder:
        path = Path(folder) / "article.md"
        path.write_bytes(content)
        try:
            return read_content(path)
        except OfficeDataError:
            raise ArticleFileUnreadableError from None
