"""The measurement groups (TID 1501) of a reading: landmarks, measurements and findings of each vertebra, the scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from highdicom.sr import (
    CodedConcept,
    FindingSite,
    Measurement,
    MeasurementsAndQualitativeEvaluations,
    TrackingIdentifier,
)

from ovcf.coded.codes import SCHEME
from ovcf.dicom_out.coded.concept import concept
from ovcf.dicom_out.coded.items import (
    PROPERTY,
    SERIES,
    UNITS,
    code,
    item_concept,
    measured_with,
    number,
    person,
    text,
    uid,
    uncertainty,
    with_properties,
)
from ovcf.dicom_out.sr.findings import finding_item
from ovcf.dicom_out.sr.points import landmark_measurement
from ovcf.landmarks import POINTS
from ovcf.reading.uids import body_key, tracking_uid
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from highdicom.sr import ContentItem

    from ovcf.anatomy import Level
    from ovcf.assessment.findings.finding import Finding
    from ovcf.assessment.result import Assessment
    from ovcf.dicom_out.images.source_images import Sources
    from ovcf.landmarks import Source
    from ovcf.measures.measurement import Measurement as Measured
    from ovcf.reading.editing.edited import Edited, EditedSet, EditedVertebra
    from ovcf.reading.version import Reading
    from ovcf.scores.result import ScoreResult

Group = MeasurementsAndQualitativeEvaluations


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """What a report is made of. ``reading`` is the whole chain, ``now`` its newest version with its edits laid over."""

    reading: Reading
    now: Edited
    assessment: Assessment
    sources: Sources

    def sites(self, level: Level | None, vertebra: str | None = None) -> list[FindingSite]:
        """Where: the vertebra by its anatomical name and, where it is one of the reading, by its key there.

        The key is a code of its own, since viewers that write a report anew keep codes and nothing else.
        """
        named = FindingSite(item_concept("spine") if level is None else concept("level", level))
        if vertebra is None:
            return [named]
        key = CodedConcept(f"B-{body_key(self.reading, vertebra)}", SCHEME, f"{level} of this reading")
        return [named, FindingSite(key)]


@dataclass(slots=True)
class _OnImage:
    """What is said of one vertebra, or of the spine, on the same images."""

    measurements: list[Measured] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def group(
    name: str,
    uid_: str,
    *,
    finding: CodedConcept,
    sites: Sequence[FindingSite],
    measurements: Sequence[Measurement] = (),
    more: Iterable[ContentItem] = (),
) -> Group:
    """A measurement group with whatever else it holds."""
    made = Group(
        tracking_identifier=TrackingIdentifier(uid=uid_, identifier=name),
        finding_type=finding,
        finding_sites=list(sites),
        measurements=list(measurements) or None,
    )
    made[0].ContentSequence.extend(list(more))
    return made


def landmark_groups(what: Written) -> Iterator[Group]:
    """The landmarks of each vertebra of each image, measured or withheld."""
    for s in what.now.sets:
        place = what.sources.places.get(s.seen.id)
        if place is None:
            continue
        for v in sorted(s.vertebrae.values(), key=lambda v: s.levels[v.id].rank):
            level = s.levels[v.id]
            measurements = [
                landmark_measurement(name, place.onto((point,)), what.sources, _of_point(v, name, n, s))
                for n, (name, point) in enumerate(zip(POINTS, v.seen.points, strict=False))
            ]
            more = [text(item_concept("placed by"), s.seen.source.placed_by)]
            if v.withheld:
                more.append(text(item_concept("withheld"), v.withheld))
            if s.asked:
                more.append(text(item_concept("question"), "the name of this vertebra is a guess"))
            name = f"landmarks of {level} on {s.seen.name}"
            yield group(
                name,
                tracking_uid(what.reading, "landmarks", v.id),
                finding=item_concept("landmarks"),
                sites=what.sites(level, v.id),
                measurements=measurements,
                more=[*more, *_series(what, s.seen.series)],
            )


def _of_point(v: EditedVertebra, name: str, n: int, s: EditedSet) -> list[ContentItem]:
    found = []
    if v.seen.sd is not None:
        found.append(number(item_concept("coordinate sd"), v.seen.sd[n], s.seen.source.length_unit, PROPERTY))
    if name in v.moved:
        found += [person(item_concept("moved by"), reader) for reader in sorted(v.readers)]
    return found


def image_groups(what: Written) -> Iterator[Group]:
    """Measurements and findings, one group for each vertebra and image, cranial to caudal.

    What looks fractured and what could not be judged stand among them.
    """
    found: dict[tuple[Level | None, tuple[Source, ...]], _OnImage] = {}
    for m in what.assessment.measurements:
        found.setdefault((m.index_level, (m.source,)), _OnImage()).measurements.append(m)
    for f in (*what.assessment.findings, *what.assessment.suggested_fractures):
        found.setdefault((f.level, f.sources), _OnImage()).findings.append(f)
    by_rank = sorted(found.items(), key=lambda kv: -1 if kv[0][0] is None else kv[0][0].rank)
    for (level, sources), said in by_rank:
        uids = [s.series_uid for s in sources]
        names = ", ".join(s.image for s in sources)
        where = "spine" if level is None else str(level)
        vertebra = None if level is None else _vertebra(what.now, level, uids)
        yield group(
            f"{where} on {names}" if names else where,
            tracking_uid(what.reading, "image", where, *uids, names),
            finding=item_concept("measurements"),
            sites=what.sites(level, vertebra),
            measurements=[measurement(m) for m in said.measurements],
            more=[
                *([text(item_concept("image"), names)] if names else ()),
                *(item for one in uids for item in _series(what, one)),
                *map(finding_item, said.findings),
            ],
        )


def measurement(measured: Measured) -> Measurement:
    """One measured quantity with its uncertainty and what is doubtful about it."""
    made = Measurement(name=concept("measurement", measured.method.id), value=measured.value, unit=UNITS[measured.unit])
    more = [text(item_concept("warning"), why, PROPERTY) for why in measured.warnings]
    if measured.standard_uncertainty is not None:
        more = [*uncertainty(measured.standard_uncertainty, measured.unit), *more]
    measured_with(made, more)
    return made


def score_groups(what: Written) -> Iterator[Group]:
    """One group for each score: total or what is attainable, items, status, group and reasons."""
    for score in what.assessment.scores:
        level = what.assessment.index_level
        yield group(
            score.score,
            tracking_uid(what.reading, "score", score.score),
            finding=concept("score", score.score),
            sites=what.sites(level),
            measurements=list(_totals(score)),
            more=_about(score),
        )


def _totals(score: ScoreResult) -> Iterator[Measurement]:
    name = concept("score", score.score)
    unit = UNITS[Unit.POINT]
    if score.total is not None:
        made = Measurement(name=name, value=score.total, unit=unit)
        measured_with(made, _shares(dict(score.total_probability)))
        yield made
    elif score.attainable is not None:
        for end, value in zip(("lowest total", "highest total"), score.attainable, strict=True):
            yield Measurement(name=item_concept(end), value=value, unit=unit)


def _about(score: ScoreResult) -> list[ContentItem]:
    items = [
        code(item_concept("score status"), concept("word", score.status)),
        text(item_concept("score version"), score.version),
    ]
    if score.group is not None:
        shares = _shares(dict(score.group_probability))
        items.append(with_properties(text(item_concept("score group"), score.group), shares))
    for one in score.items:
        children = [
            text(item_concept("item name"), one.name, PROPERTY),
            text(item_concept("item finding"), one.finding, PROPERTY),
        ]
        if one.points is None:
            item = code(item_concept("score item"), item_concept("indeterminate"))
        else:
            item = number(item_concept("score item"), one.points, Unit.POINT)
        items.append(with_properties(item, children))
    said = [
        *score.alerts,
        score.condition,
        *score.reasons,
        *score.advisories,
        *(f"missing: {name}" for name in score.missing),
    ]
    return items + [text(item_concept("warning"), words) for words in said if words]


def _shares(of: Mapping[object, float]) -> list[ContentItem]:
    return [
        with_properties(
            number(item_concept("probability"), share, relation=PROPERTY),
            [
                text(
                    item_concept("category"),
                    f"{category:g}" if isinstance(category, float) else str(category),
                    PROPERTY,
                )
            ],
        )
        for category, share in of.items()
    ]


def _word(category: object) -> str:
    return f"{category:g}" if isinstance(category, float) else str(category)


def _series(what: Written, series: str) -> list[ContentItem]:
    """The series that something was read on; nothing where it is not in this study."""
    images = what.sources.series.get(series)
    return [] if images is None else [uid(SERIES, str(images[0].SeriesInstanceUID))]


def _vertebra(now: Edited, level: Level, series: Sequence[str]) -> str | None:
    """Which vertebra of the reading a name stands for on an image: of the image's own set, else of the set that its
    marrow is read with.
    """
    ids = {s.seen.id: s for s in now.sets}
    own = [s for s in now.sets if s.seen.series in series]
    own += [ids[m.landmark_set] for m in now.observations.marrow if m.series in series]
    return next((found for s in own if (found := s.id_of(level)) is not None), None)
