"""An office's folder."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.backend.knowledge.factories import Folder, an_office


@pytest.fixture
def folder(session: AsyncSession, tmp_path: Path) -> Folder:
    """Smallville's, still empty."""
    (tmp_path / "smallville" / "articles").mkdir(parents=True)
    return Folder(session, tmp_path, an_office())
