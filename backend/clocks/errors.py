"""What can be wrong with the rules of a country or an office."""

from collections.abc import Iterable

from backend.core.documents import Problem


class ClocksDataError(Exception):
    """A file of rules does not hold what it should: every problem with its file, line and what to do."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))
