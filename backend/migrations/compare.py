"""Which tables Alembic compares with our models."""

from importlib import import_module
from pathlib import Path

from sqlalchemy import MetaData

from backend.core.database import Base

BACKEND = Path(__file__).resolve().parents[1]
FOREIGN_TABLES = ("procrastinate", "bot_session", "alembic")


def described() -> MetaData:
    """The tables of every feature's models."""
    for models in sorted(BACKEND.glob("*/models.py")):
        import_module(f"backend.{models.parent.name}.models")
    return Base.metadata


def ours(_obj: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Only tables that have models here; their indexes and columns follow them."""
    return not (kind == "table" and str(name).startswith(FOREIGN_TABLES))
