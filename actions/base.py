"""What all actions share: a client of the backend."""

from typing import Any

from rasa_sdk import Action

from actions.client import BackendClient

Event = dict[str, Any]


class BackendAction(Action):  # type: ignore[misc]
    """An action that asks the backend."""

    action_name = ""

    def __init__(self, backend: BackendClient) -> None:
        self.backend = backend

    def name(self) -> str:
        """The name the domain knows."""
        return self.action_name
