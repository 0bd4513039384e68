"""Read and write article files: a YAML head between `---` lines, then Markdown."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from backend.core.documents import Document, Problem, UnreadableError, read_text
from backend.knowledge.schemas import Content, FrontMatter
from backend.offices.errors import OfficeDataError

HEAD = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
CARRIED = (
    frozenset({"paragraph", "inline", "text", "softbreak", "hardbreak", "strong", "link", "text_special"})
    | {f"{kind}_list" for kind in ("bullet", "ordered")}
    | {"list_item"}
)
"""The Markdown that every channel can show."""
LISTED = "• "


def read_article(path: Path) -> tuple[FrontMatter, str]:
    """The head and the body, as plain text, of an article file. Raises OfficeDataError."""
    head, body = _read(path)
    return head, plain_text(body)


def read_content(path: Path) -> Content:
    """What an article file says, in Markdown. Raises OfficeDataError."""
    return Content.of_file(*_read(path))


def _read(path: Path) -> tuple[FrontMatter, str]:
    head, body = open_article(path)
    if problems := [*head.repeated, *head.problems(FrontMatter)]:
        raise OfficeDataError.of(problems)
    return FrontMatter.model_validate(head.content), body


def open_article(path: Path) -> tuple[Document, str]:
    """The head as a document, its schema not checked yet, and the body in Markdown. Raises OfficeDataError."""
    try:
        if match := HEAD.match(read_text(path)):
            return Document(path, match[1], first_line=2), match[2]
    except UnreadableError as error:
        raise OfficeDataError.of([error.problem]) from None
    advice = "begin with a head between two '---' lines that holds title, owner, expires"
    raise OfficeDataError.of([Problem(path, 1, "", "the article has no head", advice)])


def article_file(content: Content) -> str:
    """The file an article would be; reading it gives the same content."""
    head = {"title": content.title, "link": content.link, "owner": content.owner, "expires": str(content.expires)}
    lines = [f"{name}: {_quoted(value)}" for name, value in head.items() if value]
    return "\n".join(["---", *lines, *(["sample: true"] if content.sample else []), "---", content.body]) + "\n"


def _quoted(value: str) -> str:
    text: str = yaml.safe_dump(value, default_style='"', allow_unicode=True, width=1_000_000)
    return text.strip()


def plain_text(markdown: str) -> str:
    """Markdown as text for channels that show only text: a line for each paragraph and each item of a list.

    Items begin with `•` or their number, a link's address stands behind its words.
    """
    lines: list[str] = []
    mark = ""
    for token in MarkdownIt().parse(markdown):
        if token.type == "list_item_open":
            mark = f"{token.info}. " if token.info else LISTED
        if token.type == "list_item_close":
            mark = ""
        if token.type in ("code_block", "fence"):
            lines.append(token.content.rstrip("\n"))
        if token.type == "inline":
            lines.append(mark + "".join(_spoken(token.children or [])))
            mark = ""
    return "\n".join(lines)


def _spoken(tokens: Sequence[Token]) -> Iterator[str]:
    address, words = "", ""
    for token in tokens:
        text = token.content or ("\n" if "break" in token.type else "")
        words += text
        yield text
        if token.type == "link_open":
            address, words = str(token.attrs.get("href", "")).removeprefix("mailto:"), ""
        elif token.type == "link_close" and address not in ("", words):
            yield f" ({address})"


def uncarried(markdown: str) -> list[str]:
    """The kinds of Markdown in a text that channels cannot show, such as `heading` or `table`."""
    kinds = (re.sub(r"_(open|close|block|inline)$", "", kind) for kind in _kinds(_WITH_TABLES.parse(markdown)))
    return sorted({kind for kind in kinds if kind not in CARRIED})


_WITH_TABLES = MarkdownIt().enable("table")


def _kinds(tokens: Sequence[Token]) -> Iterator[str]:
    table = False
    for token in tokens:
        table = token.type == "table_open" or (table and token.type != "table_close")
        if not table or token.type == "table_open":
            yield token.type
            yield from _kinds(token.children or [])
