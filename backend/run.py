"""`komshu run`: the supervisor's process, with none of the libraries of what it starts."""

import asyncio
import subprocess
import sys

from backend.bot_model import TrainingError
from backend.core.settings import ROOT, Settings
from backend.start import console, fail, prepared
from backend.supervisor import StartError, Supervisor, environment_of


def main() -> None:
    """Start everything on this machine and stay until told to stop."""
    with console.status("starting PostgreSQL"):
        settings, database = prepared("supervisor")
    supervisor = Supervisor(settings, console, lambda: _prepare_database(settings))
    try:
        asyncio.run(_supervise(supervisor, settings))
    except (StartError, TrainingError) as error:
        fail(str(error))
    finally:
        if database:
            database.stop()


async def _supervise(supervisor: Supervisor, settings: Settings) -> None:
    base = settings.public_base_url
    supervisor.on_ready = lambda: console.print(
        f"\n[bold green]Komshu is running[/] for the office [bold]{settings.office}[/]\n"
        f"  chat      {base}/\n  console   {base}/console\n"
        f"  API docs  {base}/docs\n  health    {base}/health/ready\n"
        f"  logs      {settings.data_dir / 'logs'}\nPress Ctrl-C to stop.\n"
    )
    await supervisor.run()


def _prepare_database(settings: Settings) -> None:
    """Migrate and load the office, in a process that ends. Raises StartError with what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "prepare"],
        cwd=ROOT,
        env={**environment_of(settings), "COLUMNS": "1000", "TERM": "dumb"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StartError(done.stderr.strip() or "The database could not be prepared.")


if __name__ == "__main__":
    main()
