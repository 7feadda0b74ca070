"""``ovcf study assign | case | read | progress | close | agreement | consensus | adjudicate``: blinded readings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from ovcf.cli.streams import say
from ovcf.cli.study.opened import Acting, Which, opened, pairs
from ovcf.errors import StudyError
from ovcf.language.spoken import speaking

if TYPE_CHECKING:
    from cyclopts import App

Round = Annotated[str | None, Parameter(name="--round", help="The round of readings, where there are several.")]
Many = Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=())]


def assign(name: str, *, reader: Many, seed: int, study: Which = None, as_: Acting = None) -> None:
    """Begin a round of blinded readings: every case to every reader, in an order that follows from the seed alone.

    Try

        ovcf study assign first --reader r1 r2 --seed 20260110

    Args:
        name: Of the round; it begins the labels of the cases.
        reader: Codes of the readers, as many as the protocol plans.
        seed: Any whole number, written down before.
    """
    from ovcf.registry.access import Act
    from ovcf.study.readers.rounds import open_round

    with opened(as_, Act.MANAGE_STUDY) as here, here.writing(study) as (writer, there):
        made, tasks = open_round(writer, there, name, reader, seed=seed)
        missing, count, again = list(made.not_read), len(tasks), sum(t.repeat for t in tasks)
    say(f"{name}: {count} readings for {len(reader)} readers, {again} of them repeats")
    for one in missing:
        say(f"Note: {one} has no reading and is not in this round.")


def case(label: str, *, out: Path, round_: Round = None, study: Which = None, as_: Acting = None) -> None:
    """Give a reader the next case, blinded: no patient, no date, no clinical facts, nothing of the other reader.

    Args:
        label: The label of the case, as `ovcf study progress` says it.
        out: The reading file to make; read it on the page (`ovcf reading open`), and sign it.
    """
    from ovcf.files.result_file import write_file
    from ovcf.reading.file import to_bytes
    from ovcf.registry.access import Act
    from ovcf.study.conduct.studies import study_named
    from ovcf.study.readers.blinded_case import case_of, task_labelled
    from ovcf.study.readers.rounds import round_named

    with opened(as_, Act.SIGN) as here, here.registry.reading() as session:
        there = round_named(session, study_named(session, study), round_)
        task = task_labelled(session, there, label, here.person, now=datetime.now(UTC))
        say(write_file(out, to_bytes(case_of(session, here.registry, task))))


def read(
    label: str,
    reading: Path | None = None,
    *,
    value: Many = (),
    minutes: float | None = None,
    round_: Round = None,
    study: Which = None,
    as_: Acting = None,
) -> None:
    """Give a case back, once: the signed reading, or the values where the images were read elsewhere.

    Try

        ovcf study read first-1001 case.ovcf

        ovcf study read first-1001 --value vhl-han=17.8 ka-han=19.6 t2_pattern="diffuse low"

    Args:
        label: The label of the case.
        reading: The signed reading.
        value: NAME=VALUE, as the protocol names what is read.
        minutes: How long it took.
    """
    from ovcf.reading.file import read_reading
    from ovcf.registry.access import Act
    from ovcf.study.readers.blinded_case import give_back, task_labelled
    from ovcf.study.readers.rounds import round_named

    if (reading is None) == (not value):
        raise StudyError(f"case {label}", "needs the signed reading or its values, one of the two", "Give one.")
    given: Any = read_reading(reading) if reading is not None else pairs(value, "--value")
    with opened(as_, Act.SIGN) as here, here.writing(study) as (writer, there):
        of = round_named(writer.session, there, round_)
        task = task_labelled(writer.session, of, label, here.person, now=datetime.now(UTC))
        row = give_back(writer, here.registry, of, task, given, minutes=minutes)
        missing = [name for name, one in row.values.items() if one is None]
    say(f"{label}: kept" + (f"; not given: {', '.join(missing)}" if missing else ""))


def progress(*, round_: Round = None, study: Which = None, as_: Acting = None) -> None:
    """How far each reader is, and which case is next. Nothing of what was read is shown."""
    from ovcf.registry.access import Act
    from ovcf.study.conduct.studies import study_named
    from ovcf.study.readers.rounds import is_closed, round_named
    from ovcf.study.readers.rounds import progress as far

    with opened(as_, Act.READ_CASES) as here, here.registry.reading() as session:
        there = round_named(session, study_named(session, study), round_)
        for one in far(session, there, now=datetime.now(UTC)):
            following = (
                f"next {one.next_label}"
                if one.next_label
                else (f"the next repeat may be read on {one.next_on.date()}" if one.next_on else "nothing left to read")
            )
            say(
                f"{one.reader}: {one.first[0]} of {one.first[1]} cases, {one.repeats[0]} of {one.repeats[1]} repeats; "
                f"{following}"
            )
        say(f"{there.code}: {'ended' if is_closed(session, there) else 'open'}")


def close(*, because: str = "", round_: Round = None, study: Which = None, as_: Acting = None) -> None:
    """End a round of readings; only then can they be compared.

    Args:
        because: Why it ends although cases are unread.
    """
    from ovcf.registry.access import Act
    from ovcf.study.readers.rounds import close as end
    from ovcf.study.readers.rounds import round_named

    with opened(as_, Act.MANAGE_STUDY) as here, here.writing(study) as (writer, there):
        of = round_named(writer.session, there, round_)
        end(writer, of, because)
        name = of.code
    say(f"{name}: ended")


def agreement(
    *,
    out: Path | None = None,
    reliability: Path | None = None,
    round_: Round = None,
    study: Which = None,
    as_: Acting = None,
    language: Literal["en", "zh"] = "en",
) -> None:
    """Agreement of the readers of a round that has ended: ICC, SEM, smallest detectable change, kappa, Bland-Altman.

    Args:
        out: Folder for the report; an earlier one there is replaced.
        reliability: Write SEM and SDC to this file, for `ovcf follow-up --reliability`.
        language: Language of the report and its figures: en, or zh (Simplified Chinese).
    """
    from ovcf.files.result_file import write_file
    from ovcf.follow_up.reliability import reliability_text
    from ovcf.registry.access import Act
    from ovcf.study.conduct.studies import study_named
    from ovcf.study.readers.report import report_of, write_report
    from ovcf.study.readers.results import agreement as found_of
    from ovcf.study.readers.rounds import round_named

    with opened(as_, Act.READ_CASES) as here, here.registry.reading() as session:
        there = study_named(session, study)
        of = round_named(session, there, round_)
        found = found_of(session, of)
        report = report_of(there.code, of.code, found)
    for line in report.notices:
        say(line)
    for key, why in found.not_made:
        say(f"not made: {key}: {why}")
    if out is not None:
        with speaking(language):
            say(write_report(report, out))
    if reliability is not None and found.reliability:
        write_file(reliability, reliability_text(dict(found.reliability)).encode(), replace=True)
        say(reliability)


def consensus(*, out: Path, round_: Round = None, study: Which = None, as_: Acting = None) -> None:
    """Average the readers' signed files of each case into one draft, and say what they do not agree on.

    Try

        ovcf study consensus --out consensus

    Args:
        out: A new folder: NUMBER/VISIT/reading.ovcf, to be looked at, signed and recorded with its visit.
    """
    from ovcf.files.result_file import write_file
    from ovcf.reading.file import to_bytes
    from ovcf.registry.access import Act
    from ovcf.study.conduct.studies import study_named
    from ovcf.study.readers.results import consensus_readings
    from ovcf.study.readers.rounds import round_named

    with opened(as_, Act.MANAGE_STUDY) as here, here.registry.reading() as session:
        of = round_named(session, study_named(session, study), round_)
        for number, window, made in consensus_readings(session, here.registry, of, at=datetime.now(UTC).isoformat()):
            if isinstance(made, str):
                say(f"{number}, {window}: none: {made}")
                continue
            file, told = made
            path = out / number / window / "reading.ovcf"
            path.parent.mkdir(parents=True, exist_ok=True)
            say(write_file(path, to_bytes(file)))
            for what, words in told.open:
                say(f"    not agreed, {what}: {' / '.join(words)}")


def adjudicate(
    number: str | None = None,
    outcome: str | None = None,
    answer: str | None = None,
    *,
    because: str = "",
    study: Which = None,
    as_: Acting = None,
) -> None:
    """Judge an outcome, each reader alone; a third where two differ. Without a patient: what is still to be judged.

    Try

        ovcf study adjudicate AKH-001 non-union yes --because "cleft on CT" --as r1

    Args:
        number: The number of the study.
        outcome: As the protocol calls it.
        answer: yes, no, or "cannot be told".
        because: What it rests on.
    """
    from ovcf.registry.access import Act
    from ovcf.registry.tables import Person
    from ovcf.study.conduct.studies import enrolment_of, study_named
    from ovcf.study.readers.adjudicate import Stage, judgements
    from ovcf.study.readers.adjudicate import adjudicate as judge

    words = {"yes": True, "no": False, "cannot be told": None}
    with opened(as_, Act.READ_CASES if number is None or outcome is None else Act.SIGN) as here:
        if number is None or outcome is None:
            with here.registry.reading() as session:
                for j in judgements(session, study_named(session, study)):
                    settled = j.stage is Stage.SETTLED  # who judged alone is not told while it is open
                    names = ", ".join(j.readers) if settled else f"{len(j.readers)} so far"
                    who = f" (judged by {names})" if j.readers else ""
                    say(f"{j.enrolment.number}, {j.outcome.id}: {j.stage}{who}")
            return
        if answer not in words:
            raise StudyError("answer", f"{answer!r} is none", 'Give yes, no, or "cannot be told".')
        with here.writing(study) as (writer, there):
            reader = writer.session.get(Person, here.person.id)
            assert reader is not None
            enrolment = enrolment_of(writer.session, there, number)
            found = judge(writer, there, enrolment, outcome, reader, words[answer], because)
    told = {True: "yes", False: "no", None: "cannot be told"}[found.answer]
    say(f"{number}, {outcome}: {found.stage}" + (f": {told}" if found.stage is Stage.SETTLED else ""))


def add_to(app: App) -> None:
    """Make them commands of ``ovcf study``."""
    for command in (assign, case, read, progress, close, agreement, consensus, adjudicate):
        app.command(command, name=command.__name__)
