"""Tickets as CSV and JSON: what is written is read again, and no spreadsheet runs it."""

import csv
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from backend.tickets.transfer_files import CsvSink, JsonSink, UnreadableFileError, rows

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
TEXT = WORDS | st.sampled_from(
    ["=1+1", "+40", "-x", "@a", "'=", "''=", "\tx", "\rx", '"', "a\r\nb", ",;", "'", "'x", "{}"]
)
DETAILS = st.dictionaries(WORDS, WORDS | st.none() | st.integers(), max_size=3)
ROW = st.fixed_dictionaries({"a": TEXT, "b": TEXT, "details": DETAILS})
QUICK = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def written(path: Path, found: list[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        sink = CsvSink(file, ("a", "b", "details")) if path.suffix == ".csv" else JsonSink(file)
        for row in found:
            sink.add(row)
        sink.close()
    return path


@given(st.lists(ROW, max_size=8))
@QUICK
def test_json_comes_back_as_it_was(tmp_path: Path, found: list[dict[str, Any]]) -> None:
    path = written(tmp_path / "x.json", found)
    assert [row for _, row in rows(path)] == found
    assert json.loads(path.read_text()) == found


@given(st.lists(ROW, max_size=8))
@QUICK
def test_csv_comes_back_as_it_was_and_no_cell_is_a_formula(tmp_path: Path, found: list[dict[str, Any]]) -> None:
    path = written(tmp_path / "x.csv", found)
    expected = [
        {"a": row["a"] or None, "b": row["b"] or None, "details": json.dumps(row["details"], ensure_ascii=False)}
        for row in found
    ]
    assert [row for _, row in rows(path)] == expected
    with path.open(newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []


def test_numbers_are_no_formulas() -> None:
    file = io.StringIO()
    CsvSink(file, ("a", "b")).add({"a": -25.5, "b": None})
    assert file.getvalue().splitlines()[1] == "-25.5,"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b\n1;2\n", [(2, {"a": "1", "b": "2"})]),
        ("\ufeffa,b\r\n1,\r\n\r\n3,4\r\n", [(2, {"a": "1", "b": None}), (4, {"a": "3", "b": "4"})]),
        ('a,b\n"1\n2",3\n4,5\n', [(2, {"a": "1\n2", "b": "3"}), (4, {"a": "4", "b": "5"})]),
        ("a,b", []),
        ("", []),
    ],
)
def test_tables_as_spreadsheets_save_them(tmp_path: Path, text: str, expected: list[Any]) -> None:
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    assert list(rows(tmp_path / "x.csv")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", []),
        ('[{"a": 1}]', [(1, {"a": 1})]),
        ('\ufeff [\n {"a":\n 1},\n\n {"a": [2]}\n]\n', [(2, {"a": 1}), (5, {"a": [2]})]),
    ],
)
def test_json_however_it_is_laid_out(tmp_path: Path, text: str, expected: list[Any]) -> None:
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    assert list(rows(tmp_path / "x.json")) == expected


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.csv", b"a,b\n1,2,3\n", "Line 2 has 3 cells and the first line 2"),
        ("x.csv", b'a,b\n1,"2\n', "Line 2 is no CSV"),
        ("x.csv", b"a,b\n1,\xe7\n", "not UTF-8"),
        ("x.json", b'{"a": 1}', "line 1 on the file is no JSON list"),
        ("x.json", b'[{"a": 1}\n{"a": 2}]', "line 2 on the file is no JSON list"),
        ("x.json", b'[{"a": 1},\n{"a": ', "line 2 on the file is no JSON list"),
        ("x.json", b'[{"a": 1}', "no JSON list"),
        ("x.json", b"[1]", "Line 1 holds no object"),
        ("x.json", b"", "no JSON list"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFileError, match=told):
        list(rows(tmp_path / name))


@pytest.mark.parametrize("name", ["x.csv", "x.json"])
def test_long_files_are_read_and_written_in_little_memory(tmp_path: Path, name: str) -> None:
    row = {"a": "x" * 500, "b": "y" * 500, "details": {}}
    with (tmp_path / name).open("w", newline="") as file:
        sink = CsvSink(file, ("a", "b", "details")) if name.endswith("csv") else JsonSink(file)
        tracemalloc.start()
        for _ in range(10_000):
            sink.add(row)
        sink.close()
    assert sum(1 for _ in rows(tmp_path / name)) == 10_000
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
