"""YAML that knows where it was written, so that a mistake is told with file, line and what to do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

MAPPING = ("is no group of names with values", "write lines such as 'name: value'")
DAY = ("{said} is no date", 'write it as "2027-12-31"')
NUMBER = ("{said} is no number", "write digits only, without quotes")
ADDRESS = ("{said} is no web address", 'write it as "https://www.example.org"')
MISTAKES: dict[str, tuple[str, str]] = {
    "missing": ("is missing", "add it"),
    "extra_forbidden": ("is not known here", "correct its spelling or take it out"),
    "string_type": ("is no text", "put it in quotes"),
    "string_too_short": ("is empty", "write something between the quotes"),
    "bool_type": ("{said} is neither true nor false", "write true or false"),
    "bool_parsing": ("{said} is neither true nor false", "write true or false"),
    "literal_error": ("{said} is not known here", "write one of {expected}"),
    "tuple_type": ("is no list", 'write it as ["one", "two"]'),
    "greater_than_equal": ("{said} is too small", "write {ge} or more"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), MAPPING),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"), DAY),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), NUMBER),
    **dict.fromkeys(("url_type", "url_parsing", "url_scheme", "url_syntax_violation", "url_too_long"), ADDRESS),
}
"""What is wrong and what to do, by pydantic's name of the error."""
SAID_CHARACTERS = 60


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in a file: `path:line: where: what is wrong: what to do`."""

    path: Path
    line: int
    """Counted from 1; 0 when no line of the file is meant."""
    where: str
    what: str
    advice: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return ": ".join(part for part in (place, self.where, self.what, self.advice) if part)


class UnreadableError(Exception):
    """A file that is not there or is no YAML; `problem` says which and where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader; a day that does not exist stays text, for the schema to refuse with its place."""


def _day(loader: _Loader, node: yaml.ScalarNode) -> object:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _day)


class Document:
    """One YAML mapping: its content, and the line of each value in its file."""

    def __init__(self, path: Path, text: str, first_line: int = 1) -> None:
        """Parse a text that begins at a line of the file. Raises UnreadableError when it is no mapping."""
        self.path = path
        self._first_line = first_line
        try:
            loader = _Loader(text)
            self._root = loader.get_single_node()
            self.repeated = list(self._repeated(self._root))
            self.content: Any = loader.construct_document(self._root) if self._root else None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise UnreadableError(self._no_yaml(error)) from None
        if not isinstance(self.content, dict):
            raise UnreadableError(Problem(path, first_line, "", "expected names with values", MAPPING[1]))

    @classmethod
    def read(cls, path: Path) -> "Document":
        """The document in a file. Raises UnreadableError."""
        return cls(path, read_text(path))

    def line(self, where: Sequence[object]) -> int:
        """The line of a value, or of the nearest group around it that is there."""
        node, line = self._root, self._first_line
        for step in where:
            found = _below(node, step)
            if found is None:
                break
            node, line = found[1], found[0].start_mark.line + self._first_line
        return line

    def problem(self, where: Sequence[object], what: str, advice: str = "") -> Problem:
        """A problem at a value of this document."""
        return Problem(self.path, self.line(where), ".".join(str(step) for step in where), what, advice)

    def problems(self, schema: TypeAdapter[Any] | type[BaseModel], content: object = None) -> list[Problem]:
        """Everything in which the content (or a completed copy of it) does not fit a schema."""
        check: Callable[[object], object] = (
            schema.validate_python if isinstance(schema, TypeAdapter) else schema.model_validate
        )
        try:
            check(self.content if content is None else content)
        except ValidationError as error:
            return [self._mistake(one) for one in error.errors()]
        return []

    def _mistake(self, error: ErrorDetails) -> Problem:
        where = [step for step in error["loc"] if step != "[key]"]
        context = error.get("ctx", {})
        if error["type"] == "value_error":
            return self.problem(where, str(context["error"]))
        what, advice = MISTAKES.get(error["type"], (error["msg"], ""))
        said = repr(error["input"])
        short = said if len(said) <= SAID_CHARACTERS else f"{said[:SAID_CHARACTERS]}…"
        return self.problem(where, what.replace("{said}", short), advice.format(**context) if advice else "")

    def _repeated(self, node: yaml.Node | None, *above: str) -> Iterator[Problem]:
        if not isinstance(node, yaml.MappingNode):
            for place, item in enumerate(node.value if isinstance(node, yaml.SequenceNode) else ()):
                yield from self._repeated(item, *above, str(place))
            return
        first: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + self._first_line
            if name in first:
                what = f"stands twice, first in line {first[name]}, and only the last one counts"
                yield Problem(self.path, line, ".".join((*above, name)), what, "join the two or take one out")
            first.setdefault(name, line)
            yield from self._repeated(value, *above, name)

    def _no_yaml(self, error: Exception) -> Problem:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + self._first_line if mark else self._first_line
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "a value cannot be read"
        advice = "quote text that holds ':' or '#', and indent with spaces"
        return Problem(self.path, line, "", f"this is not YAML ({reason})", advice)


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, without a byte order mark. Raises UnreadableError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UnreadableError(Problem(path, 0, "", "the file is missing", "add it")) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UnreadableError(Problem(path, line, "", "the file is not UTF-8", "save it as UTF-8")) from None


def _below(node: yaml.Node | None, step: object) -> tuple[yaml.Node, yaml.Node] | None:
    """(where it is written, the value) of a step from a node: a key's line is its own, an item's its beginning."""
    if isinstance(node, yaml.MappingNode):
        # The last of a repeated key counts.
        return next(((key, value) for key, value in reversed(node.value) if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None
