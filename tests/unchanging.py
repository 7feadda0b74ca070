"""Which results of a package could be changed after they were made."""

import importlib
import inspect
import pkgutil
from dataclasses import is_dataclass


def dataclasses_of(package):
    """Every data class that a package defines."""
    names = [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    modules = [importlib.import_module(name) for name in names]
    classes = [(m, c) for m in modules for c in vars(m).values() if inspect.isclass(c) and c.__module__ == m.__name__]
    return [c for _, c in classes if is_dataclass(c)]


def changeable(package):
    """Those of them whose fields may be set again."""
    return [c.__qualname__ for c in dataclasses_of(package) if not c.__dataclass_params__.frozen]
