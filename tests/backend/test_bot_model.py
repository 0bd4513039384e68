"""The model is named by what it was trained from."""

from pathlib import Path

import pytest

from backend.bot_model import SOURCES, bot_command, bot_environment, fingerprint
from backend.core.settings import ROOT, Settings

FILES = (
    "config.yml",
    "data/nlu/ro/report.yml",
    "bot/domain/report.yml",
    "bot/rules/report.yml",
    "bot/components/folding.py",
    "uv.lock",
)


def checkout(folder: Path) -> Path:
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def test_the_same_files_give_the_same_name_wherever_they_lie(tmp_path: Path) -> None:
    one, other = fingerprint(checkout(tmp_path / "one")), fingerprint(checkout(tmp_path / "other"))
    assert one == other
    assert len(one) == 12


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_means_a_new_model(tmp_path: Path, name: str) -> None:
    before = fingerprint(checkout(tmp_path))
    (tmp_path / name).write_text(name + "!")
    assert fingerprint(tmp_path) != before


@pytest.mark.parametrize("name", ["data/nlu/ro/new.yml", "bot/components/new.py", "bot/rules/deep/new.yml"])
def test_a_new_and_a_renamed_file_mean_a_new_model(tmp_path: Path, name: str) -> None:
    before = fingerprint(checkout(tmp_path))
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    added = fingerprint(tmp_path)
    path.rename(path.with_stem("renamed"))
    assert len({before, added, fingerprint(tmp_path)}) == 3


@pytest.mark.parametrize("name", ["data/offices/x/office.yml", "README.md", "bot/components/__pycache__/folding.pyc"])
def test_what_the_model_does_not_depend_on_means_no_training(tmp_path: Path, name: str) -> None:
    before = fingerprint(checkout(tmp_path))
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    assert fingerprint(tmp_path) == before


def test_every_source_of_the_model_is_there() -> None:
    assert [source for source in SOURCES if not (ROOT / source).exists()] == []


def test_the_bot_is_told_its_office_and_how_to_reach_the_actions(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, internal_token="t" * 40, office="macedonia-diaspora", internal_port=9001)
    told = bot_environment(settings)
    assert told["OFFICE"] == "macedonia-diaspora"
    assert told["ACTIONS_URL"] == "http://127.0.0.1:9001/internal/actions"
    assert told["INTERNAL_TOKEN"] == "t" * 40
    assert bot_command(settings, "train")[1:] == ["-m", "bot.launcher", "train"]
