"""The trabecular attenuation of L1 in a region on CT: proposed by the program, taken only once a reader placed it.

The region lies on one sagittal slice. What is read in it becomes the fact ``l1_hu`` of the clinical case; of an L1 that
is fractured or treated it says nothing, and it never enters NASOVCF.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import OvcfError
from ovcf.language.worded import say
from ovcf.measures.signal.attenuation import attenuation
from ovcf.measures.signal.marrow import MARGIN_MM, depth_mm
from ovcf.reading.marrow import bodies_now
from ovcf.reading.observing.region_masks import region_mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ovcf.measures.signal.attenuation import Attenuation
    from ovcf.reading.editing.edited import Edited, EditedSet
    from ovcf.reading.editing.edits import PlaceRegion
    from ovcf.reading.observations import MarrowSamples

    Mask = NDArray[np.bool_]

OUTSIDE = 0.02
"""Share of a region that may lie outside of its body: a pixel or two at the border."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class L1Region:
    """A region on CT, and what is read in it.

    ``mask`` holds its pixels (rows, columns) of ``slice``. ``placed`` is the edit of the reader; None where the program
    proposes it. ``outside`` is the share that lies outside of the body.
    """

    vertebra: str
    samples: MarrowSamples
    slice: int
    mask: Mask
    placed: PlaceRegion | None
    found: Attenuation
    outside: float = 0.0

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why it may not be the attenuation of trabecular bone."""
        beside = (
            (say("{outside:.0%} of the region lies outside of the body", outside=self.outside),)
            if self.outside > OUTSIDE
            else ()
        )
        return (*beside, *self.found.doubts)


def l1_region(now: Edited) -> L1Region | None:
    """The region of L1: the reader's, else the one proposed in the middle slice; None without L1 on CT, or where the
    body is too small.
    """
    return next(_placed(now), None) or next(_proposed(now), None)


def with_l1(now: Edited) -> tuple[Edited, L1Region | None]:
    """The reading with the attenuation that a reader's region holds as a fact of its case, and that region."""
    drawn = next(_placed(now), None)
    if drawn is None:
        return now, None
    return replace(now, case=replace(now.case, l1_hu=round(drawn.found.mean_hu, 1))), drawn


def elsewhere(now: Edited) -> tuple[str, ...]:
    """What to say of regions on CT whose vertebra is not named L1 now: they are not read."""
    levels = {id_: level for s in now.sets for id_, level in s.levels.items()}
    return tuple(
        say("a region for L1 lies on CT in what is now named {level}: it is not read", level=levels[r.vertebra])
        for r in now.regions
        if r.region == "attenuation" and levels.get(r.vertebra, Level.L1) is not Level.L1
    )


def said(region: L1Region) -> str:
    """How L1 was measured, in words."""
    found = region.found
    return say(
        "L1: {mean_hu:.0f} HU (SD {sd_hu:.0f}) over {voxels} voxels, {volume_mm3:.0f} mm3, in a region placed by "
        "{reader}",
        mean_hu=found.mean_hu,
        sd_hu=found.sd_hu,
        voxels=found.voxels,
        volume_mm3=found.volume_mm3,
        reader=region.placed.reader if region.placed else "ovcf",
    )


def _placed(now: Edited) -> Iterator[L1Region]:
    placed = {(r.series, r.vertebra): r for r in now.regions if r.region == "attenuation"}
    if not placed:
        return
    for samples, s, vertebra in _there(now):
        if (edit := placed.get((samples.series, vertebra))) is not None and s.seen.plane is not None:
            mask = region_mask(samples, s.seen.plane, edit.slice, edit.outline)
            body = bodies_now(samples, s).get(vertebra)
            yield _read(vertebra, samples, edit.slice, mask, body, edit)


def _proposed(now: Edited) -> Iterator[L1Region]:
    for samples, s, vertebra in _there(now):
        body = bodies_now(samples, s).get(vertebra)
        if body is None or not body[samples.middle].any():
            continue
        mask = _oval(body[samples.middle], samples.volume.spacing_mm[1:])
        try:
            yield _read(vertebra, samples, samples.middle, mask, body, None)
        except OvcfError:  # too few voxels are left: there is nothing to propose
            continue


def _oval(body: Mask, pixel_mm: tuple[float, float]) -> Mask:
    """An oval in one slice of a body ``(rows, columns)``, anterior at column 0: in front of the basivertebral vein and
    clear of cortex and endplates (project rule; readers draw it so).
    """
    rows, columns = np.nonzero(body)
    (top, bottom), (front, back) = (float(rows.min()), float(rows.max())), (float(columns.min()), float(columns.max()))
    high, deep = bottom - top + 1, back - front + 1
    at = np.indices(body.shape, dtype=float)
    off = ((at[0] - (top + bottom) / 2) / (_HALF * high)) ** 2 + (
        (at[1] - (front + _FORWARD * deep)) / (_HALF * deep)
    ) ** 2
    return np.asarray((off <= 1) & (depth_mm(body[None], pixel_mm)[0] > MARGIN_MM))


_HALF, _FORWARD = 0.3, 0.45
"""Half axes as shares of height and depth of the body, and how far behind its front the middle lies."""


def _there(now: Edited) -> Iterator[tuple[MarrowSamples, EditedSet, str]]:
    """Every CT that shows L1, with its landmarks and the identity of L1 there."""
    sets = {s.seen.id: s for s in now.sets}
    for samples in now.observations.marrow:
        s = sets[samples.landmark_set]
        vertebra = s.id_of(Level.L1)
        if vertebra is not None and not s.asked and now.observations.is_ct(samples.series):
            yield samples, s, vertebra


def _read(
    vertebra: str, samples: MarrowSamples, at: int, mask: Mask, body: Mask | None, placed: PlaceRegion | None
) -> L1Region:
    volume = samples.volume
    return L1Region(
        vertebra=vertebra,
        samples=samples,
        slice=at,
        mask=mask,
        placed=placed,
        found=attenuation(np.asarray(samples.voxels[at][mask], float), volume.voxel_volume_mm3),
        outside=0.0 if body is None else float((mask & ~body[at]).sum() / max(1, mask.sum())),
    )
