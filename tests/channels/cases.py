"""Tables of what providers post, and what it means: `tests/channels/<channel>/payloads/*.json`.

A table is a list of cases: `about`, one of `json`, `form` and `body`, and one of `parsed` (Parsed without defaults),
`forged` and `error` (codes). `headers`, `url` and `sender` may be given; `unsigned` leaves the signature out. The
channel's tests have a module `factories` with `adapter()`, `signed(url, headers, body)`, which gives the headers with
the provider's signature, and `KINDS`, the names that have to occur somewhere in the payloads, if there are any.
"""

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from channels.adapter import Adapter, Call

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """A call of a provider, and what it means."""

    channel: str
    table: str
    told: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.channel}/{self.table}: {self.told['about']}"

    @property
    def body(self) -> bytes:
        if "json" in self.told:
            return json.dumps(self.told["json"], ensure_ascii=False).encode()
        if "form" in self.told:
            return urlencode(self.told["form"], doseq=True).encode()
        return str(self.told["body"]).encode()

    def call(self) -> Call:
        url = self.told.get("url", f"https://komshu.example/channels/{self.channel}")
        kind = "application/x-www-form-urlencoded" if "form" in self.told else "application/json"
        headers = {"content-type": kind, **self.told.get("headers", {})}
        if not self.told.get("unsigned"):
            headers = factories(self.channel).signed(url, headers, self.body)
        sender = self.told.get("sender", "")
        return Call(url, {name.lower(): value for name, value in headers.items()}, self.body, sender)

    def adapter(self) -> Adapter:
        adapter: Adapter = factories(self.channel).adapter()
        return adapter


def factories(channel: str) -> Any:
    return importlib.import_module(f"tests.channels.{channel}.factories")


def channels() -> list[str]:
    """The channels that have tables."""
    return sorted({path.parent.parent.name for path in HERE.glob("*/payloads/*.json")})


def cases(channel: str) -> Iterator[Case]:
    for path in sorted((HERE / channel / "payloads").glob("*.json")):
        yield from (Case(channel, path.stem, told) for told in json.loads(path.read_text(encoding="utf-8")))


def names(value: Any) -> Iterator[str]:
    """Every key, however deep."""
    if isinstance(value, dict):
        for key, held in value.items():
            yield key
            yield from names(held)
    elif isinstance(value, list):
        for held in value:
            yield from names(held)
