"""Rasa without TensorFlow: its imports are answered, its use is not."""

import subprocess
import sys
from importlib.metadata import distributions

import pytest
from bot_factories import ROOT

BEFORE = "from bot import stub; stub.install(); stub.install()\n"


def run(code: str, before: str = BEFORE) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{before}{code}"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


WORKS = """
import tensorflow as tf, tensorflow_addons as tfa, tensorflow_text, tensorflow_hub, keras
import tensorflow.keras.backend as K
from tensorflow.python.keras.utils import tf_utils
from tensorflow.keras.layers import Dense, Layer
from tensorflow_addons.utils.types import TensorLike
from typing import Dict, List, Optional, Union

class Model(tf.keras.Model):
    def call(self, given: Optional[tf.Tensor] = None) -> Union[tf.Tensor, List[tf.SparseTensor]]:
        return given

@tf.function
def plain(x): return x + 1

@tf.keras.utils.register_keras_serializable()
class Registered(Layer): pass

assert plain(1) == 2 and plain.__name__ == "plain"
assert issubclass(Model, tf.Module) and Model().call(3) == 3
assert Registered.__name__ == "Registered"
assert not isinstance(1, tf.Tensor) and not isinstance("x", tf.keras.losses.Loss)
assert tf.__version__ == keras.__version__ == "2.12.0"
assert Dict[str, tf.Tensor] and List["tf.Tensor"] and tf.Tensor[int]
tf.config.experimental.set_memory_growth(1, True); tf.random.set_seed(7); tf.get_logger().setLevel("ERROR")
assert tf.keras.optimizers.Adam(0.1) is not None
assert sum(type(finder).__name__ == "_Finder" for finder in sys.meta_path) == 1
"""


def test_rasas_ways_of_naming_tensorflow_work() -> None:
    done = run(WORKS)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "use",
    [
        "int(tf.constant(1))",
        "[row for row in tf.range(3)]",
        "tf.constant(1) + 1",
        "float(tf.reduce_sum([1.0]))",
        "len(tf.shape([1]))",
        "with tf.GradientTape() as tape: pass",
        "tf.constant([1.0])[0]",
    ],
)
def test_what_really_needs_tensorflow_fails_at_once(use: str) -> None:
    done = run(f"import tensorflow as tf\n{use}")
    assert done.returncode != 0
    assert done.stderr.strip().splitlines()[-1].startswith(("TypeError", "AttributeError"))


@pytest.mark.parametrize("name", ["tensorflow", "keras", "tensorflow_addons.layers"])
def test_without_the_stub_there_is_no_tensorflow(name: str) -> None:
    done = run(f"import {name}", before="")
    assert "ModuleNotFoundError" in done.stderr


def test_only_what_is_listed_is_answered() -> None:
    done = run("import torch")
    assert "ModuleNotFoundError" in done.stderr


def test_no_tensorflow_is_installed_beside_rasa() -> None:
    names = {str(found.metadata["Name"]).lower() for found in distributions()}
    assert "rasa" in names
    assert {name for name in names if name.startswith(("tensorflow", "keras", "tensorboard", "jax"))} == set()
