"""Shared parts of the suite in Rasa's environment: Rasa as we change it, a real PostgreSQL, a small trained agent."""

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, AsyncIterator, Iterator

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[2]

sys.path.insert(0, str(ROOT))
os.environ.update(RASA_TELEMETRY_ENABLED="false", SQLALCHEMY_SILENCE_UBER_WARNING="1")
for name in ("OFFICE", "OFFICES_DIR"):
    os.environ.pop(name, None)
settings.register_profile("brief", max_examples=40, deadline=None)
settings.load_profile("brief")

from bot import stub

stub.install()

from bot import patches

patches.apply()

from bot_factories import TOKEN, ActionServer, sample_of_examples

DATABASE = """
import shutil
import sys
from pathlib import Path
from backend.core.embedded import EmbeddedPostgres
from backend.migrations.upgrade import migrate

server = EmbeddedPostgres(Path(sys.argv[1]))
url = server.start()
migrate(url)
print("URL", url.replace("+psycopg", "", 1), flush=True)
sys.stdin.read()
server.stop()
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""
"""Runs in the backend's environment; ends and clears up by itself when this process lets go of its standard input."""


@pytest.fixture(scope="session", autouse=True)
def _quiet() -> None:
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)


@pytest.fixture(scope="session")
def database_process() -> Iterator["subprocess.Popen[str]"]:
    folder = Path(tempfile.mkdtemp(prefix="komshu-bot-", dir="/tmp"))
    folder.chmod(0o755)
    process = subprocess.Popen(
        [str(ROOT / ".venv" / "bin" / "python"), "-c", DATABASE, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    assert process.stdin
    process.stdin.close()


@pytest.fixture(scope="session")
def model_file(database_process: "subprocess.Popen[str]", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of our own pipeline, rules and domain, taught a few labels; the database starts meanwhile."""
    from rasa.model_training import train

    folder = tmp_path_factory.mktemp("model")
    os.environ["RASA_CACHE_DIRECTORY"] = str(folder / "cache")
    examples = sample_of_examples(ROOT / "data" / "nlu", folder / "nlu.yml")
    trained = train(
        domain=str(ROOT / "bot" / "domain"),
        config=str(ROOT / "config.yml"),
        training_files=[str(examples), str(ROOT / "bot" / "rules")],
        output=str(folder),
        fixed_model_name="small",
        force_training=True,
    )
    assert trained.model, trained
    return Path(trained.model)


@pytest.fixture(scope="session")
def database_url(database_process: "subprocess.Popen[str]") -> str:
    """A migrated database of this run, as libpq names it."""
    assert database_process.stdout
    for line in database_process.stdout:
        if line.startswith("URL "):
            return line[4:].strip()
    raise AssertionError(f"the database did not start: exit code {database_process.wait(10)}")


@pytest.fixture(scope="session")
async def actions() -> AsyncIterator[ActionServer]:
    """An action server that answers what the test tells it to."""
    async with ActionServer() as server:
        yield server


@pytest.fixture(scope="session")
async def agent(model_file: Path, database_url: str, actions: ActionServer) -> AsyncIterator[Any]:
    """Rasa as bot/launcher.py serves it: our pipeline, endpoints file, tracker store and sentences."""
    from rasa.core.agent import load_agent
    from rasa.core.utils import AvailableEndpoints

    os.environ.update(BOT_DATABASE_URL=database_url, ACTIONS_URL=actions.url, INTERNAL_TOKEN=TOKEN)
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "bot" / "endpoints.yml"))
    loaded = await load_agent(str(model_file), endpoints=endpoints)
    yield loaded
    await (await loaded.tracker_store._connections()).close()


@pytest.fixture(autouse=True)
def _forgetful(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "actions" in request.fixturenames:
        request.getfixturevalue("actions").forget()
