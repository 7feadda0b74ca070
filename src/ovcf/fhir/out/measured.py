"""Measurements and findings: one group for each vertebra and image, as in our structured report, with its members.

HL7's guide "DICOM SR to FHIR Resource Mapping" makes an Observation of each measurement group (DCM 125007), one of each
measurement and qualitative evaluation in it, and lets the group refer to them as its members.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding_over_time import HeightLossSince
from ovcf.assessment.findings.kinds import Ungraded
from ovcf.coded.codes import concepts
from ovcf.coded.findings import ANSWER, HEADLINE, LISTS_OF_WORDS, NOT_HELD, PLAIN_WORDS, coded_as
from ovcf.fhir.out.source import component, notes
from ovcf.fhir.parts import absent, body_site, coded, coding, dcm, dicom_identifier, quantity
from ovcf.measures.registry import published
from ovcf.reading.uids import tracking_uid
from ovcf.units import Unit
from ovcf.vocabulary import CODES, Posture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ovcf.assessment.findings.finding import Finding
    from ovcf.assessment.result import Withheld
    from ovcf.fhir.out.source import Of, Resources
    from ovcf.fhir.parts import Json
    from ovcf.landmarks import Source
    from ovcf.measures.measurement import Measurement

_GROUP = dcm("125007", "Measurement Group")
_EVALUATION = {"text": "qualitative evaluation"}
_UPPER = ("371886008", "+, range of upper measurement uncertainty", "", "SCT")
_LOWER = ("371885007", "-, range of lower measurement uncertainty", "", "SCT")


@dataclass(slots=True)
class _OnImage:
    """What is said of one vertebra, or of the spine, on the same images."""

    sources: tuple[Source, ...]
    measurements: list[Measurement] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def groups(into: Resources) -> dict[Level | None, list[Json]]:
    """Keep every measurement and finding, and a group of each vertebra and image; references to the groups, by level,
    the spine as a whole first."""
    of = into.of
    found: dict[tuple[Level | None, tuple[tuple[str, str], ...]], _OnImage] = {}

    def at(level: Level | None, sources: tuple[Source, ...]) -> _OnImage:
        images = tuple((s.series_uid, s.image) for s in sources)
        return found.setdefault((level, images), _OnImage(sources))

    for m in of.assessment.measurements:
        at(m.index_level, (m.source,)).measurements.append(m)
    for f in (*of.assessment.findings, *of.assessment.suggested_fractures):
        at(f.level, f.sources).findings.append(f)
    by_rank = sorted(found.items(), key=lambda kv: -1 if kv[0][0] is None else kv[0][0].rank)
    made: dict[Level | None, list[Json]] = {}
    for (level, _), said in by_rank:
        made.setdefault(level, []).append(_group(into, level, said))
    return made


def _group(into: Resources, level: Level | None, said: _OnImage) -> Json:
    of, sources = into.of, said.sources
    uids, names = [s.series_uid for s in sources], ", ".join(s.image for s in sources)
    where = "spine" if level is None else str(level)
    members = [_measurement(into, m) for m in said.measurements]
    members += [_finding(into, f, (where, *uids, names)) for f in said.findings]
    return into.observation(
        {
            "identifier": [dicom_identifier(tracking_uid(of.reading, "image", where, *uids, names))],
            "code": coded("item", "measurements", f"{where} on {names}" if names else where),
            "bodySite": body_site(level),
            "effectiveDateTime": _day(of, sources),
            "derivedFrom": of.seen_on(sources),
            "component": [c for s in sources for c in _image(s)],
            "hasMember": members,
        },
        "group",
        where,
        *uids,
        names,
        category=(_GROUP,),
    )


def _day(of: Of, sources: Sequence[Source]) -> str | None:
    return max((s.acquired_on for s in sources if s.acquired_on), default=of.day)


def _measurement(into: Resources, m: Measurement) -> Json:
    u = m.standard_uncertainty
    spread = (
        [] if u is None else [{"code": dcm(*name), "valueQuantity": quantity(u, m.unit)} for name in (_UPPER, _LOWER)]
    )
    return into.observation(
        {
            "code": coded("measurement", m.method.id, m.method.name),
            "bodySite": body_site(m.index_level),
            "effectiveDateTime": _day(into.of, (m.source,)),
            "valueQuantity": quantity(m.value, m.unit, u),
            "method": {"text": m.method.definition or m.method.name},
            "derivedFrom": into.of.seen_on((m.source,)),
            "component": [*spread, *_image(m.source), *_placed(m.source)],
            "note": notes(m.warnings),
        },
        "measurement",
        m.method.id,
        *map(str, m.levels),
        m.source.series_uid,
        m.source.image,
    )


def _image(source: Source) -> Iterator[Json]:
    """On which image, and how the patient was held: kyphosis and height depend on it."""
    if source.image:
        yield component("item", "image", {"valueString": source.image})
    if source.series_uid and source.study_uid:
        yield {"code": dcm("112002", "Series Instance UID"), "valueString": source.series_uid}
    if source.posture is not Posture.UNKNOWN:
        scheme, code = CODES[source.posture]
        yield {
            "code": dcm("8361-8", "Body position with respect to gravity", scheme="LN"),
            "valueCodeableConcept": dcm(code, source.posture.value, scheme=scheme),
        }


def _placed(source: Source) -> Iterator[Json]:
    if source.placed_by:
        yield component("item", "placed by", {"valueString": source.placed_by})


def _finding(into: Resources, finding: Finding, where: tuple[str, ...]) -> Json:
    data = finding.data
    kind = coded_as(data)
    head = HEADLINE.get(kind, "")
    said = f"{finding.name}: {finding.value}"
    value = _value(getattr(data, head), head) if head else {"valueString": said}
    if kind in ANSWER:
        value = _value(ANSWER[kind], finding.name)
    if isinstance(data, Ungraded):
        value = absent("not-performed", data.reason)
    if isinstance(data, HeightLossSince):
        value = {"valueQuantity": quantity(data.points, Unit.PERCENT)}
    return into.observation(
        {
            "code": coded("finding", kind, finding.name),
            "bodySite": body_site(finding.level),
            "effectiveDateTime": _day(into.of, finding.sources),
            "derivedFrom": into.of.seen_on(finding.sources),
            **value,
            "component": [*_fields(finding, head), *_shares(getattr(data, "probability", None))],
            "note": notes((said, *finding.reasons)),
        },
        "finding",
        *where,
        finding.id,
        category=(_EVALUATION,),
    )


def _fields(finding: Finding, head: str) -> Iterator[Json]:
    data, kind = finding.data, coded_as(finding.data)
    if finding.by_reader:
        yield component("item", "by reader", {"valueBoolean": True})
    for f in fields(data):
        if f.name in ("kind", "probability", head, *NOT_HELD.get(kind, ())):
            continue
        value = getattr(data, f.name)
        for one in value if f.name in LISTS_OF_WORDS else (value,):
            if kind in ANSWER or (one is not None and one != ""):
                yield component("field", f.name, _value(one, f.name))


def _value(value: object, of: str = "") -> Json:
    """A value by its kind. What could not be told has none, and says so."""
    if value is None:
        return absent("unknown", f"{of or 'it'} cannot be told")
    if isinstance(value, bool):
        return {"valueCodeableConcept": coded("word", "yes" if value else "no")}
    if isinstance(value, int):
        return {"valueInteger": value}
    if isinstance(value, float):
        return {"valueQuantity": quantity(value, Unit.RATIO)}
    word = str(value)
    if word in concepts()["level"] and isinstance(value, Level):
        return {"valueCodeableConcept": coded("level", word)}
    if word in concepts()["word"] and (isinstance(value, StrEnum) or word in PLAIN_WORDS):
        return {"valueCodeableConcept": coded("word", word)}
    return {"valueString": word}


def _shares(shares: Any) -> Iterator[Json]:
    """The probability of each category, or the one of the answer."""
    if shares is None or shares == ():
        return
    pairs = (("", shares),) if isinstance(shares, float) else shares
    for category, share in pairs:
        yield probability(category, share)


def probability(category: object, share: float) -> Json:
    """The probability of a category, which stands in the text of the code; without one, that of the answer."""
    several = category if isinstance(category, tuple) else (category,)
    told = " or ".join("cannot be told" if one is None else _plain(one) for one in several)
    code = {"coding": [coding("item", "probability")], **({"text": f"Probability of {told}"} if told else {})}
    return {"code": code, "valueQuantity": quantity(share, Unit.RATIO)}


def _plain(category: object) -> str:
    if isinstance(category, bool):
        return "yes" if category else "no"
    return f"{category:g}" if isinstance(category, float) else str(category)


def withheld(into: Resources) -> list[Json]:
    """What was not measured: no value, and why. Nothing that is missing is zero, and nothing is left away."""
    return [_withheld(into, one) for one in into.of.assessment.withheld]


def _withheld(into: Resources, one: Withheld) -> Json:
    by_name = {known.name.casefold(): id_ for id_, known in published().items()}
    id_ = by_name.get(one.name.casefold())
    return into.observation(
        {
            "code": coded("item", "withheld", one.name) if id_ is None else coded("measurement", id_, one.name),
            "bodySite": body_site(one.level),
            **absent("not-performed", one.reason),
            "note": notes((str(one.remedy),)),
        },
        "withheld",
        one.name,
        str(one.level),
        one.reason,
    )
