"""``ovcf study queries | ask | answer | flow | table | checklist | lock | unlock | verify | moved``: a study's data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ovcf.cli.streams import say
from ovcf.cli.study.opened import Acting, Which, day, opened, word

if TYPE_CHECKING:
    from cyclopts import App

    from ovcf.reading.file import ReadingFile
    from ovcf.registry.words import QueryStep, Window
    from ovcf.study.data.moved import Figure


def queries(
    *,
    raise_: Annotated[bool, Parameter(name="--raise", negative=())] = False,
    open_only: bool = False,
    today: str | None = None,
    study: Which = None,
    as_: Acting = None,
) -> None:
    """List the queries; with --raise, first ask about every missing, implausible or overdue value. No value is changed.

    Args:
        raise_: Look for new ones by the rules of the protocol.
        open_only: Leave closed ones out.
        today: The day for which visits are overdue, YYYY-MM-DD.
    """
    from ovcf.registry.access import Act
    from ovcf.study.conduct import queries as asked
    from ovcf.study.conduct.studies import study_named

    with opened(as_, Act.QUERY_DATA if raise_ else Act.READ_CASES) as here:
        if raise_:
            with here.writing(study) as (writer, there):
                count = len(asked.raise_queries(writer, there, today=day(today)))
            say(f"{count} new {'query' if count == 1 else 'queries'}")
        with here.registry.reading() as session:
            found = asked.queries_of(session, study_named(session, study))
    for q in found:
        if open_only and q.state == "closed":
            continue
        field = "" if q.row.field == asked.WHOLE_VISIT else f", {q.row.form}.{q.row.field}"
        changed = "" if q.now == q.row.value else f" It is {q.now or 'missing'} now."
        say(f"{q.row.number} [{q.state}] {q.row.window}{field}: {q.row.text}{changed}")
        for at, who, step, text in q.events:
            say(f"    {step} by {who} on {at.date()}: {text}")


def ask(number: str, window: str, field: str, text: str, *, study: Which = None, as_: Acting = None) -> None:
    """Ask about a value yourself, as a monitor does.

    Args:
        number: The number of the study.
        window: The visit.
        field: FORM.FIELD.
        text: The question.
    """
    from ovcf.registry.access import Act
    from ovcf.registry.words import Window as Windows
    from ovcf.study.conduct.queries import ask as put
    from ovcf.study.conduct.studies import enrolment_of

    form, _, name = field.partition(".")
    at = word(window, Windows, "window")
    with opened(as_, Act.QUERY_DATA) as here, here.writing(study) as (writer, there):
        made = put(writer, there, enrolment_of(writer.session, there, number), at, form, name, text).number
    say(f"{made}: asked")


def answer(query: str, text: str, *, study: Which = None, as_: Acting = None) -> None:
    """Answer a query. A wrong value is corrected in its form, with a reason; the answer says what was found.

    Args:
        query: Its number, such as AKH-001/Q1.
        text: The answer.
    """
    from ovcf.registry.words import QueryStep

    _step(query, QueryStep.ANSWERED, text, study, as_)


def close_query(query: str, text: str, *, reopen: bool = False, study: Which = None, as_: Acting = None) -> None:
    """Close a query, or open it again.

    Args:
        query: Its number.
        text: Why.
        reopen: Open it again instead.
    """
    from ovcf.registry.words import QueryStep

    _step(query, QueryStep.REOPENED if reopen else QueryStep.CLOSED, text, study, as_)


def _step(query: str, what: QueryStep, text: str, study: str | None, as_: str | None) -> None:
    from ovcf.registry.access import Act
    from ovcf.registry.words import QueryStep as Steps
    from ovcf.study.conduct.queries import query_numbered, step

    with (
        opened(as_, Act.WRITE_FACTS if what is Steps.ANSWERED else Act.QUERY_DATA) as here,
        here.writing(study) as (writer, there),
    ):
        step(writer, query_numbered(writer.session, there, query), what, text)
    say(f"{query}: {what}")


def flow(*, out: Path | None = None, study: Which = None, as_: Acting = None) -> None:
    """The flow of patients, from screening to outcome, counted from the registry: a table, and with --out a chart.

    Args:
        out: The file of the chart, SVG; one that is there is replaced.
    """
    from ovcf.files.result_file import write_file
    from ovcf.registry.access import Act
    from ovcf.study.conduct.flow import flow_of
    from ovcf.study.conduct.flow_words import chart, rows
    from ovcf.study.conduct.studies import study_named

    with opened(as_, Act.READ_CASES) as here, here.registry.reading() as session:
        counted = flow_of(session, study_named(session, study))
    part = ""
    for group, what, count in rows(counted):
        if group != part:
            say(group)
            part = group
        say(f"  {count:5d}  {what}")
    if out is not None:
        say(write_file(out, chart(counted).encode(), replace=True))


def table(*, out: Path, study: Which = None, as_: Acting = None) -> None:
    """Write the study as one table, a row for each patient, for `ovcf cohort multicentre` or `nasovcf`.

    Args:
        out: The CSV file; one that is there is replaced.
    """
    from ovcf.files.result_file import write_file
    from ovcf.registry.access import Act
    from ovcf.study.conduct.studies import study_named
    from ovcf.study.data.data_set import as_csv, data_set

    with opened(as_, Act.EXPORT) as here, here.registry.reading() as session:
        rows = data_set(session, study_named(session, study))
    write_file(out, as_csv(rows).encode(), replace=True)
    say(f"{out}: {len(rows)} patients")


def checklist(which: str, *, out: Path, study: Which = None, as_: Acting = None) -> None:
    """Write a reporting checklist, filled with what the protocol says and the registry counts; the rest is yours.

    Args:
        which: stard, tripod-ai or, for a study that compares arms of treatment, consort.
        out: The CSV file; one that is there is replaced.
    """
    from ovcf.files.result_file import write_file
    from ovcf.registry.access import Act
    from ovcf.study.conduct.studies import study_named
    from ovcf.study.data.checklist import Checklist
    from ovcf.study.data.checklist import checklist as fill

    wanted = word(which, Checklist, "checklist")
    with opened(as_, Act.READ_CASES) as here, here.registry.reading() as session:
        made = fill(session, study_named(session, study), wanted)
    write_file(out, made.encode("utf-8-sig"), replace=True)
    say(f"{out}: {wanted}")


def lock(*, because: str = "", study: Which = None, as_: Acting = None) -> None:
    """Lock the data: from now on nothing of the study is written, and a digest tells whether anything was changed.

    Args:
        because: Why it is locked although queries or judgements are open.
    """
    from ovcf.registry.access import Act
    from ovcf.study.data import database_lock as locks

    with opened(as_, Act.MANAGE_STUDY) as here, here.writing(study) as (writer, there):
        made = locks.lock(writer, there, because)
        code, digest, patients = there.code, made.digest, len(made.digests) - 1
    say(f"{code}: locked, {patients} patients. Keep this digest where nobody can change it:")
    say(digest)


def unlock(*, because: str, study: Which = None, as_: Acting = None) -> None:
    """Open the data again. That it was done, by whom and why, stays.

    Args:
        because: Why.
    """
    from ovcf.registry.access import Act
    from ovcf.study.data import database_lock as locks

    with opened(as_, Act.MANAGE_STUDY) as here, here.writing(study) as (writer, there):
        locks.unlock(writer, there, because)
        code = there.code
    say(f"{code}: open")


def verify(*, digest: str | None = None, study: Which = None, as_: Acting = None) -> None:
    """Find what was changed since the data were locked; exit code 1 if anything was.

    Args:
        digest: The digest that was kept when they were locked.
    """
    from ovcf.registry.access import Act
    from ovcf.study.conduct.studies import study_named
    from ovcf.study.data import database_lock as locks

    with opened(as_, Act.READ_CASES) as here, here.registry.reading() as session:
        there = study_named(session, study)
        found = locks.verify(session, there)
        last = locks.state(session, there)
        if digest is not None and last is not None and last.digest != digest.strip():
            found.insert(0, f"the digest of the lock is {last.digest}, not the one that was kept")
    if found:
        say("\n".join(found), error=True)
        raise SystemExit(1)
    say("Everything is as it was when the data were locked.")


def moved(
    *,
    drafts: Path | None = None,
    engine: str = "builtin",
    out: Path | None = None,
    study: Which = None,
    as_: Acting = None,
) -> None:
    """New drafts beside the old readings, which stay, and a table of what moved by level, group and grade.

    Without --drafts the images that the registry holds are read anew by the engine that is installed now.

    Args:
        drafts: A folder with NUMBER/VISIT/reading.ovcf, as `ovcf assess --out NUMBER/VISIT` wrote them.
        engine: Which engine reads the images.
        out: A CSV file of every figure that moved; one that is there is replaced.
    """
    from ovcf.errors import LockedError
    from ovcf.files.result_file import write_file
    from ovcf.registry.access import Act
    from ovcf.study.conduct.studies import study_named
    from ovcf.study.data import moved as found

    with opened(as_, Act.MANAGE_STUDY) as here:
        if drafts is not None:
            made = _drafts(drafts)
        else:
            with here.registry.reading() as session:
                made = dict(
                    found.from_stored_images(session, here.registry, study_named(session, study), engine=engine)
                )
        with here.registry.reading() as session:
            pairs = found.beside(session, study_named(session, study), made)
            each, summed = found.compared(here.registry, pairs)
        try:
            with here.writing(study) as (writer, _):
                kept = f"{found.keep(writer, here.registry, pairs)} new drafts are kept beside them"
        except LockedError:
            kept = "the study is locked, so that the new drafts are not kept"
    say(f"{len(pairs)} readings compared, {len(each)} figures moved; {kept}")
    for one in summed:
        by = "" if one.mean is None else f", by {one.mean:+.2f} on average" + (f" (SD {one.sd:.2f})" if one.sd else "")
        say(f"{one.what}{f' of {one.level}' if one.level else ''}: {one.moved} of {one.compared} moved{by}")
    if out is not None:
        head = "patient,visit,what,level,before,after\n"
        lines = [",".join([m.patient, m.visit, m.what, m.level, _figure(m.before), _figure(m.after)]) for m in each]
        write_file(out, (head + "".join(f"{line}\n" for line in lines)).encode(), replace=True)
        say(out)


def _figure(value: Figure) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else value


def _drafts(folder: Path) -> dict[tuple[str, Window], ReadingFile]:
    from ovcf.errors import StudyError
    from ovcf.reading.file import read_reading
    from ovcf.registry.words import Window as Windows

    found: dict[tuple[str, Window], ReadingFile] = {}
    for path in sorted(folder.glob("*/*/reading.ovcf")):
        window = word(path.parent.name, Windows, str(path.parent))
        found[path.parent.parent.name, window] = read_reading(path)
    if not found:
        raise StudyError(folder, "holds no NUMBER/VISIT/reading.ovcf", "Assess the images into such folders first.")
    return found


def add_to(app: App) -> None:
    """Make them commands of ``ovcf study``."""
    for command in (queries, ask, answer, flow, table, checklist, lock, unlock, verify, moved):
        app.command(command, name=command.__name__)
    app.command(close_query, name="close-query")
