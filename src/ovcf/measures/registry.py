"""Every measurement by its id: what the files of the folders here declare as ``MEASUREMENTS``; nothing by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from ovcf.measures.declare import AnyMeasurement, Contrast, FromLandmarks, FromMarrow, FromOutlines, Of, Points, Printed
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLDERS = ("shape", "signal", "outline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A declaration as plain data, without its function.

    ``needs`` names what it is read from; ``points`` and ``middle`` which landmarks, ``contrast`` and ``csf`` which MR
    series and whether CSF. ``unit`` is a UCUM code; None is the unit of length of the image.
    """

    id: str
    name: str
    definition: str
    evidence: tuple[str, ...]
    unit: Unit | None
    of: Of
    printed: Printed
    finding: str
    needs: Literal["landmarks", "marrow", "outlines"]
    points: Points | None = None
    middle: bool = False
    contrast: Contrast | None = None
    csf: bool = False


@cache
def measurements() -> Mapping[str, AnyMeasurement]:
    """Every declared measurement by its id, those of the summary first.

    Raises:
        ValueError: two files declare the same id, or a declaration has neither a function nor a finding, or both.
    """
    found: dict[str, AnyMeasurement] = {}
    for one in sorted(_declared(), key=lambda one: one.printed is not Printed.SUMMARY):
        if one.id in found:
            raise ValueError(f"two measurements are called {one.id}")
        if (getattr(one, "function", None) is None) == (not one.finding):
            raise ValueError(f"{one.id} needs a function, or the finding that it comes with")
        found[one.id] = one
    return MappingProxyType(found)


def from_landmarks() -> tuple[FromLandmarks, ...]:
    """Those measured of the points of one image by a function of their own."""
    return tuple(one for one in measurements().values() if isinstance(one, FromLandmarks) and one.function)


def from_marrow(of: Of) -> tuple[FromMarrow, ...]:
    """Those measured of marrow signal by a function of their own."""
    return tuple(m for m in measurements().values() if isinstance(m, FromMarrow) and m.function and m.of is of)


def in_summary() -> tuple[AnyMeasurement, ...]:
    """Those that stand first wherever an assessment is printed."""
    return tuple(one for one in measurements().values() if one.printed is Printed.SUMMARY)


@cache  # asked hundreds of times for each assessment
def of_whole_spine(id_: str) -> bool:
    """Whether a measurement is of the spine as a whole."""
    return id_ in measurements() and measurements()[id_].of is Of.SPINE


def inside_an_outline(id_: str) -> bool:
    """Whether a measurement is of the marrow inside the outline of one body."""
    one = measurements().get(id_)
    return isinstance(one, FromMarrow) and one.of is not Of.SPINE


def published() -> dict[str, Published]:
    """Every declaration as plain data."""
    return {id_: _plain(one) for id_, one in measurements().items()}


def _plain(one: AnyMeasurement) -> Published:
    method = one.method
    told = Published(
        id=method.id,
        name=method.name,
        definition=method.definition,
        evidence=method.evidence,
        unit=one.unit,
        of=one.of,
        printed=one.printed,
        finding=one.finding,
        needs="outlines",
    )
    match one:
        case FromLandmarks():
            return replace(told, needs="landmarks", points=one.points, middle=one.middle)
        case FromMarrow():
            return replace(told, needs="marrow", contrast=one.contrast, csf=one.csf)
        case FromOutlines():
            return told


@cache
def _declared() -> tuple[AnyMeasurement, ...]:
    found: list[AnyMeasurement] = []
    for folder in _FOLDERS:
        package = import_module(f"ovcf.measures.{folder}")
        for name in sorted(file.name for file in iter_modules(package.__path__)):
            found += getattr(import_module(f"{package.__name__}.{name}"), "MEASUREMENTS", ())
    return tuple(found)
