"""What was edited, by whom and when, in words, each with what takes it back; and the versions of the reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from ovcf.language.worded import Words, joined, say
from ovcf.reading.editing import edits as e
from ovcf.reading.editing.edits import in_force
from ovcf.server.views.clinical_view import label_of
from ovcf.server.views.findings.fact_kinds import said_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ovcf.reading.editing.edited import Edited
    from ovcf.reading.editing.edits import AnyEdit
    from ovcf.reading.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One edit. ``revoke`` is the edit to revoke: this one while it is in force, else the undo that took it back.

    ``vertebra`` is the one it is about, by identity; empty where it is about none that is still there.
    """

    id: str
    at: str
    reader: str
    words: Words
    vertebra: str
    in_force: bool
    revoke: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """One version of the reading; ``at`` is when it was signed, or begun."""

    status: str
    reader: str
    at: str
    reason: str


def versions_of(session: Session) -> tuple[VersionView, ...]:
    """All versions, oldest first."""
    return tuple(
        VersionView(status=v.status.value, reader=v.reader, at=v.confirmed_at or v.begun_at, reason=v.reason)
        for v in session.file.reading.versions
    )


def history_of(session: Session, now: Edited) -> tuple[HistoryEntry, ...]:
    """Every edit of the newest version but the undoing of others, newest first."""
    edits = session.version.edits
    there = {edit.id for edit in in_force(edits)}
    undone: dict[str, str] = {}
    for edit in reversed(edits):
        if isinstance(edit, e.Revoke) and edit.id not in undone:  # an undo that is undone takes nothing back
            undone.setdefault(edit.edit, edit.id)
    names = names_of(edits, now)
    alive = {id_ for s in now.sets for id_ in s.vertebrae}
    return tuple(
        HistoryEntry(
            id=edit.id,
            at=edit.at,
            reader=edit.reader,
            words=words_of(edit, names),
            vertebra=next((v for v in _about(edit) if v in alive), ""),
            in_force=edit.id in there,
            revoke=edit.id if edit.id in there else undone.get(edit.id, ""),
        )
        for edit in reversed(edits)
        if not isinstance(edit, e.Revoke)
    )


def names_of(edits: tuple[AnyEdit, ...], now: Edited) -> dict[str, str]:
    """What each vertebra is called: as it is now, or as it last was where it is gone."""
    names = {v.id: v.level.value for s in now.observations.landmarks for v in s}
    names |= {d.vertebra: d.level.value for edit in edits for d in _drawn(edit)}
    return names | {id_: level.value for s in now.sets for id_, level in s.levels.items()}


def _drawn(edit: AnyEdit) -> Iterator[e.Drawn]:
    if isinstance(edit, e.AddVertebra):
        yield edit.drawn
    elif isinstance(edit, e.SplitVertebra):
        yield from edit.into
    elif isinstance(edit, e.MergeVertebrae):
        yield edit.into


def _about(edit: AnyEdit) -> Iterator[str]:
    yield from (drawn.vertebra for drawn in _drawn(edit))
    own = getattr(edit, "vertebra", None)
    if own is not None:
        yield own


