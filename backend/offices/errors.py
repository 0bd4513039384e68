"""What can be wrong with an office's data."""

from pathlib import Path


class OfficeDataError(Exception):
    """A file of an office does not hold what it should: names the file, the place in it and what to do."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem
