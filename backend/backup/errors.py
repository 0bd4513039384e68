"""What keeps a backup from being made or restored. For the terminal: the message says what is wrong and what to do."""

from collections.abc import Mapping


class BackupError(Exception):
    """The backup cannot be made or restored."""


class BrokenArchiveError(BackupError):
    """The file is not what `komshu backup` wrote."""


class NotEmptyError(BackupError):
    """There is data already; `tables` says how many rows of each table would be lost."""

    def __init__(self, database: str, tables: Mapping[str, int]) -> None:
        super().__init__(f"The database {database} is not empty: with --force everything in it is replaced.")
        self.tables = tables