def _known(value: e.Value | tuple[str, ...]) -> str | float:
    """What was entered of a fact, as the form says it."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return joined(", ", value) if isinstance(value, tuple) else value


def words_of(edit: AnyEdit, names: Mapping[str, str]) -> str:
    """What an edit did, in words; ``names`` are those of the vertebrae by identity."""

    def name(vertebra: str) -> str:
        return names.get(vertebra, vertebra)

    match edit:
        case e.MovePoint():
            return say("{name}: {point} moved", name=name(edit.vertebra), point=edit.point.replace("_", " "))
        case e.MoveEndplate():
            ends = [end for end in ("anterior", "posterior") if getattr(edit, end) is not None]
            how = say("{ends} end moved", ends=ends[0]) if len(ends) == 1 else "moved"
            return say("{name}: {endplate} endplate {how}", name=name(edit.vertebra), endplate=edit.endplate, how=how)
        case e.PlaceVertebra():
            return say("{name}: all points placed", name=name(edit.vertebra))
        case e.RedrawOutline():
            how = {"pen": "drawn anew", "brush": "corrected with the brush", "edge": "moved at its edge"}[edit.tool]
            return say(
                "{name}: outline {how}{slice_words}",
                name=name(edit.vertebra),
                how=how,
                slice_words=_slice_words(edit.offset_mm),
            )
        case e.AddVertebra():
            return say("{name} added", name=name(edit.drawn.vertebra))
        case e.DeleteVertebra():
            return say("{name} left out", name=name(edit.vertebra)) + (
                ", those below renamed" if edit.follow == "image" else ""
            )
        case e.SplitVertebra():
            return say(
                "{name} split into {join}",
                name=name(edit.vertebra),
                join=joined(" and ", (name(d.vertebra) for d in edit.into)),
            )
        case e.MergeVertebrae():
            return say(
                "{join} merged into {name}",
                join=joined(" and ", map(name, edit.vertebrae)),
                name=name(edit.into.vertebra),
            )
        case e.NameVertebra():
            whose = {"alone": "this one alone", "image": "all on its image follow", "study": "all follow"}
            return say("Named {level}, {whose}", level=edit.level, whose=whose[edit.follow])
        case e.SetColumn():
            return say("{thoracic} thoracic and {lumbar} lumbar vertebrae", thoracic=edit.thoracic, lumbar=edit.lumbar)
        case e.ChooseIndex():
            return say("{name} is assessed", name=name(edit.vertebra))
        case e.SetState():
            return say("{name}: {state}", name=name(edit.vertebra), state=edit.state)
        case e.SetRole():
            return say("A series is read as {role}", role=edit.role.value)
        case e.ChooseImage():
            return "Another image is measured on"
        case e.Exclude():
            part = "" if edit.slice is None else say(", slice {slice}", slice=edit.slice + 1)
            return say("{name}{part}: left out of the marrow signal", name=name(edit.vertebra), part=part)
        case e.PlaceRegion():
            what = {"body": "bone quality", "csf": "CSF", "attenuation": "attenuation on CT"}[edit.region]
            return say(
                "{name}: region of {what} placed on slice {slice}",
                name=name(edit.vertebra),
                what=what,
                slice=edit.slice + 1,
            )
        case e.LeaveOut():
            on = "every slice" if edit.through == "body" else say("slice {slice}", slice=edit.slice + 1)
            return say(
                "{name}: {value} left out of the marrow on {on}",
                name=name(edit.vertebra),
                value=edit.note or edit.reason,
                on=on,
            )
        case e.SetThreshold():
            what = "edema" if edit.name == "edema" else "T2"
            return say("Threshold of {what}: ", what=what) + (
                "automatic" if edit.sd is None else say("{sd:g} SD", sd=edit.sd)
            )
        case e.Overrule():
            return say(
                "{name}: {said_words}", name=name(edit.vertebra), said_words=said_words(edit.finding, edit.value)
            )
        case e.EnterFact():
            return say("{field}: {edit}", field=label_of(edit.field), edit=_known(edit.value))
        case e.Accept():
            return say("{name}: points taken as they are", name=name(edit.vertebra))
        case e.Acknowledge():
            return "Urgent statement seen"
        case e.NothingToAssess():
            return "No recent fracture to assess"
        case e.Revoke():
            return "Taken back"
        case _:
            assert_never(edit)


def _slice_words(offset_mm: float | None) -> str:
    """Which slice, as it lies beside the one of the points; the normal of the plane points to the right."""
    if offset_mm is None:
        return ""
    return say(
        " on the slice {offset_mm:.1f} mm to the {value}",
        offset_mm=abs(offset_mm),
        value="right" if offset_mm > 0 else "left",
    )
