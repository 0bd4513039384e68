"""The actions there are."""

from typing import Any

import yaml

from actions.registry import ACTIONS
from backend.core.settings import ROOT


def domain() -> list[dict[str, Any]]:
    paths = sorted((ROOT / "bot" / "domain").glob("*.yml"))
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]


def test_the_domain_and_the_registry_name_the_same_actions() -> None:
    declared = [name for part in domain() for name in part.get("actions", [])]
    assert sorted(declared) == sorted(action.action_name for action in ACTIONS)


def test_every_form_has_its_action() -> None:
    forms = {f"validate_{form}" for part in domain() for form in part.get("forms", {})}
    assert forms <= {action.action_name for action in ACTIONS}
