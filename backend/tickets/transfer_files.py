"""Tickets as files: CSV for spreadsheets, JSON for programs; read and written row by row, however long they are."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, TextIO

Row = dict[str, Any]
Place = tuple[int, Row]
"""A row and the line of the file it begins in, counted from 1."""
FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet would run; text that has the quote already gets another, so that reading gives back what was."""
CHUNK_CHARACTERS = 65_536
SPACE = " \t\r\n"


class UnreadableFileError(Exception):
    """The file cannot be read as what its name says; the message says where and what to do."""


class Sink(Protocol):
    """Takes rows, one after the other."""

    def add(self, row: Row) -> None:
        """Write a row."""

    def close(self) -> None:
        """Write what comes behind the last row."""


class CsvSink:
    """A table with a head. Numbers are plain; text a spreadsheet would run gets a quote in front."""

    def __init__(self, file: TextIO, columns: tuple[str, ...]) -> None:
        self._writer = csv.DictWriter(file, columns)
        self._writer.writeheader()

    def add(self, row: Row) -> None:
        """Write a row."""
        self._writer.writerow({name: _cell(value) for name, value in row.items()})

    def close(self) -> None:
        """Nothing comes behind the last row."""


class JsonSink:
    """A list of objects, one a line."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._before = file, "[\n"

    def add(self, row: Row) -> None:
        """Write a row."""
        self._file.write(self._before + json.dumps(row, ensure_ascii=False))
        self._before = ",\n"

    def close(self) -> None:
        """End the list."""
        self._file.write(("" if self._before == ",\n" else "[") + "\n]\n")


def _cell(value: object) -> object:
    if isinstance(value, str):
        return f"'{value}" if FORMULA.match(value) else value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def rows(path: Path) -> Iterator[Place]:
    """The rows of a `.csv` or `.json` file. Raises UnreadableFileError, OSError."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            yield from _objects(file) if path.suffix.lower() == ".json" else _records(file)
        except UnicodeDecodeError as error:
            raise UnreadableFileError("The file is not UTF-8: save it as CSV UTF-8.") from error


def _records(file: TextIO) -> Iterator[Place]:
    """Rows of a table. Commas or semicolons part the cells, as the first line says."""
    head = file.readline()
    names = next(csv.reader([head], delimiter=_delimiter(head)), [])
    reader = csv.reader(file, delimiter=_delimiter(head), strict=True)
    while True:
        line = reader.line_num + 2
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnreadableFileError(f"Line {line} is no CSV ({error}): close every quote.") from error
        if cells is None:
            return
        if cells:
            yield line, _row(names, cells, line)


def _delimiter(head: str) -> str:
    return ";" if head.count(";") > head.count(",") else ","


def _row(names: list[str], cells: list[str], line: int) -> Row:
    if len(cells) != len(names):
        raise UnreadableFileError(
            f"Line {line} has {len(cells)} cells and the first line {len(names)}: quote text that holds the separator."
        )
    return {name.strip(): _plain(cell) for name, cell in zip(names, cells, strict=True)}


def _plain(cell: str) -> str | None:
    return (cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell) or None


def _objects(file: TextIO) -> Iterator[Place]:
    """Objects of a list, read piece by piece."""
    decoder, text, line, before = json.JSONDecoder(), "", 1, "["
    while True:
        rest = text.lstrip(SPACE)
        line, text = line + text.count("\n", 0, len(text) - len(rest)), rest
        if before and text.startswith(before):  # the bracket in front of the first, the comma in front of the others
            text, before = text[1:], ""
        elif text.startswith("]") and before != "[":
            return
        else:
            try:
                found, end = decoder.raw_decode("" if before else text)
            except json.JSONDecodeError as error:
                more = "" if before and text else file.read(CHUNK_CHARACTERS)
                if not more:
                    raise UnreadableFileError(f"From line {line} on the file is no JSON list of objects.") from error
                text += more
                continue
            yield line, _object(found, line)
            line, text, before = line + text.count("\n", 0, end), text[end:], ","


def _object(found: object, line: int) -> Row:
    if not isinstance(found, dict):
        raise UnreadableFileError(f"Line {line} holds no object with names and values.")
    return found
