"""What a structured report says, ours or one that a viewer made of it, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pydicom

from ovcf.anatomy import Level
from ovcf.coded.codes import SCHEME, id_of
from ovcf.dicom_out.back import tree
from ovcf.dicom_out.coded.items import UNITS, UPPER
from ovcf.dicom_out.extra import need_highdicom
from ovcf.dicom_out.images.point_on_image import OnImage
from ovcf.dicom_out.sr.findings import ReadFinding, read_finding
from ovcf.dicom_out.sr.points import OHIF
from ovcf.errors import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydicom import Dataset


NOT_HELD = (
    "the signal of the marrow voxel by voxel, and with it regions and thresholds that a reader set",
    "outlines of the bodies (the segmentation has them)",
    "edits one by one: the report holds what they came to, and who moved which point",
    "the clinical case, and guidance other than urgent statements (the PDF has them)",
    "the figures a measurement was made of, its citations and those of findings and scores",
    "lists inside a finding: the grades of the whole spine, the values of a course over visits",
    "pictures",
)
"""What of a reading a structured report cannot hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPoint:
    """One landmark. ``key`` stands for its vertebra (:func:`ovcf.reading.uids.body_key`)."""

    key: str
    level: Level
    landmark: str
    on: OnImage
    sd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMeasurement:
    """One measured quantity by the id of its method; ``series`` are the UIDs of those that it was read on.

    ``unit`` is as :class:`ovcf.units.Unit` writes it, or the UCUM code of another.
    """

    level: Level | None
    method: str
    value: float
    unit: str
    standard_uncertainty: float | None
    series: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLine:
    """One line that can be edited: what it measures, of which vertebra, and its points on an image.

    ``key`` and ``method`` are empty where the group does not bear them.
    """

    tracking_uid: str
    tool: str
    method: str
    key: str
    on: OnImage


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadScore:
    """One score by its name."""

    score: str
    status: str
    total: float | None
    items: tuple[tuple[str, float | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReport:
    """All of it. ``foreign`` names every group that is none of ours, as its writer named it.

    ``predecessors`` are the instance UIDs of the documents it follows; ``reading`` and ``version`` are empty in a
    report that a viewer made of ours.
    """

    instance_uid: str
    study_uid: str
    patient_id: str
    verified: bool
    reader: str
    written_at: str
    reading: str = ""
    version: str = ""
    predecessors: tuple[str, ...] = ()
    points: tuple[ReadPoint, ...] = ()
    lines: tuple[ReadLine, ...] = ()
    measurements: tuple[ReadMeasurement, ...] = ()
    findings: tuple[tuple[Level | None, ReadFinding], ...] = ()
    scores: tuple[ReadScore, ...] = ()
    tracking_uids: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    """(kind, words): warnings, what was not measured, urgent statements, notes."""
    foreign: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    points: list[ReadPoint] = field(default_factory=list)
    lines: list[ReadLine] = field(default_factory=list)
    measurements: list[ReadMeasurement] = field(default_factory=list)
    findings: list[tuple[Level | None, ReadFinding]] = field(default_factory=list)
    scores: list[ReadScore] = field(default_factory=list)
    uids: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


def read_report(path: Path) -> ReadReport:
    """Read a structured report of TID 1500.

    Raises:
        UnreadableFileError: it is no such report, or damaged.
        MissingExtraError: highdicom is not installed.
    """
    need_highdicom()
    try:
        ds = pydicom.dcmread(path)
        return report_of(ds, str(path))
    except UnreadableFileError:
        raise
    except Exception as cause:  # a damaged file can raise anything from the parser: all of it means unreadable
        raise _unreadable(str(path), f"cannot be read as a DICOM report ({cause})") from cause


def report_of(ds: Dataset, name: str) -> ReadReport:
    """The report of a data set; ``name`` is what errors call it."""
    template = [t.get("TemplateIdentifier") for t in ds.get("ContentTemplateSequence", ())]
    if str(ds.get("Modality")) != "SR" or "1500" not in template:
        raise _unreadable(name, "is not a structured report of measurements (TID 1500)")
    root, found = tree.children(ds), _Found()
    for container in filter(_holds_groups, root):
        for group in tree.named(tree.children(container), tree.GROUP):
            _read_group(tree.children(group), found)
    whole = [i for c in tree.named(root, tree.EVALUATIONS) for i in tree.children(c)]
    said = [
        (kind, words)
        for kind in ("urgent", "question", "warning", "withheld", "note")
        for words in tree.own_texts(whole, kind)
    ]
    names = [v.VerifyingObserverName for v in ds.get("VerifyingObserverSequence", ())]
    return ReadReport(
        instance_uid=str(ds.SOPInstanceUID),
        study_uid=str(ds.StudyInstanceUID),
        patient_id=str(ds.get("PatientID", "")),
        verified=ds.get("VerificationFlag") == "VERIFIED",
        reader=_plain_name(str(names[0]) if names else tree.text_of(root, tree.OBSERVER_NAME)),
        written_at=_instant(ds, ours=bool(tree.own_texts(whole, "reading"))),
        reading=next(iter(tree.own_texts(whole, "reading")), ""),
        version=next(iter(tree.own_texts(whole, "version")), ""),
        predecessors=tuple(
            str(document.ReferencedSOPInstanceUID)
            for study in ds.get("PredecessorDocumentsSequence", ())
            for series in study.get("ReferencedSeriesSequence", ())
            for document in series.get("ReferencedSOPSequence", ())
        ),
        points=tuple(found.points),
        lines=tuple(found.lines),
        measurements=tuple(found.measurements),
        findings=tuple(found.findings),
        scores=tuple(found.scores),
        tracking_uids=tuple(found.uids),
        said=tuple(said),
        foreign=tuple(found.foreign),
    )


def _holds_groups(item: Dataset) -> bool:
    """Whether an item is one of the containers in which measurement groups stand."""
    name = tree.name_of(item)
    return name in (tree.MEASUREMENTS, tree.DERIVED) or id_of("item", *name) == "landmarks"


def _read_group(items: list[Dataset], found: _Found) -> None:
    identifier = tree.text_of(items, tree.TRACKING_IDENTIFIER)
    uid = tree.text_of(items, tree.TRACKING_UID)
    found.uids.append(uid)
    finding = next((tree.code_of(i) for i in tree.named(items, tree.FINDING)), ("", ""))
    level, key = _site(items)
    numbers = [i for i in items if i.get("ValueType") == "NUM"]
    own, method, score = (id_of(section, *finding) for section in ("item", "measurement", "score"))
    owner, _, tool = identifier.partition(":")
    if owner == OHIF or method is not None:
        drawn = next((on for n in numbers for _, on in tree.drawn(n)), None)
        if drawn is None:
            found.foreign.append(_called(items, identifier))
        else:
            found.lines.append(ReadLine(tracking_uid=uid, tool=tool, method=method or "", key=key, on=drawn))
    elif own == "landmarks" and level is not None:
        found.points += [p for n in numbers for p in _points(n, key, level)]
    elif own == "measurements":
        series = tuple(str(i.UID) for i in tree.named(items, tree.SERIES))
        found.measurements += [m for n in numbers if (m := _measurement(n, level, series)) is not None]
        found.findings += [(level, f) for i in items if (f := read_finding(i)) is not None]
    elif score is not None:
        found.scores.append(_score(score, items, numbers))
    else:
        found.foreign.append(_called(items, identifier))


def _site(items: Sequence[Dataset]) -> tuple[Level | None, str]:
    """The level that a group names, and the key of the vertebra."""
    level, key = None, ""
    for item in tree.named(list(items), tree.FINDING_SITE):
        scheme, value = tree.code_of(item)
        name = id_of("level", scheme, value)
        if name is not None:
            level = Level(name)
        elif scheme == SCHEME and value.startswith("B-"):
            key = value.removeprefix("B-")
    return level, key


def _points(number: Dataset, key: str, level: Level) -> list[ReadPoint]:
    sd = next(
        (tree.number_of(i) for i in tree.children(number) if id_of("item", *tree.name_of(i)) == "coordinate sd"), None
    )
    return [
        ReadPoint(key=key, level=level, landmark=landmark, on=on, sd=sd)
        for item, on in tree.drawn(number)
        if (landmark := id_of("landmark", *tree.name_of(item))) is not None and len(on.points) == 1
    ]


def _measurement(number: Dataset, level: Level | None, series: tuple[str, ...]) -> ReadMeasurement | None:
    method, value = id_of("measurement", *tree.name_of(number)), tree.number_of(number)
    if method is None or value is None:
        return None
    code = tree.unit_of(number)
    unit = next((unit.value for unit, concept in UNITS.items() if concept.value == code), code)
    upper = (UPPER.scheme_designator, UPPER.value)
    spread = next((tree.number_of(i) for i in tree.named(tree.children(number), upper)), None)
    return ReadMeasurement(
        level=level, method=method, value=value, unit=unit, standard_uncertainty=spread, series=series
    )


def _score(score: str, items: list[Dataset], numbers: list[Dataset]) -> ReadScore:
    def own(item: Dataset) -> str | None:
        return id_of("item", *tree.name_of(item))

    total = next((tree.number_of(n) for n in numbers if id_of("score", *tree.name_of(n)) == score), None)
    status = next((id_of("word", *tree.code_of(i)) or "" for i in items if own(i) == "score status"), "")
    lines = tuple(
        (next(iter(tree.own_texts(tree.children(i), "item name")), ""), tree.number_of(i))
        for i in items
        if own(i) == "score item"
    )
    return ReadScore(score=score, status=status, total=total, items=lines)


def _called(items: list[Dataset], identifier: str) -> str:
    """What a group of others calls itself: its tracking identifier, and what it says it found."""
    words = [tree.meaning_of(i) for i in tree.named(items, tree.FINDING)]
    words += [tree.meaning_of(i) for i in tree.named(items, tree.FINDING_SITE)]
    return ", ".join(filter(None, (identifier, *words))) or "a group without a name"


def _plain_name(name: str) -> str:
    return " ".join(name.replace("^", " ").split())


def _instant(ds: Dataset, *, ours: bool) -> str:
    """When it was written, UTC. Ours are in UTC; a time of others without a zone is taken as that of this machine."""
    from datetime import UTC, datetime

    day, time = str(ds.get("ContentDate", "")), str(ds.get("ContentTime", "")).split(".")[0]
    zone = "+0000" if ours else str(ds.get("TimezoneOffsetFromUTC", ""))
    try:
        when = datetime.strptime(f"{day}{time:0<6}{zone}", "%Y%m%d%H%M%S" + ("%z" if zone else ""))  # noqa: DTZ007
    except ValueError:
        return ""
    return when.astimezone(UTC).isoformat(timespec="seconds")


def _unreadable(name: str, why: str) -> UnreadableFileError:
    return UnreadableFileError(name, why, "Give the report that `ovcf dicom write` or a viewer made of a reading.")
