"""Stock Rasa, running."""

from pathlib import Path
from uuid import uuid4

from benchmarks.machine import tree
from benchmarks.places import STOCK_ENVIRONMENT
from benchmarks.processes import free_ports
from benchmarks.stack import Stack


class StockStack(Stack):
    """`rasa run` with the REST channel."""

    name = "stock"

    def __init__(self, project: Path) -> None:
        super().__init__()
        self._project = project
        self.url = f"http://127.0.0.1:{free_ports(1)[0]}"

    def _program(self) -> tuple[list[str], Path, dict[str, str]]:
        port = self.url.rpartition(":")[2]
        command = [str(STOCK_ENVIRONMENT / "bin" / "rasa"), "run", "--model", "models/model.tar.gz"]
        command += ["--interface", "127.0.0.1", "--port", port, "--credentials", "credentials.yml"]
        return command, self._project, {"RASA_TELEMETRY_ENABLED": "false"}

    def _answers(self) -> bool:
        body = {"sender": uuid4().hex, "message": "Hello"}
        answer = self._client.post(f"{self.url}/webhooks/rest/webhook", json=body)
        return answer.is_success and bool(answer.json())

    def processes(self) -> dict[str, list[int]]:
        """One process tree."""
        return {"rasa": tree(self._process.pid)}
