"""``ovcf reading``: a reading is looked at, edited, undone, compared, confirmed and averaged."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from ovcf.cli.streams import say, say_json

if TYPE_CHECKING:
    from ovcf.anatomy import Level
    from ovcf.reading.editing.edits import Edit
    from ovcf.reading.session import Session

app = App(name="reading", help="Look at a reading, edit it, undo, compare, confirm, average several readers.")
app.command("ovcf.cli.reading.reading_regions:regions", name="regions", help="Show where bone quality is read.")
app.command("ovcf.cli.reading.reading_open:open_", name="open", help="Read on the page, in the browser.")
Many = Annotated[tuple[str, ...], Parameter(consume_multiple=True)]
Moves = Annotated[tuple[tuple[str, str], ...], Parameter(allow_leading_hyphen=True)]


@app.command
def show(file: Path, /, *, json: bool = False) -> None:
    """Show what a reading says now, who changed what, and its versions.

    Try

        ovcf reading show report/reading.ovcf

    Args:
        file: The reading.ovcf that `ovcf assess` wrote, or the id of a reading in the registry.
        json: Print the assessment as JSON.
    """
    from dataclasses import replace

    from ovcf.cli.tables import print_summary
    from ovcf.reading.record import recorded
    from ovcf.report.serialise import to_json
    from ovcf.workflow.software import software, software_sha256

    session = _open(file)
    assessment = session.assessment()
    if json:
        made = replace(assessment.provenance, software=software(), software_sha256=software_sha256())
        say_json(to_json(recorded(replace(assessment, provenance=made), session.file)).strip())
        return
    print_summary(assessment)
    _print_vertebrae(session)
    _print_history(session)


@app.command
def edit(
    file: Path,
    /,
    *,
    move: Moves = (),
    name: Many = (),
    follow: Literal["alone", "image", "study"] = "image",
    index: str | None = None,
    state: Many = (),
    t2: Many = (),
    finding: Many = (),
    fact: Many = (),
    threshold: Many = (),
    image: Many = (),
    exclude: Many = (),
    region: Moves = (),
    delete: Many = (),
    accept: Many = (),
    acknowledge: Many = (),
    nothing_to_assess: bool = False,
    reader: str | None = None,
    preview: bool = False,
) -> None:
    """Change a reading, and show what follows. Each change can be undone; nothing is overwritten.

    Try

        ovcf reading edit reading.ovcf --move L1.superior_anterior +0.5,-1.2 --t2 L1="diffuse low"

        ovcf reading edit reading.ovcf --name L1=L2 --index L2

        ovcf reading edit reading.ovcf --finding L1.recent=yes --fact t_score=-3.1 --preview

    Args:
        file: The reading.ovcf to change.
        move: A point and where to: VERTEBRA.POINT X,Y in the unit of the image; with a sign, by so much.
        name: The level of a vertebra, PRESENT=RIGHT; the others of its image follow (see --follow).
        follow: Which vertebrae follow a new name: none, those of the image, or those of all images.
        index: The fracture that is assessed.
        state: VERTEBRA="recent fracture", "old fracture", cemented, instrumented, "focal lesion" or "none of these".
        t2: The T2 pattern as you see it, VERTEBRA="diffuse low".
        finding: Any finding as you see it, VERTEBRA.FINDING=VALUE; `unknown` where you cannot tell.
        fact: A clinical fact, FIELD=VALUE (see `ovcf schema case`).
        threshold: SD of sound marrow from which signal counts, edema=3.5 or t2=3.
        image: The image that a measurement is taken from: a landmark set, for height loss and kyphosis, or one of
            several MR series of a role, by its description, for marrow.
        exclude: Vertebrae left out of the marrow signal: of all series, of one (L1@STIR), or one slice (L1@STIR:7).
        region: Where bone quality is read: L3.csf or L3.body, moved by +DX,DY millimetres, or a circle X,Y,RADIUS;
            L3.csf@T2:7 names series and slice. `ovcf reading regions` shows where they are.
        delete: What is no vertebra, or not to be measured.
        accept: Vertebrae whose withheld landmarks you take as they are.
        acknowledge: Urgent statements that you have seen, by their topic (the refusal to sign names it) or id.
        nothing_to_assess: You find no recent fracture to assess, though vertebrae look fractured.
        reader: Your name or initials; that of your account unless given.
        preview: Show what would follow and change nothing.
    """
    from ovcf.cli.changed import print_changes
    from ovcf.cli.reading.reading_regions import chosen_image, on_series, placed_region
    from ovcf.cli.reading.reading_words import (
        moved_point,
        new,
        pair,
        suggested_now,
        urgent_named,
        value_of,
        vertebra_of,
    )
    from ovcf.reading.editing import edits as e
    from ovcf.reading.editing.changes import changes

    session = _open(file)
    who, before = reader or getpass.getuser(), session.assessment()
    now = session.now

    def add(kind: type[Edit], **fields: object) -> None:
        session.make(new(kind, who, **fields))  # type: ignore[arg-type]  # every kind given here is one of AnyEdit

    for words in move:
        add(e.MovePoint, **moved_point(words, now()))
    for text in name:
        present, right = pair(text, "--name")
        add(e.NameVertebra, vertebra=vertebra_of(present, now())[0], level=_level(right), follow=follow)
    if index is not None:
        add(e.ChooseIndex, vertebra=vertebra_of(index, now())[0])
    for text in state:
        where, said = pair(text, "--state")
        add(e.SetState, vertebra=vertebra_of(where, now())[0], state=_one_of(said, "--state", e.State))
    for text in t2:
        where, said = pair(text, "--t2")
        add(e.Overrule, vertebra=vertebra_of(where, now())[0], finding="t2_pattern", value=value_of(said))
    for text in finding:
        where, said = pair(text, "--finding")
        vertebra, _, what = where.rpartition(".")
        add(
            e.Overrule,
            vertebra=vertebra_of(vertebra, now())[0],
            value=value_of(said),
            finding=_one_of(what, "--finding", e.FindingName),
        )
    for text in fact:
        field, said = pair(text, "--fact")
        add(e.EnterFact, field=field, value=value_of(said))
    for text in threshold:
        what, sd = pair(text, "--threshold")
        add(e.SetThreshold, name=_one_of(what, "--threshold", Literal["edema", "t2"]), sd=value_of(sd))
    for text in image:
        add(e.ChooseImage, **chosen_image(text, now()))
    for text in exclude:
        what, series, at = on_series(text, now())
        add(e.Exclude, vertebra=vertebra_of(what, now())[0], series=series, slice=at)
    for words in region:
        add(e.PlaceRegion, **placed_region(words, now()))
    for kind, wanted in ((e.DeleteVertebra, delete), (e.Accept, accept)):
        for text in wanted:
            add(kind, vertebra=vertebra_of(text, now())[0])
    for text in acknowledge:
        for statement in urgent_named(text, session):
            add(e.Acknowledge, statement=statement)
    if nothing_to_assess:
        add(e.NothingToAssess, vertebrae=suggested_now(session))
    print_changes(changes(before, session.assessment()))
    if not preview:
        _save(session, file)


@app.command
def undo(file: Path, /, *, edit: str | None = None, redo: bool = False, reader: str | None = None) -> None:
    """Undo the last edit, or the one named; with --redo bring the last one undone back.

    Args:
        file: The reading.ovcf.
        edit: The id of an edit, as `ovcf reading show` lists it; its first characters are enough.
        redo: Take the last undo back.
        reader: Your name or initials.
    """
    from ovcf.cli.changed import print_changes
    from ovcf.cli.reading.reading_words import new
    from ovcf.errors import ReadingError
    from ovcf.reading.editing.changes import changes
    from ovcf.reading.editing.edits import Revoke, in_force

    session = _open(file)
    target = session.last_undo() if redo else session.last_edit()
    if edit is not None:
        matching = [x for x in in_force(session.version.edits) if x.id.startswith(edit)]
        target = matching[0] if len(matching) == 1 else None
    if target is None:
        raise ReadingError(str(file), "has nothing to take back", "`ovcf reading show` lists the edits.")
    before = session.assessment()
    session.make(new(Revoke, reader or getpass.getuser(), edit=target.id))  # type: ignore[arg-type]  # one of AnyEdit
    print_changes(changes(before, session.assessment()))
    _save(session, file)


@app.command
def diff(file: Path, other: Path | None = None, /) -> None:
    """What the edits changed against the automatic draft, or how two readings of a patient differ.

    Args:
        file: A reading.ovcf.
        other: A second one; without it the draft that the first began from.
    """
    from ovcf.cli.changed import print_changes
    from ovcf.reading.conclude import conclude
    from ovcf.reading.editing.changes import changes

    session = _open(file)
    after = session.assessment()
    if other is None:
        print_changes(changes(conclude(session.file.current, (), session.version.case), after))
    else:
        print_changes(changes(after, _open(other).assessment()))


@app.command
def confirm(file: Path, /, *, reader: str | None = None) -> None:
    """Sign a reading: from then on it is not changed. Refused while something urgent or a level is open, and while
    vertebrae look fractured and none is named (`--index L1` or `--nothing-to-assess` of `ovcf reading edit`).

    Args:
        file: The reading.ovcf.
        reader: Your name or initials.
    """
    from dataclasses import replace
    from datetime import UTC, datetime

    session = _open(file)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    signed = session.file.reading.confirmed(session.assessment(), reader=reader or getpass.getuser(), at=at)
    session.file = replace(session.file, reading=signed)
    _save(session, file)
    say(f"Signed by {signed.current.reader}, {at}.")


@app.command
def addendum(file: Path, /, *, reason: str, reader: str | None = None) -> None:
    """Take a signed reading up again: a new draft begins where it ended, and the signed one stays.

    Args:
        file: The reading.ovcf.
        reason: Why.
        reader: Your name or initials.
    """
    import uuid
    from dataclasses import replace
    from datetime import UTC, datetime

    session = _open(file)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    again = session.file.reading.addendum(
        id_=uuid.uuid4().hex, reader=reader or getpass.getuser(), at=at, reason=reason
    )
    session.file = replace(session.file, reading=again)
    _save(session, file)


@app.command
def average(file: Path, other: Path, /, *more: Path, out: Path) -> None:
    """Average the readings of two or more readers who began from one draft: mean points, and what all say alike.

    Args:
        file: The reading of the first reader.
        other: That of the second.
        more: Those of further readers.
        out: Where the consensus is written, a reading of its own.
    """
    import uuid
    from dataclasses import replace
    from datetime import UTC, datetime

    from ovcf.reading.consensus import averaged
    from ovcf.reading.version import Reading, Version

    sessions = [_open(path) for path in (file, other, *more)]
    first = sessions[0]
    at = datetime.now(UTC).isoformat(timespec="seconds")
    edits, agreement = averaged(first.file.current, [s.version for s in sessions], at=at)
    version = Version(
        id=uuid.uuid4().hex,
        begun_at=at,
        observations=first.version.observations,
        software=first.version.software,
        case=first.version.case,
        edits=edits,
    )
    first.file = replace(first.file, reading=Reading(id=uuid.uuid4().hex, versions=(version,)))
    now = first.now()
    names = {v: level for s in now.sets for v, level in s.levels.items()}
    for vertebra, distance in agreement.vertebrae:
        say(f"{names[vertebra]} ({vertebra}): readers lie {distance:.2f} from their mean (root mean square)")
    for what, said in agreement.open:
        say(f"Not agreed, {what}: {' / '.join(said)}")
    _save(first, out)


def _open(file: Path) -> Session:
    from ovcf.cli.reading.where import read_named
    from ovcf.reading.session import Session

    return Session(read_named(file))


def _save(session: Session, file: Path) -> None:
    from ovcf.cli.reading.where import save_named

    save_named(session.file, file)
    say(file)


def _level(text: str) -> Level:
    from ovcf.anatomy import Level

    return Level.parse(text)


def _one_of(text: str, option: str, choices: object) -> str:
    from typing import get_args

    from ovcf.errors import ReadingError

    there = get_args(choices)
    if text not in there:
        raise ReadingError(f"{option} {text}", "is not known", f"Choose: {', '.join(there)}.")
    return text


def _print_vertebrae(session: Session) -> None:
    from rich.table import Table

    from ovcf.cli.terminal import Terminal

    table = Table("Image", "Vertebra", "Level", "Landmarks")
    for s in session.now().sets:
        for v in s.vertebrae.values():
            how = v.withheld or (f"corrected by {', '.join(sorted(v.readers))}" if v.moved else "automatic")
            table.add_row(f"{s.seen.id}: {s.seen.name}", v.id, s.levels[v.id], how)
    Terminal().print(table)


def _print_history(session: Session) -> None:
    from ovcf.reading.editing.edits import in_force

    for version in session.file.reading.versions:
        in_it = {x.id for x in in_force(version.edits)}
        say(f"Version {version.id[:8]}: {version.status.value}" + (f", {version.reason}" if version.reason else ""))
        for x in version.edits:
            say(f"  {x.at}  {x.reader}  {x.kind}  {x.id[:8]}{'' if x.id in in_it else '  (taken back)'}")
