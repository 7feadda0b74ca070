"""A reader's edits laid over observations.

Precedence is stated here once: an edit goes before the clinical file, the clinical file before what was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from ovcf.anatomy import Level, VertebralColumn
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.read_case import with_fact
from ovcf.errors import OvcfError, ReadingError
from ovcf.landmarks import POINTS
from ovcf.language.worded import say
from ovcf.reading.editing.edited import Edited, EditedSet, EditedVertebra
from ovcf.reading.editing.edits import (
    Accept,
    Acknowledge,
    AddVertebra,
    AnyEdit,
    ChooseImage,
    ChooseIndex,
    DeleteVertebra,
    Drawn,
    EnterFact,
    Exclude,
    LeaveOut,
    MergeVertebrae,
    MoveEndplate,
    MovePoint,
    NameVertebra,
    NothingToAssess,
    Overrule,
    PlaceRegion,
    PlaceVertebra,
    RedrawOutline,
    Revoke,
    SetColumn,
    SetRole,
    SetState,
    SetThreshold,
    SplitVertebra,
    Value,
    in_force,
)
from ovcf.reading.editing.naming import all_follow, around_gap, how_far_down, making_room, without
from ovcf.reading.editing.outlines import checked_endplate, checked_outline, redrawn
from ovcf.reading.editing.placing_error import placing_sd
from ovcf.reading.editing.states import STATE_FIELDS, no_longer_told, no_longer_undecided, with_states
from ovcf.reading.observations import Observations, ObservedVertebra
from ovcf.reading.observing.areas import checked_area
from ovcf.reading.observing.region_masks import checked_offset, checked_region, checked_slice

if TYPE_CHECKING:
    from ovcf.imaging.study import Role
    from ovcf.landmarks import Point

OF_THE_INDEX_VERTEBRA = (
    "fracture_type",
    "t2_pattern",
    "cleft",
    "superior_endplate",
    "inferior_endplate",
    "posterior_wall_fraction",
    "pincer",
    "vhl_percent",
    "local_kyphosis_deg",
    "vertebra_plana",
    "stable",
    "tension_band_injury",
    "translation_or_rotation",
    "distraction",
)
"""Clinical facts about the vertebra that the file names: they say nothing of another one."""
FACT_OF = {"recent": "recent_fracture"}
"""Findings that the clinical file calls otherwise."""


def edited(observations: Observations, edits: Sequence[AnyEdit], case: ClinicalCase) -> Edited:
    """Lay the edits that are in force over the observations.

    Raises:
        ReadingError: an edit names something that is not there. ClinicalDataError: a fact that cannot be.
    """
    work = _Work(observations)
    for edit in in_force(tuple(edits)):
        work.apply(edit)
    return work.done(case)


class _Work:
    """The state while edits are laid over each other, one after the other."""

    def __init__(self, observations: Observations) -> None:
        self.observations = observations
        self.sets = {s.id: s for s in observations.landmarks}
        self.vertebrae: dict[str, dict[str, EditedVertebra]] = {
            s.id: {v.id: EditedVertebra(seen=v) for v in s} for s in observations.landmarks
        }
        self.levels: dict[str, dict[str, Level]] = {s.id: {v.id: v.level for v in s} for s in observations.landmarks}
        self.columns = {s.id: s.column for s in observations.landmarks}
        self.named: set[str] = set()
        self.index: str | None = None
        self.states: dict[str, str] = {}
        self.overruled: dict[tuple[str, str], Value] = {}
        self.facts: dict[str, object] = {}
        self.roles: dict[str, Role] = {}
        self.image: str | None = None
        self.preferred: dict[str, None] = {}
        self.excluded: set[tuple[str, str, int | None]] = set()
        self.regions: dict[tuple[str, str, str], PlaceRegion] = {}
        self.areas: list[LeaveOut] = []
        self.thresholds: dict[str, SetThreshold] = {}
        self.acknowledged: set[str] = set()
        self.declined: set[str] = set()
        self.reader_sd: dict[str, float | None] = {}

    def apply(self, edit: AnyEdit) -> None:
        match edit:
            case MovePoint():
                self._move(edit.vertebra, {edit.point: edit.to}, edit.reader)
            case MoveEndplate():
                self._move(edit.vertebra, checked_endplate(edit), edit.reader)
            case PlaceVertebra():
                self._move(edit.vertebra, dict(zip(POINTS, edit.points, strict=False)), edit.reader, all_of_them=True)
            case RedrawOutline():
                home = self._home(edit.vertebra)
                drawn = redrawn(self._get(edit.vertebra), self.levels[home][edit.vertebra], edit)
                if edit.offset_mm is not None:
                    checked_offset(self.observations, self.sets[home], edit)
                self._put(drawn)
            case AddVertebra():
                if edit.follow == "image":
                    self._make_room(edit.landmark_set, edit.drawn)
                self._add(edit.landmark_set, edit.drawn, edit.reader)
            case DeleteVertebra():
                home = self._home(edit.vertebra)
                gone = self.levels[home][edit.vertebra]
                self._delete(edit.vertebra)
                if edit.follow == "image":
                    self.levels[home] = without(self.levels[home], gone, self.columns[home])
            case SplitVertebra():
                self._replace((edit.vertebra,), edit.into, edit.reader, follow=edit.follow == "image")
            case MergeVertebrae():
                self._replace(edit.vertebrae, (edit.into,), edit.reader, follow=edit.follow == "image")
            case NameVertebra():
                self._name(edit)
            case SetColumn():
                self.columns = dict.fromkeys(self.columns, VertebralColumn(edit.thoracic, edit.lumbar))
            case ChooseIndex():
                self._get(edit.vertebra)
                self.index = edit.vertebra
            case SetState():
                self._get(edit.vertebra)
                self.states[edit.vertebra] = edit.state
                no_longer_undecided(self.overruled, self._same(edit.vertebra))
            case SetRole():
                if self.observations.get_series(edit.series) is None:
                    raise _nothing("series", edit.series, [s.uid for s in self.observations.series])
                self.roles[edit.series] = edit.role
            case ChooseImage():
                self._choose(edit)
            case Exclude():
                self._get(edit.vertebra)
                if edit.slice is not None:
                    checked_slice(self.observations, edit.series, edit.slice)
                self.excluded.add((edit.vertebra, edit.series, edit.slice))
            case PlaceRegion():
                home, own = self._home(edit.vertebra), self._get(edit.vertebra).drawn
                checked_region(self.observations, self.sets[home], edit, redrawn=own)
                self.regions[edit.vertebra, edit.region, edit.series] = edit
                if edit.region == "attenuation":  # what was said last holds
                    self.facts.pop("l1_hu", None)
            case LeaveOut():
                checked_area(self.observations, self.sets[self._home(edit.vertebra)], edit)
                self.areas.append(edit)
            case SetThreshold():
                self.thresholds[edit.name] = edit
            case Overrule():
                self._get(edit.vertebra)
                self.overruled[edit.vertebra, edit.finding] = edit.value
                if edit.finding == "sq_grade" and edit.value is None:
                    no_longer_told(self.states, self._same(edit.vertebra))
            case EnterFact():
                self.facts[edit.field] = edit.value
                if edit.field == "l1_hu":
                    self.regions = {key: r for key, r in self.regions.items() if r.region != "attenuation"}
            case Accept():
                self._put(replace(self._get(edit.vertebra), accepted=True))
            case Acknowledge():
                self.acknowledged.add(edit.statement)
            case NothingToAssess():
                self.declined.update(self._get(vertebra).id for vertebra in edit.vertebrae)
            case Revoke():
                raise AssertionError("an undo is never in force")
            case _:
                assert_never(edit)

    def _choose(self, edit: ChooseImage) -> None:
        film = next((s.id for s in self.sets.values() if edit.series and s.series == edit.series and not s.plane), None)
        if edit.landmark_set or film:
            image = edit.landmark_set or film
            if image not in self.sets:
                raise _nothing("landmark set", str(image), self.sets)
            self.image = image
        elif any(m.series == edit.series for m in self.observations.marrow):
            self.preferred.pop(edit.series, None)
            self.preferred[edit.series] = None
        else:
            raise _nothing("series that was read", edit.series, [m.series for m in self.observations.marrow])

    def _home(self, vertebra: str) -> str:
        home = next((s for s, inside in self.vertebrae.items() if vertebra in inside), None)
        if home is None:
            raise _nothing("vertebra", vertebra, [v for inside in self.vertebrae.values() for v in inside])
        return home

    def _get(self, vertebra: str) -> EditedVertebra:
        return self.vertebrae[self._home(vertebra)][vertebra]

    def _same(self, vertebra: str) -> list[str]:
        """The vertebrae that bear its name, on all images."""
        level = self.levels[self._home(vertebra)][vertebra]
        return [id_ for levels in self.levels.values() for id_, at in levels.items() if at == level]

    def _put(self, vertebra: EditedVertebra) -> None:
        self.vertebrae[self._home(vertebra.id)][vertebra.id] = vertebra

    def _delete(self, vertebra: str) -> None:
        home = self._home(vertebra)
        del self.vertebrae[home][vertebra], self.levels[home][vertebra]

    def _add(self, home: str, drawn: Drawn, reader: str) -> None:
        if home not in self.sets:
            raise _nothing("landmark set", home, self.sets)
        if any(drawn.vertebra in inside for inside in self.vertebrae.values()):
            raise ReadingError(
                say("vertebra {vertebra}", vertebra=drawn.vertebra),
                "exists already",
                "Give the new vertebra an own id.",
            )
        sd = self._reader_sd(home)
        if drawn.outline:
            checked_outline(drawn.level, drawn.outline)
        seen = ObservedVertebra(
            id=drawn.vertebra,
            level=drawn.level,
            points=drawn.points,
            outline=drawn.outline,
            sd=None if sd is None else (sd,) * len(drawn.points),
        )
        moved = frozenset(POINTS[: len(drawn.points)])
        self.vertebrae[home][drawn.vertebra] = EditedVertebra(
            seen=seen, moved=moved, readers=frozenset({reader}), hands=tuple((name, reader) for name in sorted(moved))
        )
        self.levels[home][drawn.vertebra] = drawn.level

    def _make_room(self, home: str, drawn: Drawn) -> None:
        if home in self.sets:
            there, new = self.vertebrae[home], how_far_down(drawn.points)
            higher = [id_ for id_, v in there.items() if v.seen.points and how_far_down(v.seen.points) < new]
            self.levels[home] = making_room(self.levels[home], drawn.level, higher, self.columns[home])

    def _replace(self, old: Sequence[str], new: Sequence[Drawn], reader: str, *, follow: bool) -> None:
        """Other vertebrae in the place of some; with ``follow`` the names above and below move with them."""
        homes = {self._home(vertebra) for vertebra in old}
        if len(homes) > 1:
            raise ReadingError(
                say("vertebrae {old}", old=", ".join(old)), "lie on different images", "Choose vertebrae of one image."
            )
        (home,) = homes
        gone = sorted((self.levels[home][vertebra] for vertebra in old), key=lambda level: level.rank)
        for vertebra in old:
            self._delete(vertebra)
        if follow:
            names = sorted((drawn.level for drawn in new), key=lambda level: level.rank)
            self.levels[home] = around_gap(
                self.levels[home], (gone[0], gone[-1]), (names[0], names[-1]), self.columns[home]
            )
        for drawn in new:
            self._add(home, drawn, reader)

    def _move(self, vertebra: str, to: Mapping[str, Point], reader: str, *, all_of_them: bool = False) -> None:
        home = self._home(vertebra)
        v = self.vertebrae[home][vertebra]
        old = {} if all_of_them else dict(zip(POINTS, v.seen.points, strict=False))
        if unknown := [name for name in to if not all_of_them and name not in old]:
            problem = say("has no point {unknown}", unknown=unknown[0]) if old else "has no points yet"
            raise ReadingError(say("vertebra {vertebra}", vertebra=vertebra), problem, "Place all of its points first.")
        points = tuple({**old, **to}.values())
        sd, own = self._reader_sd(home), v.seen.sd
        spread = None
        if sd is not None:
            known = dict(zip(POINTS, own or (), strict=False))
            spread = tuple(sd if name in to else known.get(name, sd) for name in POINTS[: len(points)])
        seen = replace(v.seen, points=points, sd=spread)
        self.vertebrae[home][vertebra] = replace(
            v,
            seen=seen,
            moved=v.moved | frozenset(to),
            readers=v.readers | {reader},
            hands=tuple({**dict(v.hands), **dict.fromkeys(to, reader)}.items()),
        )

    def _reader_sd(self, home: str) -> float | None:
        if home not in self.reader_sd:
            self.reader_sd[home] = placing_sd(self.sets[home])
        return self.reader_sd[home]

    def _name(self, edit: NameVertebra) -> None:
        home = self._home(edit.vertebra)
        old = self.levels[home][edit.vertebra]
        self.named.add(home)
        if edit.follow == "alone":
            self.levels[home][edit.vertebra] = edit.level
            return
        for set_id in self.levels if edit.follow == "study" else (home,):
            self.named.add(set_id)
            self.levels[set_id], self.columns[set_id] = all_follow(
                self.levels[set_id], old, edit.level, self.columns[set_id]
            )

    def done(self, case: ClinicalCase) -> Edited:
        for name, value in self.facts.items():
            case = with_fact(case, name, value)
        named = {id_: level for levels in self.levels.values() for id_, level in levels.items()}
        warnings = []
        chosen = named.get(self.index) if self.index is not None else None
        if chosen is not None and chosen != case.index_level:
            told = [f for f in OF_THE_INDEX_VERTEBRA if f not in self.facts and getattr(case, f) is not None]
            if case.index_level is not None and told:
                warnings.append(
                    say(
                        "the clinical file describes {index_level}, the reader chose {chosen}: what it says of "
                        "that vertebra is left out ({told})",
                        index_level=case.index_level,
                        chosen=chosen,
                        told=", ".join(told),
                    )
                )
                for name in told:
                    case = with_fact(case, name, None)
            case = replace(case, index_level=chosen)
        case = with_states(case, self.states, named)
        overruled = {(named[v], finding): value for (v, finding), value in self.overruled.items() if v in named}
        for (level, finding), value in overruled.items():
            fact = FACT_OF.get(finding, finding)
            if level == case.index_level and fact in ClinicalCase.__dataclass_fields__:
                case = with_fact(case, fact, value)
        return Edited(
            observations=self.observations,
            sets=tuple(
                EditedSet(
                    seen=s,
                    column=self.columns[s.id],
                    vertebrae=self.vertebrae[s.id],
                    levels=self.levels[s.id],
                    named=s.id in self.named,
                )
                for s in self.sets.values()
            ),
            case=case,
            overruled=overruled,
            roles=self.roles,
            image=self.image,
            preferred=frozenset(self._preferred().values()),
            excluded=frozenset(self.excluded),
            regions=tuple(self.regions[key] for key in sorted(self.regions)),
            areas=tuple(self.areas),
            thresholds={name: t.sd for name, t in self.thresholds.items() if t.sd is not None},
            threshold_by={name: t.reader for name, t in self.thresholds.items() if t.sd is not None},
            cleared=frozenset(named[v] for v, state in self.states.items() if v in named and state not in STATE_FIELDS),
            acknowledged=frozenset(self.acknowledged),
            declined=frozenset(named[v] for v in self.declined if v in named),
            warnings=tuple(warnings),
        )

    def _preferred(self) -> dict[Role | None, str]:
        """Of each role the series that was chosen last."""
        roles = {s.uid: self.roles.get(s.uid, s.role) for s in self.observations.series}
        return {roles.get(uid): uid for uid in self.preferred}


def _nothing(what: str, name: str, there: Sequence[str] | Mapping[str, object]) -> OvcfError:
    return ReadingError(
        f"{what} {name}", "is not in this reading", say("It has: {there}.", there=", ".join(there) or "none")
    )
