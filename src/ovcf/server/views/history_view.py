"""What was edited, by whom and when, in words, each with what takes it back; and the versions of the reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from ovcf.reading.editing import edits as e
from ovcf.reading.editing.edits import in_force
from ovcf.server.views.fact_kinds import said_words

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
    words: str
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


def words_of(edit: AnyEdit, names: Mapping[str, str]) -> str:
    """What an edit did, in words; ``names`` are those of the vertebrae by identity."""

    def name(vertebra: str) -> str:
        return names.get(vertebra, vertebra)

    match edit:
        case e.MovePoint():
            return f"{name(edit.vertebra)}: {edit.point.replace('_', ' ')} moved"
        case e.MoveEndplate():
            ends = [end for end in ("anterior", "posterior") if getattr(edit, end) is not None]
            how = f"{ends[0]} end moved" if len(ends) == 1 else "moved"
            return f"{name(edit.vertebra)}: {edit.endplate} endplate {how}"
        case e.PlaceVertebra():
            return f"{name(edit.vertebra)}: all points placed"
        case e.RedrawOutline():
            how = {"pen": "drawn anew", "brush": "corrected with the brush", "edge": "moved at its edge"}[edit.tool]
            return f"{name(edit.vertebra)}: outline {how}{_slice_words(edit.offset_mm)}"
        case e.AddVertebra():
            return f"{name(edit.drawn.vertebra)} added"
        case e.DeleteVertebra():
            return f"{name(edit.vertebra)} left out" + (", those below renamed" if edit.follow == "image" else "")
        case e.SplitVertebra():
            return f"{name(edit.vertebra)} split into {' and '.join(name(d.vertebra) for d in edit.into)}"
        case e.MergeVertebrae():
            return f"{' and '.join(map(name, edit.vertebrae))} merged into {name(edit.into.vertebra)}"
        case e.NameVertebra():
            whose = {"alone": "this one alone", "image": "all on its image follow", "study": "all follow"}
            return f"Named {edit.level}, {whose[edit.follow]}"
        case e.SetColumn():
            return f"{edit.thoracic} thoracic and {edit.lumbar} lumbar vertebrae"
        case e.ChooseIndex():
            return f"{name(edit.vertebra)} is assessed"
        case e.SetState():
            return f"{name(edit.vertebra)}: {edit.state}"
        case e.SetRole():
            return f"A series is read as {edit.role.value}"
        case e.ChooseImage():
            return "Another image is measured on"
        case e.Exclude():
            part = "" if edit.slice is None else f", slice {edit.slice + 1}"
            return f"{name(edit.vertebra)}{part}: left out of the marrow signal"
        case e.PlaceRegion():
            what = {"body": "bone quality", "csf": "CSF"}[edit.region]
            return f"{name(edit.vertebra)}: region of {what} placed on slice {edit.slice + 1}"
        case e.LeaveOut():
            on = "every slice" if edit.through == "body" else f"slice {edit.slice + 1}"
            return f"{name(edit.vertebra)}: {edit.note or edit.reason} left out of the marrow on {on}"
        case e.SetThreshold():
            what = "edema" if edit.name == "edema" else "T2"
            return f"Threshold of {what}: " + ("automatic" if edit.sd is None else f"{edit.sd:g} SD")
        case e.Overrule():
            return f"{name(edit.vertebra)}: {said_words(edit.finding, edit.value)}"
        case e.EnterFact():
            field = edit.field.replace("_", " ").replace(".", ", ")
            return f"{field}: {'not known' if edit.value is None else edit.value}"
        case e.Accept():
            return f"{name(edit.vertebra)}: points taken as they are"
        case e.Acknowledge():
            return "Urgent statement seen"
        case e.Revoke():
            return "Taken back"
        case _:
            assert_never(edit)


def _slice_words(offset_mm: float | None) -> str:
    """Which slice, as it lies beside the one of the points; the normal of the plane points to the right."""
    if offset_mm is None:
        return ""
    return f" on the slice {abs(offset_mm):.1f} mm to the {'right' if offset_mm > 0 else 'left'}"
