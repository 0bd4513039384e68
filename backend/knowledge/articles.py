"""Read article files: a YAML head between `---` lines, then Markdown."""

import re
from pathlib import Path

import yaml
from markdown_it import MarkdownIt

from backend.knowledge.schemas import FrontMatter
from backend.offices.errors import OfficeDataError

HEAD = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)


def read_article(path: Path) -> tuple[FrontMatter, str]:
    """The head and the body, as plain text, of an article file. Raises OfficeDataError."""
    try:
        match = HEAD.match(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise OfficeDataError(path, "the file is not UTF-8: save it as UTF-8") from None
    if match is None:
        raise OfficeDataError(path, "an article begins with a head between two '---' lines: add title, owner, expires")
    try:
        head = FrontMatter.model_validate(yaml.safe_load(match[1]))
    except (ValueError, yaml.YAMLError) as error:
        raise OfficeDataError(path, f"the head is not right: {error}") from None
    return head, plain_text(match[2])


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
