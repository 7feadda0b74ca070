"""What people read of a finding: its name, its value and its probabilities, one function per kind.

Nothing reads these words back: a program decides by the data (:mod:`ovcf.assessment.findings.kinds`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ovcf.language.worded import joined, say
from ovcf.measures.shape.radiograph_signs import SHORT_THRESHOLD_PERCENT, WEDGE_THRESHOLD_MM
from ovcf.measures.signal.bone_quality import HIGH_FROM
from ovcf.vocabulary import Analgesic, ShapeOnRadiograph, T2Pattern

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ovcf.assessment.findings import finding_over_time as later
    from ovcf.assessment.findings import kinds as f
    from ovcf.vocabulary import OfClass

LOOK_HERE = "could not be judged: look here"


class Spoken(NamedTuple):
    """A finding in words; the probability is of each category that is named."""

    name: str
    value: str
    probability: tuple[tuple[str, float], ...] = ()


def spoken(data: f.FindingData, *, by_reader: bool) -> Spoken:
    """The words for a finding; ``by_reader``: a reader said so."""
    return _WORDS[data.kind](data, by_reader)


def _sq_grade(data: f.SqGrade, by_reader: bool) -> Spoken:
    shape = say(", {shape}", shape=data.shape) if data.shape else ""
    return Spoken(
        "SQ" if by_reader else "SQ_from_measurement",
        say("grade {grade}{shape}", grade=data.grade, shape=shape),
        tuple((say("grade {grade}", grade=grade), p) for grade, p in data.probability),
    )


def _readers_grade(data: f.ReadersGrade, _: bool) -> Spoken:
    fractured = 1 - dict(data.probability).get(0, 0.0)
    return Spoken(
        "SQ as readers grade",
        say("grade 1 to 3 in {fractured:.0%}", fractured=fractured),
        tuple((say("grade {grade}", grade=grade), p) for grade, p in data.probability),
    )


def _morphometry(data: f.Morphometry, _: bool) -> Spoken:
    shape = data.shape or "none"
    said = {True: say("fractured, {shape}", shape=shape), False: "not fractured", None: "cannot be told"}[
        data.fractured
    ]
    grade = say(", grade {grade}", grade=data.grade) if data.grade else ""
    return Spoken(
        say("Morphometry ({algorithm})", algorithm=data.algorithm), said + grade, _one("fractured", data.probability)
    )


def _radiograph_sign(data: f.RadiographShape, _: bool) -> Spoken:
    said = {True: "present", False: "absent", None: "unknown"}[data.present]
    return Spoken(say("Radiograph sign: {signs}", signs=_SIGNS[data.sign]), said, _one("present", data.probability))


_SIGNS = {
    ShapeOnRadiograph.WEDGE: say(
        "posterior - anterior height > {wedge_threshold_mm:g} mm", wedge_threshold_mm=WEDGE_THRESHOLD_MM
    ),
    ShapeOnRadiograph.SHORT: say(
        "more than {short_threshold_percent:g} % shorter than the body above or below",
        short_threshold_percent=SHORT_THRESHOLD_PERCENT,
    ),
}


def _recency(data: f.RecencySign, _: bool) -> Spoken:
    words = {True: "recent", False: "not recent", None: "reader must decide"}
    shares = tuple((words[answer], p) for answer, p in data.probability)
    return Spoken("Signs of a recent fracture", words[data.recent], shares)


def _t2_pattern(data: f.T2Signal, _: bool) -> Spoken:
    """Near a limit the two most probable patterns."""
    likely = sorted(data.probability, key=lambda share: -share[1])[:2]
    named = (data.pattern,) if data.sure else tuple(pattern for pattern, _ in likely)
    said = joined(" or ", ("no abnormal pattern" if p is T2Pattern.NONE else p.value for p in named))
    return Spoken("T2 signal pattern", said, tuple((pattern.value, p) for pattern, p in data.probability))


def _edema_level(data: f.EdemaLevel, _: bool) -> Spoken:
    return Spoken("Marrow edema level", data.level.value, tuple((level.value, p) for level, p in data.probability))


def _edema_beside_endplates(data: f.EdemaBesideEndplates, _: bool) -> Spoken:
    return Spoken("Edema beside the endplates", _sides(data.superior, data.inferior))


def _cleft(data: f.CleftSign, by_reader: bool) -> Spoken:
    return Spoken("Cleft" if by_reader else "Cleft, suggested", data.cleft.value)


def _bone_quality(data: f.BoneQuality, _: bool) -> Spoken:
    said = (
        say("high: {high_from:.1f} or more", high_from=HIGH_FROM)
        if data.high
        else say("below {high_from:.1f}", high_from=HIGH_FROM)
    )
    return Spoken("Bone quality (VBQ)", said, _one("high", data.probability))


def _endplates(data: f.Endplates, _: bool) -> Spoken:
    if data.superior is None or data.inferior is None:
        return Spoken("Endplates, suggested", "cannot be told")
    return Spoken("Endplates, suggested", _sides(data.superior, data.inferior), tuple(data.probability))


def _posterior_wall(data: f.PosteriorWall, _: bool) -> Spoken:
    said, other = "involved", "not or hardly involved"
    p = data.probability
    shares = () if p is None else ((said, p), (other, 1 - p))
    return Spoken("Posterior wall, suggested", said if data.involved else other, shares)


def _of_suggestion(data: f.OfSuggestion, _: bool) -> Spoken:
    shares = tuple((_classes(classes), p) for classes, p in data.probability)
    return Spoken("OF class, suggested", _classes(data.possible if data.of is None else (data.of,)), shares)


def _classes(of: tuple[OfClass, ...]) -> str:
    return of[0].value if len(of) == 1 else "one of " + joined(", ", of)


def _suggested_fracture(data: f.SuggestedFracture, _: bool) -> Spoken:
    if data.unclear:
        return Spoken("Marrow signal", "not clear: for the reader to judge")
    said = {True: "recent", False: "old or none by signal", None: "age unknown"}[data.recent]
    return Spoken("Suggested fracture", said)


def _doubtful_neighbour(data: f.DoubtfulNeighbour, _: bool) -> Spoken:
    return Spoken("Neighbour looks fractured", data.neighbour.value)


def _ungraded(_: f.Ungraded, __: bool) -> Spoken:
    return Spoken("Not judged", LOOK_HERE)


def _spine(data: f.SpineGrades, _: bool) -> Spoken:
    """How many vertebrae were graded and are fractured, and which were not graded: never "none" alone."""
    graded = [level for level, __ in data.graded]
    if not graded:
        said = "no vertebra was graded: a fracture is not excluded at any level"
    else:
        span = graded[0] if len(graded) == 1 else say("{graded} to {graded_2}", graded=graded[0], graded_2=graded[-1])
        said = say(
            "{fractured} of {graded} graded vertebrae ({span}) fractured",
            fractured=len(data.fractured),
            graded=len(graded),
            span=span,
        )
        said += say(": {join}", join=joined(", ", data.fractured)) if data.fractured else ""
    if data.ungraded:
        said += say("; not graded: {join}", join=joined(", ", (u.level or "unnamed" for u in data.ungraded)))
    return Spoken("Genant over the spine, from measurement", said)


def _class(data: f.PublishedClass, _: bool) -> Spoken:
    return Spoken(
        say("{system} ({version})", system=data.system, version=data.version),
        data.label or say("open: {join}", join=joined(", ", data.possible)),
    )


def _non_union(data: later.NonUnion, _: bool) -> Spoken:
    said = {True: "non-union", False: "union", None: "open"}[data.answer]
    p = data.probability
    shares = () if p is None else (("non-union", p), ("open" if data.answer is None else "union", 1 - p))
    return Spoken("Non-union (Han)", said, shares)


def _kyphosis(data: later.KyphosisProgress, _: bool) -> Spoken:
    p = data.probability
    shares = () if p is None else (("yes", p), ("no", 1 - p))
    return Spoken("Progressive kyphosis (Han)", {True: "yes", False: "no", None: "open"}[data.answer], shares)


def _height_loss_since(data: later.HeightLossSince, _: bool) -> Spoken:
    return Spoken(
        "Height loss since", say("{points:+.1f} percentage points since {since}", points=data.points, since=data.since)
    )


def _over_visits(data: later.OverVisits, _: bool) -> Spoken:
    unit = "%" if data.of in ("edema", "disability") else ""
    drugs = tuple(Analgesic)
    words = (
        drugs[int(v)].value if data.of == "analgesics" else say("{v:.0f}{unit}", v=v, unit=unit) for _, v in data.visits
    )
    return Spoken(say("{of} over visits", of=data.of.capitalize()), joined(", ", words))


def _edema_returned(_: later.EdemaReturned, __: bool) -> Spoken:
    return Spoken("Edema came back", "look for another fracture")


def _cemented(data: later.CementedBody, _: bool) -> Spoken:
    said = {
        "broken again": "broke again",
        "height lost": "height lost since: look for a new fracture of the cemented body",
        "deformed": "deformed: compare with an image from after the augmentation",
    }
    return Spoken("Cemented vertebra", said[data.state])


def _one(category: str, probability: float | None) -> tuple[tuple[str, float], ...]:
    return () if probability is None else ((category, probability),)


def _sides(superior: bool, inferior: bool) -> str:
    return {(True, True): "both", (True, False): "superior", (False, True): "inferior"}.get(
        (superior, inferior), "none"
    )


_WORDS: dict[str, Callable[[Any, bool], Spoken]] = {
    "SQ grade": _sq_grade,
    "grade of readers": _readers_grade,
    "morphometry": _morphometry,
    "radiograph sign": _radiograph_sign,
    "recency": _recency,
    "T2 pattern": _t2_pattern,
    "edema level": _edema_level,
    "edema beside the endplates": _edema_beside_endplates,
    "cleft": _cleft,
    "bone quality": _bone_quality,
    "endplates": _endplates,
    "posterior wall": _posterior_wall,
    "OF class suggested": _of_suggestion,
    "suggested fracture": _suggested_fracture,
    "doubtful neighbour": _doubtful_neighbour,
    "ungraded": _ungraded,
    "spine": _spine,
    "class": _class,
    "non-union": _non_union,
    "progressive kyphosis": _kyphosis,
    "height loss since": _height_loss_since,
    "over visits": _over_visits,
    "edema returned": _edema_returned,
    "cemented vertebra": _cemented,
}
