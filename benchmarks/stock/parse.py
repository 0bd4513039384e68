"""Labels texts with stock Rasa: one JSON string a line on standard input, an answer a line on standard output.

Runs in stock's own environment; the answers have the form of `bot.launcher parse`.
"""

import asyncio
import json
import logging
import os
import sys
import time
import warnings
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", RASA_TELEMETRY_ENABLED="false", SQLALCHEMY_SILENCE_UBER_WARNING="1")
warnings.filterwarnings("ignore")
RETRIEVAL = ("faq", "report")


def label_ranking(found: dict[str, Any]) -> list:
    """Rasa's ranking of intents, a retrieval intent with the part its response selector chose."""
    chosen = found.get("response_selector", {}).get("default", {})
    ranking = []
    for entry in found.get("intent_ranking", []):
        if entry["name"] in RETRIEVAL:
            parts = [one for one in chosen.get("ranking", []) if one["intent_response_key"].startswith(entry["name"])]
            ranking += [(one["intent_response_key"], entry["confidence"] * one["confidence"]) for one in parts[:3]]
        else:
            ranking.append((entry["name"], entry["confidence"]))
    return sorted(ranking, key=lambda one: -one[1])[:6]


async def answer_all(agent: Any) -> None:
    """Until standard input ends."""
    for line in sys.stdin:
        text, began = json.loads(line), time.process_time()
        found = await agent.parse_message(text)
        cpu_ms = 1000 * (time.process_time() - began)
        intent, ranking = found["intent"]["name"], label_ranking(found)
        answer = {"intent": intent, "ranking": ranking, "language": None, "cpu_ms": cpu_ms}
        print(json.dumps(answer), flush=True)


def main() -> None:
    """Load the model named on the command line and answer."""
    from rasa.core.agent import Agent  # noqa: PLC0415 - after its environment is set
    from rasa.utils.log_utils import configure_structlog  # noqa: PLC0415

    configure_structlog(logging.ERROR)
    asyncio.run(answer_all(Agent.load(sys.argv[1])))


if __name__ == "__main__":
    main()
