"""A backup of a town, and empty places to restore it to."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from uuid import uuid4

import pytest

from backend.backup import postgres
from backend.backup.service import back_up
from backend.core.settings import Settings
from tests.backend.backup.town import database, populate, untold


@pytest.fixture(scope="package")
def town(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An installation with data."""
    with database(settings.database_url, f"town_{uuid4().hex[:8]}") as url:
        town = settings.model_copy(update={"database_url": url, "data_dir": tmp_path_factory.mktemp("town")})
        populate(town)
        yield town


@pytest.fixture(scope="package")
def backup(town: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its backup, with secrets."""
    path = tmp_path_factory.mktemp("backups") / "komshu.tar"
    back_up(town, path, untold, with_secrets=True)
    return path


@pytest.fixture(scope="package")
def village(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Another installation with other data."""
    with database(settings.database_url, f"village_{uuid4().hex[:8]}") as url:
        village = settings.model_copy(update={"database_url": url, "data_dir": tmp_path_factory.mktemp("village")})
        populate(village, tickets=2)
        yield village


@pytest.fixture
def occupied(village: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An installation with the village's data, to be replaced."""
    name = postgres.name_of(village.database_url)
    with database(village.database_url, f"occupied_{uuid4().hex[:8]}", name) as url:
        copytree(village.data_dir, tmp_path / "occupied")
        yield village.model_copy(update={"database_url": url, "data_dir": tmp_path / "occupied"})


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An installation with an empty database."""
    with database(settings.database_url, f"elsewhere_{uuid4().hex[:8]}") as url:
        yield settings.model_copy(update={"database_url": url, "data_dir": tmp_path / "elsewhere"})
