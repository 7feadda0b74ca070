"""A reader's edits as data: what was changed, by whom, when.

An edit addresses a vertebra by the identity it was given when it was observed, never by its level, and holds absolute
values: applying it twice changes nothing more. Nothing is ever taken out of the list: :class:`Revoke` undoes an edit.
Points are in the frame of the vertebra's landmark set (:class:`ovcf.reading.observations.LandmarkSet`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from ovcf.anatomy import Level
from ovcf.imaging.study import Role
from ovcf.landmarks import Point

PointName = Literal[
    "superior_anterior",
    "superior_posterior",
    "inferior_anterior",
    "inferior_posterior",
    "superior_middle",
    "inferior_middle",
]
Endplate = Literal["superior", "inferior"]
Follow = Literal["alone", "image"]
"""Whether the names of the other vertebrae of the image stay, or move by what was put in or taken out between them."""
State = Literal["recent fracture", "old fracture", "cemented", "instrumented", "focal lesion", "none of these"]
"""What a reader says of a vertebra other than the index vertebra; each but the last bars it from being a reference."""
RegionName = Literal["body", "csf", "attenuation"]
"""Trabecular bone of a body, or CSF behind it, on MRI; trabecular bone of L1 on CT."""
AreaReason = Literal["haemangioma", "cement", "artefact", "Schmorl node", "other"]
"""Why a part of a body is left out of its marrow."""
Value = str | float | bool | None
FindingName = Literal[
    "recent",
    "t2_pattern",
    "bme_percent",
    "sq_grade",
    "cleft",
    "vbq",
    "fracture_type",
    "of_class",
    "superior_endplate",
    "inferior_endplate",
    "posterior_wall_fraction",
    "vhl_percent",
    "local_kyphosis_deg",
]
"""Findings that a reader may put in place of what was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What every edit tells: its own ``id``, the ``reader``, and when (``at``, an instant in UTC, ISO 8601)."""

    id: str
    reader: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovePoint(Edit):
    """One landmark placed anew."""

    kind: Literal["move point"] = "move point"
    vertebra: str
    point: PointName
    to: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveEndplate(Edit):
    """One endplate taken as a line: those of its ends, and its middle, that are placed anew; None stays as it is."""

    kind: Literal["move endplate"] = "move endplate"
    vertebra: str
    endplate: Endplate
    anterior: Point | None = None
    posterior: Point | None = None
    middle: Point | None = None

    @property
    def to(self) -> dict[str, Point]:
        """The points that it places, by name."""
        ends = {"anterior": self.anterior, "posterior": self.posterior, "middle": self.middle}
        return {f"{self.endplate}_{end}": at for end, at in ends.items() if at is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceVertebra(Edit):
    """All landmarks of one vertebra placed anew: four corners, or these and both middles, in the order of POINTS."""

    kind: Literal["place vertebra"] = "place vertebra"
    vertebra: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedrawOutline(Edit):
    """The closed outline of one body drawn anew.

    In the plane of the points (``offset_mm`` None) it is carried to every slice. Elsewhere it holds for the one slice
    of each MR series that lies ``offset_mm`` beside that plane, along its normal. ``tool`` is what drew it.
    """

    kind: Literal["redraw outline"] = "redraw outline"
    vertebra: str
    outline: tuple[Point, ...]
    offset_mm: Annotated[float, Field(ge=-500, le=500)] | None = None
    tool: Literal["pen", "brush", "edge"] = "pen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A vertebra drawn by a reader: its new identity, its level, its points and, where drawn, its outline."""

    vertebra: str
    level: Level
    points: tuple[Point, ...]
    outline: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddVertebra(Edit):
    """A vertebra that was not seen, on the image of a landmark set."""

    kind: Literal["add vertebra"] = "add vertebra"
    landmark_set: str
    drawn: Drawn
    follow: Follow = "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteVertebra(Edit):
    """What was taken for a vertebra is none, or is not to be measured on this image."""

    kind: Literal["delete vertebra"] = "delete vertebra"
    vertebra: str
    follow: Follow = "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitVertebra(Edit):
    """What was taken for one vertebra is two."""

    kind: Literal["split vertebra"] = "split vertebra"
    vertebra: str
    into: tuple[Drawn, Drawn]
    follow: Follow = "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeVertebrae(Edit):
    """What was taken for two vertebrae is one."""

    kind: Literal["merge vertebrae"] = "merge vertebrae"
    vertebrae: tuple[str, str]
    into: Drawn
    follow: Follow = "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameVertebra(Edit):
    """A vertebra's level: it alone, all others of its image by as many levels, or those of the whole study."""

    kind: Literal["name vertebra"] = "name vertebra"
    vertebra: str
    level: Level
    follow: Literal["alone", "image", "study"] = "image"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetColumn(Edit):
    """How many thoracic and lumbar vertebrae this person has (transitional anatomy)."""

    kind: Literal["set column"] = "set column"
    thoracic: int
    lumbar: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseIndex(Edit):
    """The fracture that is assessed."""

    kind: Literal["choose index"] = "choose index"
    vertebra: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetState(Edit):
    """What a vertebra is that must not serve as a reference."""

    kind: Literal["set state"] = "set state"
    vertebra: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRole(Edit):
    """What a series is read for."""

    kind: Literal["set role"] = "set role"
    series: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseImage(Edit):
    """The image that a measurement is taken from, where several could serve.

    ``landmark_set`` is the one that height loss and kyphosis are taken from, or ``series`` the one of several of its
    role that marrow is read on; a film may be named either way.
    """

    kind: Literal["choose image"] = "choose image"
    landmark_set: str = ""
    series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclude(Edit):
    """A body, or one slice of it, left out of the marrow signal of a series, or of all where ``series`` is empty."""

    kind: Literal["exclude"] = "exclude"
    vertebra: str
    series: str = ""
    slice: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRegion(Edit):
    """The region that bone quality takes from a body, or from the CSF behind it, in place of the one found there; or
    that the attenuation of L1 is read in, which then is the fact ``l1_hu`` of the case.

    ``outline`` is closed and lies on one ``slice`` of ``series``, counted from 0 at the patient's right.
    """

    kind: Literal["place region"] = "place region"
    vertebra: str
    region: RegionName
    series: str
    slice: int
    outline: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOut(Edit):
    """An area of one body that is left out of its marrow, as if it were no part of it, and why.

    ``outline`` is closed, in the frame of the vertebra, and was drawn on one ``slice`` of ``series``, counted from 0 at
    the patient's right. It holds for that slice alone or is carried ``through`` the body, and is left out on that
    series or at the same place on every MR series of the study. ``note`` says what it is where ``reason`` is "other".
    """

    kind: Literal["leave out"] = "leave out"
    vertebra: str
    series: str
    slice: int
    outline: tuple[Point, ...]
    reason: AreaReason
    through: Literal["slice", "body"] = "slice"
    of: Literal["series", "study"] = "study"
    note: Annotated[str, Field(max_length=200)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetThreshold(Edit):
    """Robust SD of reference marrow from which signal counts as edema, or as high or low on T2.

    None goes back to the automatic one.
    """

    kind: Literal["set threshold"] = "set threshold"
    name: Literal["edema", "t2"]
    sd: Annotated[float, Field(gt=0, le=20)] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrule(Edit):
    """A finding of one vertebra as the reader sees it, in place of what was measured; None: the reader cannot tell."""

    kind: Literal["overrule"] = "overrule"
    vertebra: str
    finding: FindingName
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterFact(Edit):
    """One fact of the clinical case, by the name of its field; None takes it back to "not known"."""

    kind: Literal["enter fact"] = "enter fact"
    field: str
    value: Value | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(Edit):
    """The reader has looked at the landmarks of a vertebra and takes them as they are."""

    kind: Literal["accept"] = "accept"
    vertebra: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge(Edit):
    """The reader has seen an urgent statement, by its id."""

    kind: Literal["acknowledge"] = "acknowledge"
    statement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToAssess(Edit):
    """The reader finds no recent fracture to assess; ``vertebrae`` are those that were suggested then."""

    kind: Literal["nothing to assess"] = "nothing to assess"
    vertebrae: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke(Edit):
    """Undo of an earlier edit, or of an earlier undo."""

    kind: Literal["revoke"] = "revoke"
    edit: str


AnyEdit = Annotated[
    MovePoint
    | MoveEndplate
    | PlaceVertebra
    | RedrawOutline
    | AddVertebra
    | DeleteVertebra
    | SplitVertebra
    | MergeVertebrae
    | NameVertebra
    | SetColumn
    | ChooseIndex
    | SetState
    | SetRole
    | ChooseImage
    | Exclude
    | PlaceRegion
    | LeaveOut
    | SetThreshold
    | Overrule
    | EnterFact
    | Accept
    | Acknowledge
    | NothingToAssess
    | Revoke,
    Field(discriminator="kind"),
]


def in_force(edits: tuple[AnyEdit, ...]) -> tuple[AnyEdit, ...]:
    """The edits that are not undone, in the order they were made; an undo that is itself undone does not count."""
    revoked: set[str] = set()
    for edit in reversed(edits):
        if isinstance(edit, Revoke) and edit.id not in revoked:
            revoked.add(edit.edit)
    return tuple(e for e in edits if e.id not in revoked and not isinstance(e, Revoke))
