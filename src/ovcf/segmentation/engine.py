"""Every engine by its id: what the files of ``engines/`` declare as ``ENGINE``. Nothing is listed by hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING

import ovcf.segmentation.engines
from ovcf.errors import Remedy, RemedyCode, SeriesChoiceError
from ovcf.imaging.study import Role
from ovcf.segmentation.engines.builtin import BuiltinEngine, candidate_labellings
from ovcf.segmentation.engines.declare import Asked, DeclaredEngine, Engine, Gives
from ovcf.segmentation.network.model_files import digests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["BuiltinEngine", "Engine", "candidate_labellings", "declared", "engine_named", "engines", "published"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A declaration as plain data; ``models`` holds (file, SHA-256) of each model that it runs."""

    id: str
    title: str
    reads: tuple[Role, ...]
    gives: tuple[Gives, ...]
    licence: str
    citation: str
    needs: str
    models: tuple[tuple[str, str], ...]


@cache
def engines() -> Mapping[str, DeclaredEngine]:
    """Every declared engine by its id, the built-in one first.

    Raises:
        ValueError: two files declare the same id.
    """
    found: dict[str, DeclaredEngine] = {}
    package = ovcf.segmentation.engines
    for name in sorted(file.name for file in iter_modules(package.__path__)):
        engine: DeclaredEngine | None = getattr(import_module(f"{package.__name__}.{name}"), "ENGINE", None)
        if engine is None:
            continue
        if engine.id in found:
            raise ValueError(f"two engines are called {engine.id}")
        found[engine.id] = engine
    return MappingProxyType(found)


def published() -> dict[str, Published]:
    """Every declaration as plain data."""
    return {
        id_: Published(
            id=e.id,
            title=e.title,
            reads=e.reads,
            gives=e.gives,
            licence=e.licence,
            citation=e.citation,
            needs=e.needs,
            models=tuple((model, digests()[model]) for model in e.models),
        )
        for id_, e in engines().items()
    }


def declared(name: str) -> DeclaredEngine:
    """The declaration of this name.

    Raises:
        SeriesChoiceError: there is no such engine.
    """
    if name not in engines():
        raise SeriesChoiceError(
            "engine",
            f"{name!r} is not known",
            Remedy(f"Choose one of: {', '.join(engines())}.", RemedyCode.CHOOSE_THE_ENGINE),
        )
    return engines()[name]


def engine_named(
    name: str, *, labels: Sequence[Path] = (), scheme: str | None = None, progress: Callable[[str], None] | None = None
) -> Engine:
    """The engine of this name; ``labels`` and ``scheme`` are for the engine ``labels``, ``progress`` for slow ones.

    Raises:
        SeriesChoiceError: there is no such engine, or no label map for it.
    """
    return declared(name).make(Asked(labels=labels, scheme=scheme, progress=progress))
