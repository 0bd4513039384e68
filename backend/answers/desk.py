"""What everything that speaks to citizens on their channels needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.core.settings import Settings
from backend.offices.service import Office
from channels.adapter import Adapter


@dataclass(frozen=True)
class Desk:
    """The office, its settings and its channels."""

    settings: Settings
    office: Office
    adapters: Mapping[str, Adapter]
