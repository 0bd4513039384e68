"""Has a PDF looked into by a process of its own, which has little memory and time and is told nothing else."""

import asyncio
import sys
from pathlib import Path

from backend.attachments.errors import (
    DocumentActiveError,
    DocumentDamagedError,
    DocumentLockedError,
    DocumentTooLongError,
)

CHECKER = Path(__file__).with_name("pdf_check.py")
PATIENCE_SECONDS = 30.0
SIGNATURE, END = b"%PDF-", b"%%EOF"
REFUSALS = {"locked": DocumentLockedError, "active": DocumentActiveError, "damaged": DocumentDamagedError}


async def checked_pages(content: bytes, most: int) -> int:
    """How many pages a PDF has, if it is one to keep: whole, open to everybody, without programs, not too long.

    Raises DocumentDamagedError, DocumentLockedError, DocumentActiveError or DocumentTooLongError.
    """
    if not looks_whole(content):
        raise DocumentDamagedError
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(CHECKER), str(most)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},  # no secrets
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            said, _ = await process.communicate(content)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise DocumentDamagedError from None
    verdict, _, pages = said.decode().strip().partition(" ")
    if verdict == "long":
        raise DocumentTooLongError(pages=most)
    if verdict != "fine":
        raise REFUSALS.get(verdict, DocumentDamagedError)
    return int(pages)


def looks_whole(content: bytes) -> bool:
    """Whether it begins and ends as a PDF does: nothing before it, nothing but blanks after it."""
    return content.startswith(SIGNATURE) and content[-1024:].rstrip(b"\x00\t\n\x0c\r ").endswith(END)
