"""Bring an office's article files into the database without losing what was written at the desk.

A text of the desk stays until its file changes; then both are kept, and the desk decides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from backend.knowledge import repository
from backend.knowledge.articles import read_content
from backend.knowledge.models import ArticleVersion
from backend.knowledge.repository import SETTLED, NewVersion, content_of
from backend.knowledge.schemas import GONE, Content, Key, VersionState
from backend.offices.errors import OfficeDataError
from backend.offices.service import Office, article_paths


@dataclass(frozen=True)
class Known:
    """What the database has of one article."""

    newest: ArticleVersion | None
    settled: ArticleVersion | None
    """What the assistant says, or that it was told to say it no more."""
    file: ArticleVersion | None
    """What the file last said."""

    @property
    def number(self) -> int:
        """Of the next version."""
        return self.newest.number + 1 if self.newest else 1

    @property
    def desk_decides(self) -> bool:
        """Whether the desk changed the article after it came from its file."""
        return self.settled is not None and self.settled.origin == "desk"

    def same(self, state: str, content: Content) -> bool:
        """Whether the assistant says exactly this already."""
        return self.settled is not None and self.settled.state == state and content_of(self.settled) == content


async def load_articles(session: AsyncSession, offices_dir: Path, office: Office) -> int:
    """Read all article files of an office and take over what changed in them; returns how many files there are.

    Raises OfficeDataError.
    """
    files = read_articles(offices_dir, office)
    office_id = office.profile.id
    await repository.lock(session, office_id)
    newest = await repository.newest(session, office_id)
    settled = await repository.newest(session, office_id, *SETTLED)
    of_files = await repository.newest(session, office_id, origin="file")
    known = {key: Known(newest.get(key), settled.get(key), of_files.get(key)) for key in {*newest, *files}}
    await repository.add_versions(session, office_id, [*_changed(files, known), *_gone(files, known)])
    return len(files)


def read_articles(offices_dir: Path, office: Office) -> dict[Key, Content]:
    """What the office's article files say. Raises OfficeDataError."""
    files = {}
    for language, path in article_paths(offices_dir, office.profile.id):
        if path.stem not in office.topics:
            raise OfficeDataError(path, f"{path.stem!r} is no topic of data/taxonomy.yml: rename the file or add it")
        files[Key(path.stem, language)] = read_content(path)
    return files


def _changed(files: Mapping[Key, Content], known: Mapping[Key, Known]) -> Iterator[NewVersion]:
    for key, content in files.items():
        there = known[key]
        if there.file is None or there.file.digest != content.digest:
            agreed = not there.desk_decides or there.same("published", content)
            state: VersionState = "published" if agreed else "offered"
            yield NewVersion(key, there.number, state, "file", content, content.digest)


def _gone(files: Mapping[Key, Content], known: Mapping[Key, Known]) -> Iterator[NewVersion]:
    for key in known.keys() - files.keys():
        there = known[key]
        if there.file is None or there.file.digest == GONE:
            continue
        agreed = not there.desk_decides or (there.settled is not None and there.settled.state == "withdrawn")
        state: VersionState = "withdrawn" if agreed else "offered"
        yield NewVersion(key, there.number, state, "file", content_of(there.file), GONE)
