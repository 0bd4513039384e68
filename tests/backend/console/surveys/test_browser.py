"""Satisfaction and people's data in a real Chromium: axe-core, reflow, targets."""

import pytest

from backend.conversations.service import open_web_session, web_conversation
from backend.core.settings import ROOT
from backend.privacy import service
from tests.backend.console.people import Desk
from tests.backend.console.surveys.conftest import Answers
from tests.backend.console.test_browser_office import NARROW, WIDE, Open, faults, open_page, url

__all__ = ["open_page", "url"]
pytestmark = pytest.mark.browser
ARTEFACTS = ROOT / "artefacts" / "screenshots"


@pytest.mark.parametrize(("scheme", "size"), [("light", NARROW), ("dark", WIDE)], ids=["light", "dark"])
async def test_every_page_is_accessible_and_fits(
    desk: Desk,
    answers: Answers,
    open_page: Open,
    scheme: str,
    size: dict[str, int],
) -> None:
    await answers.some()
    async with desk.session() as session, session.begin():
        token, _ = await open_web_session(session, desk.office, "en")
        of = await web_conversation(session, token)
        for kind in ("export", "erasure"):
            await service.ask(session, desk.office, of, kind, "en")  # type: ignore[arg-type]
    boss = await desk.somebody("supervisor", language="ro")
    page = await open_page("/console/office/surveys", boss, color_scheme=scheme, viewport=size)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    paths = {
        "surveys": "/console/office/surveys",
        "surveys-answers": "/console/office/surveys/answers?group=answered&unit=roads",
        "privacy": "/console/office/privacy",
    }
    for name, path in paths.items():
        await page.goto(path)
        assert await faults(page) == [], name
        await page.screenshot(path=ARTEFACTS / f"{name}-{scheme}.png", full_page=True)
