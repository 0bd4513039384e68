"""Read article files: a YAML head between `---` lines, then Markdown."""

import re
from pathlib import Path

from markdown_it import MarkdownIt

from backend.core.documents import Document, Problem, UnreadableError, read_text
from backend.knowledge.schemas import FrontMatter
from backend.offices.errors import OfficeDataError

HEAD = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)


def read_article(path: Path) -> tuple[FrontMatter, str]:
    """The head and the body, as plain text, of an article file. Raises OfficeDataError."""
    head, body = open_article(path)
    if problems := [*head.repeated, *head.problems(FrontMatter)]:
        raise OfficeDataError.of(problems)
    return FrontMatter.model_validate(head.content), plain_text(body)


def open_article(path: Path) -> tuple[Document, str]:
    """The head as a document, its schema not checked yet, and the body in Markdown. Raises OfficeDataError."""
    try:
        if match := HEAD.match(read_text(path)):
            return Document(path, match[1], first_line=2), match[2]
    except UnreadableError as error:
        raise OfficeDataError.of([error.problem]) from None
    advice = "begin with a head between two '---' lines that holds title, owner, expires"
    raise OfficeDataError.of([Problem(path, 1, "", "the article has no head", advice)])


def plain_text(markdown: str) -> str:
    """Markdown as text for channels that show only text: paragraphs and `•` items on lines of their own."""
    lines: list[str] = []
    item = False
    for token in MarkdownIt().parse(markdown):
        item = token.type != "list_item_close" and (item or token.type == "list_item_open")
        if token.type in ("code_block", "fence"):
            lines.append(token.content.rstrip("\n"))
        if token.type == "inline":
            text = "".join(child.content or ("\n" if "break" in child.type else "") for child in token.children or [])
            lines.append(f"• {text}" if item else text)
            item = False
    return "\n".join(lines)
