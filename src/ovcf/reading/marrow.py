"""The marrow signal of a study with its bodies as they are now named and outlined, and what is no yardstick for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.assessment.measured.by_signal import onto
from ovcf.assessment.measured.ledger import Ledger
from ovcf.assessment.measured.marrow_series import CONTRASTS, AreaOut, MarrowSeries
from ovcf.errors import OvcfError
from ovcf.imaging.one_time import MARROW_ROLES
from ovcf.imaging.study import Role
from ovcf.kept import kept
from ovcf.language.worded import say
from ovcf.measures.declare import Acquisition
from ovcf.measures.registry import inside_an_outline
from ovcf.measures.signal.body_sample import sample_body
from ovcf.measures.signal.marrow import MARGIN_MM, THRESHOLD_SD, reference_marrow, trabecular
from ovcf.reading.editing.lay_over import edited
from ovcf.reading.observing.areas import MAX_SHARE, TOO_MUCH, without_areas
from ovcf.reading.observing.region_masks import filled, region_mask, slice_at, unkept
from ovcf.scores.applicability import applicability
from ovcf.segmentation.redrawn import drawn_on_slices, redrawn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.clinical.case import ClinicalCase
    from ovcf.geometry import SagittalPlane
    from ovcf.imaging.volume import Volume
    from ovcf.landmarks import Point
    from ovcf.reading.editing.edited import Edited, EditedSet
    from ovcf.reading.editing.edits import AnyEdit
    from ovcf.reading.observations import MarrowSamples, Observations, ObservedSeries

    Mask = NDArray[np.bool_]


STALE = "the outline was drawn before the landmarks were moved"
BEYOND = (
    "the outline as it was drawn reaches to where no signal was kept",
    "Draw it within some millimetres of the body.",
)
"""Why the marrow of a body is not read, and what to do."""


def marrow_series(
    observations: Observations, case: ClinicalCase, edits: Sequence[AnyEdit] = ()
) -> dict[Role, MarrowSeries]:
    """The marrow signal that conclusions are drawn from, by what each series is read for."""
    now = edited(observations, edits, case)
    return prepared_marrow(now, affected_levels(now.case), Ledger())


def unfit_for_reference(case: ClinicalCase) -> list[tuple[Level, str]]:
    """Vertebrae that the case names as fractured, cemented, instrumented or diseased, with the reason."""
    named = (
        ((case.index_level,) if case.index_level else (), "the index fracture"),
        (case.other_fractures, "fractured"),
        (case.old_fractures, "fractured (old)"),
        (case.cemented_levels, "cemented"),
        (case.instrumented_levels, "instrumented"),
    )
    return [(level, why) for levels, why in named for level in levels]


def lesions_of(case: ClinicalCase) -> tuple[Level, ...]:
    """Levels with a declared focal lesion; the index vertebra among them where tumour or infection is recorded."""
    index = case.index_level
    doubted = index is not None and applicability(case).tumour_or_infection
    return (*case.focal_lesions, *((index,) if index is not None and doubted else ()))


def affected_levels(case: ClinicalCase) -> list[Level]:
    """Vertebrae whose marrow is no yardstick for others."""
    return [*(level for level, _ in unfit_for_reference(case)), *case.focal_lesions]


def told_stale(now: Edited, ledger: Ledger) -> None:
    """Say of every body read inside an outline that was drawn before its landmarks were moved."""
    stale = {s.levels[v.id] for s in now.sets for v in s.vertebrae.values() if v.stale and not s.asked}
    ledger.measurements = [
        replace(m, warnings=(*m.warnings, STALE)) if inside_an_outline(m.method.id) and m.index_level in stale else m
        for m in ledger.measurements
    ]


def prepared_marrow(now: Edited, affected: Sequence[Level], ledger: Ledger) -> dict[Role, MarrowSeries]:
    """Every MR series with its bodies named and its reference marrow, by what it is read for."""
    prepared: dict[Role, MarrowSeries] = {}
    sets = {s.seen.id: s for s in now.sets}
    earlier: dict[str, tuple[Mask, ...]] = {}
    for samples in sorted(now.observations.marrow, key=lambda m: m.series not in now.preferred):
        facts = now.observations.get_series(samples.series)
        assert facts is not None
        role = now.roles.get(facts.uid, facts.role)
        if role not in MARROW_ROLES or role in prepared:
            continue
        s = sets[samples.landmark_set]
        if s.asked:
            continue
        left_out = {(v, at) for v, series, at in now.excluded if series in ("", facts.uid)}
        slices = frozenset((v, at) for v, at in left_out if at is not None)
        bodies = {v: mask for v, mask in bodies_now(samples, s).items() if (v, None) not in left_out}
        for v in _beyond(samples, s, bodies):
            ledger.withhold(say("marrow signal on {value}", value=role.value), s.levels[v], *BEYOND)
            del bodies[v]
        bodies, areas = without_areas(now, s, samples, bodies)
        bodies = {v: _as_earlier(mask, earlier.get(v, ())) for v, mask in bodies.items()}
        for v in [v for v, out in areas.items() if sum(one.share for one in out) > MAX_SHARE]:
            ledger.withhold(say("marrow signal on {value}", value=role.value), s.levels[v], *TOO_MUCH)
            del bodies[v], areas[v]
        earlier |= {v: (*earlier.get(v, ()), mask) for v, mask in bodies.items()}
        names = tuple((v, s.levels[v]) for v in bodies)
        set_by = "t2" if role is Role.T2 else "edema"
        threshold = now.thresholds.get(set_by, THRESHOLD_SD)
        regions, outside = _regions(now, s, samples, bodies)
        made_by = s.seen.source.placed_by
        try:
            prepared[role] = _named(
                samples,
                facts,
                made_by,
                names,
                bodies,
                slices,
                frozenset(affected),
                role=role,
                by_reader=_ByReader(
                    threshold_sd=threshold,
                    threshold_by=now.threshold_by.get(set_by, ""),
                    regions=regions,
                    outside=outside,
                    areas={s.levels[v]: out for v, out in areas.items()},
                ),
            )
        except OvcfError as error:
            ledger.withhold(
                say("marrow signal on {value}", value=role.value),
                None,
                say("{where}: {problem}", where=error.where, problem=error.problem),
                error.remedy,
            )
    return prepared


@kept
def _as_earlier(mask: Mask, earlier: tuple[Mask, ...]) -> Mask:
    """The equal mask of a series before, where there is one: what follows from a mask alone is worked out once."""
    return next((other for other in earlier if np.array_equal(other, mask)), mask)


def look_ahead(now: Edited) -> None:
    """Read the marrow of vertebrae that are no yardstick now, so that another index vertebra can be chosen at once.

    Only what is kept comes of it: call it while results are kept.
    """
    prepared = prepared_marrow(now, affected_levels(now.case), Ledger())
    t2 = prepared.get(Role.T2)
    grids = [(series.voxels, series) for series in prepared.values()]
    grids += [(onto(s.volume, t2.volume), t2) for role, s in prepared.items() if t2 and role in (Role.T1, Role.STIR)]
    for voxels, series in grids:
        for level, body in series.bodies.items():
            try:
                trabecular(sample_body(voxels, body, say("marrow of {level}", level=level)), series.spacing, MARGIN_MM)
            except OvcfError:
                continue


class _ByReader(NamedTuple):
    """What a reader set on one series, by the present names of the vertebrae; the fields of :class:`MarrowSeries`."""

    threshold_sd: float
    threshold_by: str
    regions: Mapping[tuple[Level, str], tuple[int, Mask]]
    outside: Mapping[tuple[Level, str], float]
    areas: Mapping[Level, tuple[AreaOut, ...]]


@kept
def _named(
    samples: MarrowSamples,
    facts: ObservedSeries,
    made_by: str,
    names: tuple[tuple[str, Level], ...],
    masks: Mapping[str, Mask],
    left_out: frozenset[tuple[str, int]],
    affected: frozenset[Level],
    *,
    role: Role,
    by_reader: _ByReader,
) -> MarrowSeries:
    """The signal of one series with its bodies under their present names."""
    bodies = {}
    for vertebra, level in names:
        if level.region != "sacral":
            mask = _without(masks[vertebra], tuple(sorted(at for v, at in left_out if v == vertebra)))
            if mask.any():
                bodies[level] = mask
    volume = samples.volume
    return MarrowSeries(
        uid=facts.uid,
        acquisition=Acquisition(
            field_strength_t=facts.field_strength_t,
            repetition_time_ms=facts.repetition_time_ms,
            echo_time_ms=facts.echo_time_ms,
            contrast_agent=facts.contrast_agent,
        ),
        volume=volume,
        bodies=bodies,
        canal=samples.canal,
        reference=reference_marrow(volume.voxels, bodies, affected, voxel_mm=volume.spacing_mm),
        middle=samples.middle,
        source=facts.source(made_by),
        by_program=samples.by_program,
        apart={level: samples.apart[v] for v, level in names if v in samples.apart},
        contrast=CONTRASTS[role],
        **by_reader._asdict(),
    )


def _regions(
    now: Edited, s: EditedSet, samples: MarrowSamples, bodies: Mapping[str, Mask]
) -> tuple[dict[tuple[Level, str], tuple[int, Mask]], dict[tuple[Level, str], float]]:
    """The regions that a reader placed on a series, by the present names of their vertebrae, and the share of each that
    lies outside of its body, or of the canal where that is known."""
    plane = s.seen.plane
    regions: dict[tuple[Level, str], tuple[int, Mask]] = {}
    outside: dict[tuple[Level, str], float] = {}
    for r in now.regions:
        if plane is None or r.series != samples.series or r.vertebra not in s.levels:
            continue
        mask = region_mask(samples, plane, r.slice, r.outline)
        within = samples.canal if r.region == "csf" else bodies.get(r.vertebra)
        key = s.levels[r.vertebra], r.region
        if within is not None:
            outside[key] = float((mask & ~within[r.slice]).sum() / mask.sum())
        regions[key] = r.slice, mask
    return regions, outside


def bodies_now(samples: MarrowSamples, s: EditedSet) -> dict[str, Mask]:
    """The voxels of each body as it is now outlined; a reader's outline goes before the one that was seen.

    What a reader drew on one slice goes before what is carried there from the plane of the points.
    """
    seen, plane, volume = samples.masks, s.seen.plane, samples.volume
    first = {v.id: v for v in s.seen}
    bodies = {}
    for id_, vertebra in s.vertebrae.items():
        outline = vertebra.seen.outline
        if id_ in seen and (plane is None or not vertebra.redrawn or not first[id_].outline):
            bodies[id_] = seen[id_]
        elif id_ in seen and plane is not None:
            bodies[id_] = redrawn(volume, plane, seen[id_], first[id_].outline, outline)
        elif id_ not in first and plane is not None and vertebra.seen.points:
            sa, sp, ia, ip = vertebra.seen.points[:4]
            bodies[id_] = drawn_on_slices(volume, plane, outline or (sa, sp, ip, ia), samples.any_body)
        if id_ in bodies and plane is not None:
            for offset_mm, own in vertebra.on_slices:
                bodies[id_] = _on_slice(volume, plane, bodies[id_], own, offset_mm)
    return bodies


def _beyond(samples: MarrowSamples, s: EditedSet, bodies: Mapping[str, Mask]) -> list[str]:
    """Those bodies of which a reader drew more than there is signal of."""
    plane = s.seen.plane
    if plane is None:
        return []
    return [
        id_
        for id_, mask in bodies.items()
        if (v := s.vertebrae[id_]).drawn
        and unkept(samples, plane, mask, (v.seen.outline if v.redrawn else (), *(o for _, o in v.on_slices)))
    ]


@kept
def _on_slice(volume: Volume, plane: SagittalPlane, body: Mask, outline: tuple[Point, ...], offset_mm: float) -> Mask:
    at = slice_at(volume, plane, outline, offset_mm)
    if at is None:
        return body
    result = body.copy()
    result[at] = filled(volume, plane, at, np.asarray(outline, float))
    return result


@kept
def _without(mask: Mask, slices: tuple[int, ...]) -> Mask:
    if not slices:
        return mask
    rest = mask.copy()
    rest[list(slices)] = False
    return rest
