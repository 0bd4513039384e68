"""Which tables Alembic compares with our models."""

FOREIGN_TABLES = ("procrastinate", "bot_session", "alembic")


def ours(_obj: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Only tables that have models here; their indexes and columns follow them."""
    return not (kind == "table" and str(name).startswith(FOREIGN_TABLES))
