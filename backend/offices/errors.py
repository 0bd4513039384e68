"""What can be wrong with an office's data."""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

from backend.core.documents import Problem


class OfficeDataError(Exception):
    """Files of an office do not hold what they should: every problem with its file, line and what to do."""

    def __init__(self, path: Path, problem: str, problems: Iterable[Problem] = ()) -> None:
        self.problems = tuple(sorted(set(problems))) or (Problem(path, 0, "", problem),)
        super().__init__("\n".join(str(one) for one in self.problems))
        self.path = path
        self.problem = problem

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Self:
        """One error for all problems of an office; there must be at least one."""
        found = sorted(problems)
        return cls(found[0].path, found[0].what, found)
