"""The commands `komshu office …`."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.progress import track
from rich.table import Table

from backend.core.database import make_engine, make_sessions
from backend.core.documents import Problem
from backend.core.languages import FALLBACK
from backend.core.settings import ROOT, Settings, get_settings
from backend.knowledge.service import CheckedArticles, check_articles, load_articles
from backend.migrations.upgrade import migrate as migrate_database
from backend.offices.errors import OfficeDataError
from backend.offices.service import CheckedData, Draft, check_data, draft_office, load_office, office_ids
from backend.start import console, errors, fail, ready
from backend.tickets.terms import recompute

office_cli = typer.Typer(help="The office's data.", no_args_is_help=True)


async def load(settings: Settings, office_id: str) -> str:
    """Check an office, store it with its articles, and say what was stored. Raises OfficeDataError."""
    engine = make_engine(settings.database_url)
    async with make_sessions(engine)() as session, session.begin():
        office = await load_office(session, settings.offices_dir, office_id)
        count = await load_articles(session, settings.offices_dir, office)
        await recompute(session, settings, office)
    await engine.dispose()
    return f"{office.profile.name['en']}: {count} articles, {len(office.units)} units"


@office_cli.command("load")
def office_load(office_id: Annotated[str, typer.Argument(help="a folder of data/offices")] = "") -> None:
    """Check an office's files and load them. Publishing an article needs nothing more."""
    with ready("office") as settings:
        try:
            migrate_database(settings.database_url)
            console.print(f"Loaded {asyncio.run(load(settings, office_id or settings.office))}.")
        except OfficeDataError as error:
            fail(str(error))


@office_cli.command("check")
def office_check(
    office_id: Annotated[
        list[str] | None, typer.Argument(help="folders of data/offices; all when none is named")
    ] = None,
) -> None:
    """Check all files of offices, articles too, and list what must be put right. Needs no database."""
    offices_dir = get_settings().offices_dir
    wrong = 0
    for one in track(office_id or office_ids(offices_dir), "Checking", console=errors, transient=True):
        try:
            wrong += _check(offices_dir, one)
        except OfficeDataError as error:
            fail(str(error))
    if wrong:
        fail(f"{wrong} {'problem' if wrong == 1 else 'problems'} to put right: docs/offices.md explains every line.")


def _check(offices_dir: Path, office_id: str) -> int:
    """Check one office and tell; returns how many problems it has."""
    data = check_data(offices_dir, office_id)
    today = datetime.now(ZoneInfo(data.time_zone) if data.time_zone else UTC).date()
    articles = check_articles(offices_dir / office_id, data.topics, data.units, data.languages, today)
    problems = [*data.problems, *articles.problems]
    console.print(_table(office_id, data, articles, len(problems)))
    for title, style, found in (
        ("Soon", "yellow", [*data.warnings, *articles.warnings]),
        ("Problems", "red", problems),
    ):
        _tell(title, style, found)
    return len(problems)


def _table(office_id: str, data: CheckedData, articles: CheckedArticles, problems: int) -> Table:
    table = Table(title=office_id, show_header=False, title_justify="left")
    counts = ", ".join(f"{language} {articles.counts[language]}" for language in data.languages)
    rows = {
        "languages": ", ".join(data.languages),
        "units": len(data.units),
        "categories": data.categories,
        "gazetteer names": data.places,
        "glossary terms": data.terms,
        "announcement topics": data.announcements,
        "articles": counts,
        "expired / expiring within 60 days": f"{articles.expired} / {articles.expiring}",
        "problems": problems,
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table


def _tell(title: str, style: str, problems: list[Problem]) -> None:
    if problems:
        console.print(f"{title}:", style=style)
    for problem in sorted(problems):
        console.print(_shown(problem), style=style, markup=False, highlight=False, soft_wrap=True)


def _shown(problem: Problem) -> str:
    """The problem with a path that can be clicked in a terminal at the checkout."""
    return str(problem).removeprefix(f"{ROOT}/")


@office_cli.command("new")
def office_new(
    office_id: Annotated[str, typer.Argument(help="its folder: small letters, digits, hyphens")],
    country: Annotated[str, typer.Option(help="ISO 3166 code, such as RO")],
    zone: Annotated[str, typer.Option(help="time zone, such as Europe/Bucharest")],
    prefix: Annotated[str, typer.Option(help="two or three capital letters that begin every reference")],
    name: Annotated[str, typer.Option(help="the office's name")],
    language: Annotated[str, typer.Option(help="the office's first language: en, tr, ro, mk or af")] = FALLBACK,
) -> None:
    """Write the folder of a new office, with samples to replace."""
    draft = Draft(office_id, country, language, zone, prefix, name)
    offices_dir = get_settings().offices_dir
    try:
        paths = draft_office(offices_dir, draft, date.today())
    except OfficeDataError as error:
        fail(str(error))
    console.print(f"Wrote {len(paths)} files to {offices_dir / office_id}", soft_wrap=True)
    console.print(f"Replace the samples (docs/offices.md), then: komshu office check {office_id}")
