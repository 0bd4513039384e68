"""Talk to the assistant from a terminal, as the widget does."""

import asyncio
from uuid import uuid4

import httpx
from rich.console import Console
from rich.text import Text

POLL_SECONDS = 0.3
PATIENCE_SECONDS = 60.0


async def chat_in_terminal(url: str, language: str, console: Console) -> None:
    """Read lines until end of input; a number presses the button with that number."""
    async with httpx.AsyncClient(base_url=url, timeout=10) as client:
        try:
            session = (await client.post("/chat/sessions", json={"language": language})).raise_for_status().json()
        except httpx.HTTPError:
            console.print(f"Nobody answers at {url}: start the assistant with `make run`.")
            return
        client.headers["Authorization"] = f"Bearer {session['token']}"
        await _converse(client, console)


async def _converse(client: httpx.AsyncClient, console: Console) -> None:
    buttons: list[dict[str, str]] = []
    while (line := await asyncio.to_thread(_read_line)) is not None:
        if not line.strip():
            continue
        answer = await client.post("/chat/messages", json={"id": str(uuid4()), **_said(line, buttons)})
        if answer.is_error:
            console.print(answer.json().get("detail", ""), style="red", markup=False)
            continue
        buttons = await _show_replies(client, console, answer.json()["seq"])


def _read_line() -> str | None:
    try:
        return input("> ")
    except EOFError:
        return None


def _said(line: str, buttons: list[dict[str, str]]) -> dict[str, str]:
    if line.strip().isdigit() and 0 < int(line) <= len(buttons):
        chosen = buttons[int(line) - 1]
        return {"button": chosen["payload"], "text": chosen["title"]}
    return {"text": line}


async def _show_replies(client: httpx.AsyncClient, console: Console, seq: int) -> list[dict[str, str]]:
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        messages = (await client.get("/chat/messages", params={"after": seq})).raise_for_status().json()["messages"]
        if messages:
            for message in messages:
                _show(message, console)
            buttons: list[dict[str, str]] = messages[-1]["buttons"]
            return buttons
        await asyncio.sleep(POLL_SECONDS)
    console.print("No answer yet; it will come when the bot is back.")
    return []


def _show(message: dict[str, object], console: Console) -> None:
    console.print(Text(str(message["text"]), style="cyan"))
    if link := message.get("link"):
        console.print(Text(str(link["url"]), style="dim"))  # type: ignore[index]
    for number, button in enumerate(message["buttons"], start=1):  # type: ignore[arg-type, var-annotated]
        console.print(Text(f"  {number}  {button['title']}", style="dim"))
