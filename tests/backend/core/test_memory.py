"""What the garbage collector is told."""

import json
import subprocess
import sys

import pytest

from backend.core.memory import YOUNG
from backend.core.settings import ROOT

TOLD = """
import gc, json
from backend.core.memory import settle
kept = [[] for _ in range(1000)]
settle()
watched = {id(one) for one in gc.get_objects()}
print(json.dumps([gc.get_freeze_count(), gc.get_threshold()[0], any(id(one) in watched for one in kept)]))
"""


def test_what_is_there_after_the_start_is_never_looked_through_again() -> None:
    done = subprocess.run([sys.executable, "-c", TOLD], cwd=ROOT, capture_output=True, text=True, check=True)
    frozen, young, looked_at = json.loads(done.stdout)
    assert (frozen > 1000, young, looked_at) == (True, YOUNG, False)


@pytest.mark.parametrize(("part", "begins"), [("app.py", "public.serve()"), ("worker.py", "create_task(part)")])
def test_it_is_told_before_the_work_begins(part: str, begins: str) -> None:
    code = (ROOT / "backend" / part).read_text(encoding="utf-8")
    assert code.index("    settle()\n") < code.index(begins)
