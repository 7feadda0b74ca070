"""A study of three hospitals from its protocol to locked data, simulated: `python examples/study/run.py OUT`.

Each hospital has a registry of its own. They screen, enrol and follow; two send signed bundles to the third, which asks
queries, has two readers read blinded and judge the outcomes, draws the flow, locks the data and validates NASOVCF.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from simulated import Person, people, read_by, reading_of
from sqlalchemy import select

from ovcf.cohort.data.dataset import check
from ovcf.cohort.data.read import read_table
from ovcf.cohort.recipes.columns_of import dictionary_for
from ovcf.cohort.recipes.multicentre import multicentre_study
from ovcf.follow_up.reliability import reliability_text
from ovcf.registry import service, tables
from ovcf.registry.store import Registry
from ovcf.registry.words import Decision, QueryRule, QueryStep, Role, TreatmentKind, Window, WithdrawalKind
from ovcf.report.cohort.cohort_content import CohortProvenance
from ovcf.report.cohort.cohort_write import write_cohort_report
from ovcf.study.conduct import form_values, queries, screening, studies
from ovcf.study.conduct.flow import flow_of
from ovcf.study.conduct.flow_words import chart, rows
from ovcf.study.data import database_lock
from ovcf.study.data.data_set import as_csv, data_set
from ovcf.study.protocol.read import parse_protocol, shipped
from ovcf.study.readers import blinded_case, results, rounds
from ovcf.study.readers.adjudicate import Stage, adjudicate, judgements
from ovcf.study.readers.report import report_of, write_report
from ovcf.study.sites.keys import make_key, public_half, read_key, trust
from ovcf.study.sites.merge import merge
from ovcf.study.sites.site_bundle import make_bundle, read_bundle

if TYPE_CHECKING:
    from ovcf.study.protocol.model import Protocol

FIRST_DAY = date(2026, 1, 12)
WINDOWS = ((Window.PRETREATMENT, 0), (Window.MONTH_1, 31), (Window.MONTH_3, 92), (Window.MONTH_6, 183))
SEED = 20260112
SITES = ("AKH", "BER", "CHU")


@dataclass
class Hospital:
    """A registry, who works with it, and the patients of this simulation by the number of the study."""

    code: str
    registry: Registry
    admin: tables.Person
    study: tables.Study
    folder: Path
    known: dict[str, Person] = field(default_factory=dict)


def open_hospital(out: Path, code: str, protocol: Protocol) -> Hospital:
    """A new registry that has begun the study, and the key that signs its bundles."""
    folder = out / "sites" / code
    registry = Registry.open(folder / "data", create=True)
    admin = registry.begin(code, f"Hospital {code}", "coordinator", f"Coordinator of {code}")
    with registry.writing(admin.id) as writer:
        study = studies.begin(writer, protocol)
        writer.session.flush()
        writer.session.expunge(study)
    make_key(folder / "site.key", code)
    return Hospital(code, registry, admin, study, folder)


def recruit(place: Hospital, count: int, rng: np.random.Generator) -> Counter[Decision]:
    """Screen everybody, enrol the eligible, and follow them to 6 months, as far as they come."""
    decided: Counter[Decision] = Counter()
    images = place.folder / "images"
    images.mkdir()
    for number, person in enumerate(people(place.code, count, rng)):
        on = FIRST_DAY + timedelta(days=3 * number)
        with place.registry.writing(place.admin.id) as writer:
            _, judged = screening.screen(writer, place.study, place.admin, person.code, person.facts, on=on)
            decided[judged.decision] += 1
            if judged.decision is not Decision.ELIGIBLE:
                continue
            patient = service.patient_named(writer.session, person.code, site=place.admin.site_id)
            one = screening.enrol(writer, place.study, patient, on=on, consent_on=on)
            screening.treat(writer, one, TreatmentKind.CONSERVATIVE, on=on)
            place.known[one.number] = person
            follow(writer, place, one, person, rng)
    return decided


def follow(writer, place: Hospital, one: tables.Enrolment, person: Person, rng: np.random.Generator) -> None:  # type: ignore[no-untyped-def]
    """The visits of a patient; some leave, some cross over, some values are missing or mistyped."""
    episode = writer.session.get(tables.Episode, one.episode_id)
    leaves = rng.random() < 0.08
    for place_in_plan, (window, day) in enumerate(WINDOWS):
        if leaves and place_in_plan > 1:
            screening.withdraw(writer, one, WithdrawalKind.LOST, on=one.on + timedelta(days=60))
            return
        on = one.on + timedelta(days=int(day + rng.integers(0, 8)))
        answers = {"VAS": person.pain[place_in_plan], "ODI": person.disability[place_in_plan]}
        if rng.random() < 0.04:
            answers.pop("ODI")  # a page that was left empty
        visit = service.hold_visit(writer, episode, window=window.value, on=on, answers=answers)

        def fill(form: str, given: dict[str, object], window: Window = window) -> None:
            form_values.enter(writer, place.study, one, window, form, given)

        if window is Window.PRETREATMENT:
            service.keep_reading(writer, place.registry, visit, reading_of(person, place.folder / "images"))
            fill(
                "baseline",
                {
                    "age_years": person.facts["age_years"],
                    "sex": person.sex,
                    "bmi": person.bmi,
                    "t_score": person.facts["t_score"],
                    "fracture_type": person.fracture_type,
                    "t2_pattern": person.t2_pattern,
                },
            )
        if window in (Window.PRETREATMENT, Window.MONTH_6):
            at = 0 if window is Window.PRETREATMENT else 1
            slip = 10 if rng.random() < 0.03 else 1  # a decimal point that was lost
            fill("images", {"vhl_percent": person.vhl[at], "ka_deg": person.angle[at] * slip, "posture": "standing"})
        if window is Window.MONTH_6:
            fill(
                "union", {"cleft": person.cleft, "height_standing_mm": 18.0, "height_supine_mm": 18.0 + person.moves_mm}
            )
    if not person.united and rng.random() < 0.25:
        screening.treat(writer, one, TreatmentKind.KYPHOPLASTY, on=one.on + timedelta(days=200), levels=(person.level,))


def send(place: Hospital) -> bytes:
    """The bundle of a hospital."""
    with place.registry.reading() as session:
        site = session.get(tables.Site, place.admin.site_id)
        key = read_key(place.folder / "site.key")
        return make_bundle(session, place.registry, place.study, site, site, key)


def bring_together(centre: Hospital, others: list[Hospital]) -> None:
    """Merge the others into the centre; the second time adds nothing."""
    for other in others:
        with centre.registry.writing(centre.admin.id) as writer:
            trust(writer, public_half(read_key(other.folder / "site.key"), other.code))
        content = send(other)
        for again in (False, True):
            with centre.registry.writing(centre.admin.id) as writer:
                found = merge(writer, centre.registry, read_bundle(writer.session, content, other.code))
            assert not found.conflicts, found.conflicts
            assert (found.added == 0) is again
            if not again:
                print(f"Merged {other.code}: {found.patients} patients, {found.added} rows")
        centre.known |= other.known


def ask_and_settle(centre: Hospital, today: date) -> None:
    """Queries by rule; a mistyped angle is corrected in its form, the rest is answered; all are closed."""
    with centre.registry.writing(centre.admin.id) as writer:
        asked = queries.raise_queries(writer, centre.study, today=today)
        print(f"Queries: {len(asked)}, {dict(Counter(q.rule.value for q in asked))}")
        for query in asked:
            if query.rule is QueryRule.IMPLAUSIBLE and query.field == "ka_deg":
                one = next(
                    e for e in studies.enrolments_of(writer.session, centre.study) if e.entity_id == query.enrolment_id
                )
                right = centre.known[one.number].angle[0 if query.window is Window.PRETREATMENT else 1]
                form_values.enter(
                    writer,
                    centre.study,
                    one,
                    query.window,
                    "images",
                    {"ka_deg": right},
                    reason=f"decimal point lost ({query.number})",
                )
            queries.step(writer, query, QueryStep.ANSWERED, "looked up in the source document")
            queries.step(writer, query, QueryStep.CLOSED, "settled")


def add_reader(centre: Hospital, code: str) -> tables.Person:
    """A reader at the centre."""
    with centre.registry.writing(centre.admin.id) as writer:
        reader = writer.add(tables.Person(site_id=centre.admin.site_id, code=code, name=code, role=Role.READER))
        writer.session.flush()
        writer.session.expunge(reader)
    return reader


def read_blinded(centre: Hospital, readers: list[tables.Person], rng: np.random.Generator) -> tables.ReaderStudy:
    """Two readers read every case, and a fifth of them again after the washout."""
    with centre.registry.writing(centre.admin.id) as writer:
        round_, tasks = rounds.open_round(writer, centre.study, "main", [r.code for r in readers], seed=SEED)
        writer.session.flush()
        writer.session.expunge_all()
    with centre.registry.reading() as session:
        numbers = {e.patient_id: e.number for e in studies.enrolments_of(session, centre.study)}
    after_washout = datetime.now(UTC) + timedelta(days=40)
    for task in sorted(tasks, key=lambda t: (t.repeat, t.reader_id, t.place)):
        reader = next(r for r in readers if r.id == task.reader_id)
        with centre.registry.writing(reader.id) as writer:
            given = blinded_case.task_labelled(writer.session, round_, task.label, reader, now=after_washout)
            case = blinded_case.case_of(writer.session, centre.registry, given)
            signed = read_by(case, centre.known[numbers[task.patient_id]], reader.code, rng)
            blinded_case.give_back(writer, centre.registry, round_, given, signed, minutes=float(rng.uniform(1, 4)))
    with centre.registry.writing(centre.admin.id) as writer:
        rounds.close(writer, round_)
    print(f"Blinded readings: {len(tasks)}, {sum(t.repeat for t in tasks)} of them repeats")
    return round_


def judge(centre: Hospital, readers: list[tables.Person], rng: np.random.Generator) -> None:
    """Two judge every outcome, one in fifteen times wrongly; a third decides where they differ."""
    third = add_reader(centre, "reader-3")
    for reader in (*readers, third):
        with centre.registry.reading() as session:
            open_ = [j for j in judgements(session, centre.study) if j.stage is not Stage.SETTLED]
        for j in open_:
            if reader is third and j.stage is not Stage.DIFFER:
                continue
            truth = not centre.known[j.enrolment.number].united
            answer = truth if reader is third or rng.random() > 1 / 15 else not truth
            with centre.registry.writing(reader.id) as writer:
                one = studies.enrolment_of(writer.session, centre.study, j.enrolment.number)
                adjudicate(writer, centre.study, one, j.outcome.id, reader, answer, "radiographs and MRI at 6 months")
    with centre.registry.reading() as session:
        settled = judgements(session, centre.study)
    assert all(j.stage is Stage.SETTLED for j in settled)
    print(f"Adjudicated: {len(settled)}, {sum(len(j.readers) == 3 for j in settled)} by a third reader")


def report(centre: Hospital, round_: tables.ReaderStudy, out: Path) -> None:
    """Reliability, flow, table, lock, and the external validation on the locked data."""
    with centre.registry.reading() as session:
        found = results.agreement(session, round_)
        write_report(report_of(centre.study.code, round_.code, found), out / "reliability")
        (out / "our-readers.toml").write_text(reliability_text(dict(found.reliability)))
        for one in found.reliability.values():
            print(f"{one.quantity}: ICC {one.icc:.2f}, smallest detectable change {one.sdc:.1f}")
    with centre.registry.writing(centre.admin.id) as writer:
        digest = database_lock.lock(writer, centre.study).digest
    with centre.registry.reading() as session:
        assert database_lock.verify(session, centre.study) == []
        flow = flow_of(session, centre.study)
        (out / "flow.svg").write_text(chart(flow))
        (out / "flow.csv").write_text("part,what,patients\n" + "".join(f'"{a}","{b}",{n}\n' for a, b, n in rows(flow)))
        (out / "patients.csv").write_text(as_csv(data_set(session, centre.study)))
    assert centre.registry.faults() == []
    print(f"Locked: {digest}")
    raw = read_table(out / "patients.csv")
    cohort = check(raw, dictionary_for("multicentre", raw.columns))
    study = multicentre_study(cohort.frame, notices=["SIMULATED patients: for trying the study, not for its results."])
    made = CohortProvenance(
        software="ovcf",
        command="python examples/study/run.py",
        inputs=(("lock", digest),),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    write_cohort_report(study, out / "validation", made, mistakes=cohort.mistakes, undescribed=cohort.undescribed)
    print(f"Validation: {len(study.items)} analyses of {study.n} patients; not made: {len(study.not_made)}")


def main() -> None:
    """Run the whole study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="a new folder")
    parser.add_argument("--patients", type=int, default=20, help="candidates at each hospital")
    given = parser.parse_args()
    given.out.mkdir(parents=True)
    protocol = parse_protocol(shipped("han-validation"), "han-validation")
    places = [open_hospital(given.out, code, protocol) for code in SITES]
    for place, rng in zip(places, np.random.default_rng(SEED).spawn(len(places)), strict=True):
        decided = recruit(place, given.patients, rng)
        print(f"{place.code}: {', '.join(f'{n} {word}' for word, n in decided.most_common())}")
    centre, rng = places[0], np.random.default_rng(SEED + 1)
    bring_together(centre, places[1:])
    ask_and_settle(centre, FIRST_DAY + timedelta(days=3 * given.patients + 300))
    readers = [add_reader(centre, code) for code in ("reader-1", "reader-2")]
    round_ = read_blinded(centre, readers, rng)
    judge(centre, readers, rng)
    report(centre, round_, given.out)
    with centre.registry.reading() as session:
        assert session.scalars(select(tables.StudyLock)).one().digest
    for place in places:
        place.registry.close()
    print(f"Look at {given.out / 'validation' / 'report.html'} and {given.out / 'flow.svg'}")


if __name__ == "__main__":
    main()
