"""Looks into a PDF without trusting it. Run as a program: `pdf_check.py PAGES` reads the file from its input.

It says one line: `fine N` for a PDF of N pages, or `damaged`, `locked`, `active` (it holds a program), `long`.
"""

import io
import re
import resource
import sys
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import IndirectObject

MEMORY_BYTES = 768 * 1024 * 1024
SECONDS = 15
MOST_OBJECTS = 100_000
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
ACTION = re.compile(rb"/S\s*/(?:JavaScript|Launch|RichMediaExecute)\b")
PROGRAMS = frozenset({"/JS", "/JavaScript", "/XFA"})
"""Keys under which programs stand; a form of XFA is a program."""
ACTIONS = frozenset({"/JavaScript", "/Launch", "/RichMediaExecute"})
BROKEN = (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, MemoryError)
"""What reading a file of another form than the standard's raises."""


def verdict(content: bytes, most: int) -> str:
    """What the process says of a file."""
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            return "locked"
        if ACTION.search(ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), content)) or has_program(reader):
            return "active"
        pages = len(reader.pages)
    except BROKEN:
        return "damaged"
    if pages == 0:
        return "damaged"
    return "long" if pages > most else f"fine {pages}"


def has_program(reader: PdfReader) -> bool:
    """Whether any object of a file is a program, or starts one. Raises ValueError for too many objects."""
    known = {(number, generation) for generation, found in reader.xref.items() for number in found}
    known |= {(number, 0) for number in reader.xref_objStm}
    if len(known) > MOST_OBJECTS:
        raise ValueError
    return any(starts_program(reader.get_object(IndirectObject(*one, reader))) for one in sorted(known))


def starts_program(thing: Any) -> bool:
    """Whether an object, or one inside it, is a program or starts one."""
    return any(
        not PROGRAMS.isdisjoint(entry) or str(entry.get("/S")) in ACTIONS or entry.get("/Subtype") == "/RichMedia"
        for entry in dictionaries(thing)
    )


def dictionaries(thing: Any) -> Iterator[dict[str, Any]]:
    """A dictionary, and all that lie in it; in lists as well."""
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield {name: dict.__getitem__(one, name) for name in one}
            waiting += [dict.__getitem__(one, name) for name in one]
        elif isinstance(one, list):
            waiting += [list.__getitem__(one, place) for place in range(len(one))]


def main() -> None:
    """Bind itself, read, say."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.stdout.write(verdict(sys.stdin.buffer.read(), int(sys.argv[1])))


if __name__ == "__main__":
    main()
