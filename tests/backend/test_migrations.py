"""The migrations make the tables the models describe."""

from backend.migrations.upgrade import migrate, pending_changes


def test_the_migrated_database_is_what_the_models_say(database_url: str) -> None:
    assert pending_changes(database_url) == []


def test_migrating_again_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    assert pending_changes(database_url) == []
