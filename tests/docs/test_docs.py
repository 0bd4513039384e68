"""The documents say what the code does: settings, error codes, commands, folders."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import backend.app  # noqa: F401 - defines every error class
from backend.cli import accounts_cli, channels_cli, cli, nlu_cli, office_cli, ticket_cli
from backend.core.errors import all_errors
from backend.core.settings import ROOT, Settings
from backend.outbox.schemas import EXPIRED
from channels.errors import REASONS
from channels.registry import BUILDERS
from channels.sms.config import TwilioConfig
from channels.sms.keywords import DATA
from channels.telegram.config import TelegramConfig

DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    ROOT.glob("docs/**/*.md")
)
ROW = re.compile(r"^\| `(\w+)` \|(?: ([^|]*?) \|)?", re.M)


def rows(name: str) -> dict[str, str]:
    return dict(ROW.findall((ROOT / "docs" / name).read_text()))


def channels_page() -> str:
    return (ROOT / "docs" / "channels.md").read_text()


def all_settings() -> dict[str, Any]:
    """Every setting of the backend and of the channels with its default."""
    return {
        f"{config.model_config.get('env_prefix', '')}{name}".upper(): field.default
        for config in (Settings, TelegramConfig, TwilioConfig)
        for name, field in config.model_fields.items()
    }


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(rows("settings.md")) == set(all_settings())


@pytest.mark.parametrize("name", [name for name, default in all_settings().items() if type(default) in {int, float}])
def test_documented_defaults_are_the_defaults(name: str) -> None:
    assert float(rows("settings.md")[name].strip("`")) == all_settings()[name]


def test_every_error_code_is_documented_with_its_status_and_no_other() -> None:
    expected = {error.code: str(error.status) for error in all_errors()}
    assert rows("errors.md") == expected


@pytest.mark.parametrize("reason", sorted(REASONS | {EXPIRED}))
def test_every_reason_of_a_failed_delivery_has_a_row_with_what_to_do(reason: str) -> None:
    cells = [row.split(" | ") for row in re.findall(rf"^\| `{reason}` \| .*$", channels_page(), re.M)]
    assert [len(row) for row in cells] == [4]


@pytest.mark.parametrize("language", list(DATA["stop"]))
def test_the_words_people_can_send_are_documented(language: str) -> None:
    wanted = {word for wish in ("stop", "start", "help") for word in DATA[wish][language]}
    rows_of_words = [set(re.split(r" ?[|,] ?", row)) for row in channels_page().splitlines()]
    assert any(wanted <= row for row in rows_of_words), wanted


@pytest.mark.parametrize("word", DATA["carrier_stop"])
def test_the_words_at_which_twilio_blocks_are_documented(word: str) -> None:
    assert re.search(rf"\b{word}\b", channels_page())


@pytest.mark.parametrize("channel", sorted({build.__module__.split(".")[1] for build in BUILDERS} - {"web"}))
def test_every_channel_says_where_its_provider_posts(channel: str) -> None:
    assert f"/channels/{channel}`" in channels_page()


def commands() -> list[str]:
    text = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    return sorted(set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.M)))


@pytest.mark.parametrize("target", commands())
def test_every_make_command_of_the_documents_exists(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_readme_names_every_part_of_the_command() -> None:
    names = {
        command.callback.__name__ for command in cli.registered_commands if command.callback and not command.hidden
    } - {"run"}
    groups = {
        "accounts": accounts_cli,
        "office": office_cli,
        "nlu": nlu_cli,
        "ticket": ticket_cli,
        "channels": channels_cli,
    }
    nested = [f"{name} {command.name}" for name, group in groups.items() for command in group.registered_commands]
    readme = (ROOT / "README.md").read_text()
    assert [name for name in [*names, *nested] if f"`{name}`" not in readme] == []


def anchors(document: Path) -> set[str]:
    """The headings of a page as they are named in links."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_into_pages_lead_to_headings(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", document.read_text())
    targets = [(document.parent / page if page else document, anchor) for page, anchor in links]
    assert [anchor for page, anchor in targets if anchor not in anchors(page)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_decision_records_are_short() -> None:
    long = [path.name for path in (ROOT / "docs" / "decisions").glob("*.md") if len(path.read_text().splitlines()) > 60]
    assert long == []


@pytest.mark.parametrize("folder", ["actions", "backend", "benchmarks", "bot", "channels", "data", "docs", "tests"])
def test_the_map_names_every_folder(folder: str) -> None:
    assert f"`{folder}/`" in (ROOT / "README.md").read_text()


def test_code_files_stay_readable() -> None:
    tracked = subprocess.check_output(["git", "ls-files", "*.py", "*.js", "*.css"], cwd=ROOT, text=True).split()
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in tracked if (ROOT / name).exists()}
    assert {name: count for name, count in lengths.items() if count > 400} == {}
