"""Where bone quality is read, as regions that the page shows and a reader draws anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.guidance.rules.l1_on_ct import band_of
from ovcf.landmarks import Point
from ovcf.language.worded import Words, joined, say
from ovcf.reading.editing.edits import PlaceRegion
from ovcf.reading.observing.regions import Region, regions_of
from ovcf.render.words.wording import decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.reading.editing.edited import Edited
    from ovcf.reading.editing.edits import AnyEdit


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionView:
    """One region: ``outline`` is closed, in the frame of its landmark set, on ``slice`` of ``series``.

    ``edits`` are those of readers that placed it, ``said`` is what is read in it, ``warning`` why it may be none.
    ``meaning`` is the published band of an attenuation that a reader took; empty where it is only proposed.
    """

    region: str
    series: str
    slice: int
    outline: tuple[Point, ...]
    edits: tuple[str, ...]
    said: Words
    warning: Words
    meaning: Words = ""


_INSIDE = 0.02
"""Share that may lie outside: a pixel or two at the border."""


def _said(r: Region) -> str:
    if r.on_ct is not None:
        return say(
            "L1 on CT: {mean_hu:.0f} HU (SD {sd_hu:.0f}, {voxels} voxels)",
            mean_hu=r.on_ct.mean_hu,
            sd_hu=r.on_ct.sd_hu,
            voxels=r.on_ct.voxels,
        )
    signal = decimal(r.signal, 0 if r.signal >= 100 else 1)
    if r.region == "csf":
        return say("CSF behind {level}: signal {signal}", level=r.level, signal=signal)
    return say("Marrow of {level}: signal {signal}", level=r.level, signal=signal)


def _warning(r: Region) -> str:
    doubts = r.on_ct.doubts if r.on_ct is not None else ()
    if r.outside <= _INSIDE:
        return joined("; ", doubts)
    if r.region == "csf":
        return say("{outside:.0%} of it lies outside of the canal", outside=r.outside)
    return say("{outside:.0%} of it lies outside of the body", outside=r.outside)


def _meaning(now: Edited, r: Region) -> str:
    """The published band of what a reader took; an L1 that is not whole has none."""
    if r.on_ct is None or not r.by_reader:
        return ""
    band = band_of(now.case, round(r.signal, 1))
    return say("{label}: {meaning}", label=band.label or "", meaning=band.meaning)


def regions_view(now: Edited, edits: Sequence[AnyEdit]) -> dict[str, tuple[RegionView, ...]]:
    """The regions of each vertebra, by its identity; ``edits`` are those in force."""
    placed: dict[tuple[str, str, str], list[str]] = {}
    for edit in edits:
        if isinstance(edit, PlaceRegion):
            placed.setdefault((edit.vertebra, edit.region, edit.series), []).append(edit.id)
    found: dict[str, tuple[RegionView, ...]] = {}
    for r in regions_of(now):
        own = tuple(placed.get((r.vertebra, r.region, r.series), ()))
        if r.on_ct is not None and not r.by_reader:  # placed once, and a number was entered by hand after it
            own = ()
        one = RegionView(
            region=r.region,
            series=r.series,
            slice=r.slice,
            outline=r.outline,
            edits=own,
            said=_said(r),
            warning=_warning(r),
            meaning=_meaning(now, r),
        )
        found[r.vertebra] = (*found.get(r.vertebra, ()), one)
    return found
