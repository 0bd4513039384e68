"""The channels there are. A new one is a folder and a line here."""

from channels.adapter import Adapter
from channels.web.adapter import WebAdapter

ADAPTERS: dict[str, Adapter] = {adapter.name: adapter for adapter in (WebAdapter(),)}
