"""Readers see cases without names, in orders of their own, once and again after a washout; then they are compared."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ovcf.anatomy import Level
from ovcf.errors import LockedError, StudyError
from ovcf.follow_up.visit import Quantity
from ovcf.reading.editing.edits import EnterFact, Overrule
from ovcf.reading.file import to_bytes
from ovcf.reading.session import Session as ReadingSession
from ovcf.registry import service
from ovcf.study.data import database_lock as locks
from ovcf.study.data.data_set import data_set
from ovcf.study.readers import blinded_case, results, rounds
from ovcf.study.readers.cases import blinded
from ovcf.workflow.begin import begin_reading
from tests.reading.conftest import made, patient  # noqa: F401
from tests.study.conftest import enrol, hold, person

SEED = 20260110
LATER = datetime.now(UTC) + timedelta(days=60)
# Shrout and Fleiss 1979, table 2, judges 1 and 2: published ICC of all four judges; of these two by hand below.
JUDGES = {"r1": (9, 6, 8, 7, 10, 6), "r2": (2, 1, 4, 1, 5, 2)}


@pytest.fixture(scope="session")
def reading(made):  # noqa: F811
    return begin_reading(made)


@pytest.fixture
def cases(registry, study, reading):
    """Six patients with a reading, one without."""
    readers = [person(registry, code) for code in ("r1", "r2")]
    with registry.writing(registry.admin.id) as writer:
        for n in range(1, 8):
            one = enrol(writer, study, registry.admin, f"P-{n}")
            visit = hold(writer, one, "pretreatment", 0)
            if n < 7:
                file = replace(reading, reading=replace(reading.reading, id=f"reading-{n}"))
                service.keep_reading(writer, registry, visit, file)
    return readers


def begun(registry, study, name="first", seed=SEED):
    with registry.writing(registry.admin.id) as writer:
        round_, tasks = rounds.open_round(writer, study, name, ["r1", "r2"], seed=seed)
        writer.session.flush()
        writer.session.expunge_all()
        return round_, tasks


def give(registry, round_, task, reader, values, now=LATER):
    with registry.writing(reader.id) as writer:
        found = blinded_case.task_labelled(writer.session, round_, task.label, reader, now=now)
        return blinded_case.give_back(writer, registry, round_, found, values, minutes=2.0)


def read_all(registry, study, readers):
    """Every case by its judge; the repeat one unit higher."""
    round_, tasks = begun(registry, study)
    patients = sorted({t.patient_id for t in tasks}, key=lambda p: number_of(registry, study, p))
    for task in tasks:
        reader = next(r for r in readers if r.id == task.reader_id)
        angle = JUDGES[reader.code][patients.index(task.patient_id)] + task.repeat
        give(
            registry,
            round_,
            task,
            reader,
            {
                "vhl-han": 10 + angle,
                "ka-han": angle,
                "t2_pattern": "diffuse low",
                "fracture_type": "burst" if angle > 5 else "compression",
            },
        )
    return round_


def number_of(registry, study, patient_id):
    from ovcf.study.conduct.studies import enrolments_of

    with registry.reading() as session:
        return next(e.number for e in enrolments_of(session, study) if e.patient_id == patient_id)


def test_the_order_follows_from_the_seed_and_differs_between_readers(registry, study, cases):
    round_, tasks = begun(registry, study)
    assert round_.not_read == ["S1-007, pretreatment"]

    def order(of, repeat=False):
        return [t.patient_id for t in of if t.repeat is repeat]

    one, two = (sorted((t for t in tasks if t.reader_id == r.id), key=lambda t: t.place) for r in cases)
    assert sorted(order(one)) == sorted(order(two))
    assert order(one) != order(two)
    assert [len(order(t, repeat=True)) for t in (one, two)] == [2, 2]  # 20 % of 6, rounded up
    assert set(order(one, repeat=True)) == set(order(two, repeat=True))
    _, again = begun(registry, study, "second")
    _, other = begun(registry, study, "third", seed=7)
    assert order(sorted((t for t in again if t.reader_id == cases[0].id), key=lambda t: t.place)) != order(one)
    assert [t.patient_id for t in other] != [t.patient_id for t in tasks]
    with pytest.raises(StudyError, match="is there already"):
        begun(registry, study)


def test_a_label_tells_nothing_of_the_patient(registry, study, cases):
    _, tasks = begun(registry, study)
    for task in tasks:
        assert task.label == f"first-{1 if task.reader_id == cases[0].id else 2}{task.place:03d}"


def test_a_case_is_given_without_names(registry, study, cases, reading):
    _, tasks = begun(registry, study)
    with registry.reading() as session:
        files = [blinded_case.case_of(session, registry, t) for t in tasks]
    assert len({f.reading.current.observations for f in files}) == 1  # the same for all: they can be averaged
    seen = files[0].current
    assert seen.patient.id is seen.patient.sex is seen.patient.age is None
    assert {s.acquired_on for s in seen.series} == {s.source.acquired_on for s in seen.landmarks} == {None}
    assert files[0].reading.id == tasks[0].label
    everything = b"".join(unpacked(to_bytes(files[0])))
    named = [s.uid for s in reading.current.series] + [i for s in reading.current.series for i in s.instances]
    assert not [uid for uid in named if uid.encode() in everything]
    assert files[0].reading.current.case.index_level is Level.L1
    assert files[0].reading.current.case.vas is files[0].reading.current.case.age_years is None
    # What is measured does not change by taking names away.
    before = {(m.method.id, m.index_level): m.value for m in ReadingSession(reading).assessment().measurements}
    after = {(m.method.id, m.index_level): m.value for m in ReadingSession(files[0]).assessment().measurements}
    assert after == {key: pytest.approx(before[key]) for key in after}
    assert after


def test_nothing_of_another_reader_goes_along(reading):
    session = ReadingSession(reading)
    session.make(EnterFact(id="e1", reader="Dr. Somebody", at="2026-01-01T00:00:00Z", field="vas", value=9))
    content = to_bytes(blinded(session.file, "x-1001", Level.L1))
    assert b"Somebody" not in b"".join(unpacked(content))


def unpacked(content):
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_a_repeat_waits_for_its_washout(registry, study, cases):
    round_, tasks = begun(registry, study)
    reader = cases[0]
    repeat = next(t for t in tasks if t.repeat and t.reader_id == reader.id)
    first = next(t for t in tasks if not t.repeat and t.reader_id == reader.id and t.patient_id == repeat.patient_id)
    with pytest.raises(StudyError, match="after its first reading"):
        give(registry, round_, repeat, reader, {"ka-han": 3})
    give(registry, round_, first, reader, {"ka-han": 3})
    now = datetime.now(UTC)
    with pytest.raises(StudyError, match=r"must wait\. It may be read on"):
        give(registry, round_, repeat, reader, {"ka-han": 3}, now=now + timedelta(days=27))
    give(registry, round_, repeat, reader, {"ka-han": 3}, now=now + timedelta(days=28, minutes=1))
    with registry.reading() as session:
        one, two = rounds.progress(session, round_, now=now)
    assert (one.first, one.repeats, two.first) == ((1, 6), (1, 2), (0, 6))


def test_a_reading_is_given_once_by_whom_it_was_assigned_to(registry, study, cases):
    round_, tasks = begun(registry, study)
    task = next(t for t in tasks if t.reader_id == cases[0].id)
    give(registry, round_, task, cases[0], {"ka-han": 3})
    with pytest.raises(StudyError, match="was read already"):
        give(registry, round_, task, cases[0], {"ka-han": 4})
    with pytest.raises(StudyError, match="is not one of r2's"):
        give(registry, round_, task, cases[1], {"ka-han": 4})


def test_what_cannot_be_read_is_refused(registry, study, cases):
    round_, tasks = begun(registry, study)
    task = next(t for t in tasks if t.reader_id == cases[0].id)
    for values, said in (
        ({"kahan": 3}, "Did you mean 'ka-han'?"),
        ({"ka-han": "x"}, "is no number"),
        ({"ka-han": float("nan")}, "is no number"),
        ({"t2_pattern": "low"}, "is not a word"),
        ({"fracture_type": "brust"}, "Did you mean 'burst'?"),
    ):
        with pytest.raises(StudyError) as met:
            give(registry, round_, task, cases[0], values)
        assert said in str(met.value)


def signed_by(reader, file, t2="none", angle=None):
    """The case signed, with the reader's word on the T2 pattern (``...``: the draft's stands) and an angle."""
    session = ReadingSession(file)
    if t2 is not ...:
        l1 = next(i for s in session.now().sets if (i := s.id_of(Level.L1)))
        at = {"vertebra": l1, "id": f"{reader}-1", "reader": reader, "at": "2026-01-12T10:00:00+00:00"}
        session.make(Overrule(finding="t2_pattern", value=t2, **at))
    if angle is not None:
        at = {"id": f"{reader}-2", "reader": reader, "at": "2026-01-12T10:00:00+00:00"}
        session.make(EnterFact(field="local_kyphosis_deg", value=angle, **at))
    chain = session.file.reading.confirmed(session.assessment(), reader=reader, at="2026-01-12T10:00:00+00:00")
    return replace(session.file, reading=chain)


def test_a_signed_reading_is_taken_back_and_an_unsigned_or_another_one_is_not(registry, study, cases, reading):
    round_, tasks = begun(registry, study)
    task, other = [t for t in tasks if t.reader_id == cases[0].id][:2]
    with registry.reading() as session:
        file = blinded_case.case_of(session, registry, task)
    with pytest.raises(StudyError, match="is not signed"):
        give(registry, round_, task, cases[0], file)
    signed = signed_by("r1", file)
    for wrong in (replace(signed, reading=replace(signed.reading, id=other.label)), reading):
        with pytest.raises(StudyError, match="Give the file of this case"):
            give(registry, round_, task, cases[0], wrong)
    # Two readers who leave the same draft as it is have not agreed on anything: each must say it.
    with pytest.raises(StudyError, match="T2 pattern is not rated by you"):
        give(registry, round_, task, cases[0], signed_by("r1", file, ...))
    kept = give(registry, round_, task, cases[0], signed)
    assert kept.values["t2_pattern"] == "none"
    assessed = ReadingSession(reading).assessment()
    heights = {m.value for m in assessed.measurements if m.method.id == "vhl-han" and m.index_level is Level.L1}
    assert kept.values["vhl-han"] in heights


def test_nobody_sees_results_before_the_round_has_ended(registry, study, cases):
    round_, _ = begun(registry, study)
    with registry.reading() as session, pytest.raises(StudyError, match="still open"):
        results.agreement(session, round_)
    with pytest.raises(StudyError, match="16 cases are not read yet"), registry.writing(registry.admin.id) as writer:
        rounds.close(writer, round_)
    with registry.writing(registry.admin.id) as writer:
        rounds.close(writer, round_, "a reader left")
    with pytest.raises(StudyError, match="has ended"):
        give(registry, round_, rounds_tasks(registry, round_)[0], cases[0], {"ka-han": 1})


def rounds_tasks(registry, round_):
    with registry.reading() as session:
        return rounds.tasks_of(session, round_)


def test_agreement_of_a_round_that_has_ended(registry, study, cases):
    round_ = read_all(registry, study, cases)
    with registry.writing(registry.admin.id) as writer:
        rounds.close(writer, round_)
    with registry.reading() as session:
        found = results.agreement(session, round_)
        rows = {r["patient_id"]: r for r in data_set(session, study)}
    analyses = dict(found.analyses)
    # Differences of the two judges: 7 5 4 6 5 4, mean 31/6: the bias of Bland and Altman.
    limits = analyses["ka-han, between readers, Bland-Altman, r1 and r2"]
    assert limits.bias.value == pytest.approx(31 / 6)
    # By hand: error 41/60, judges (80.083 - 41/60) / 6; SEM of absolute agreement is the root of their sum.
    error = found.reliability[Quantity.KYPHOSIS]
    assert error.sem == pytest.approx((41 / 60 + (80.0833 - 41 / 60) / 6) ** 0.5, abs=1e-3)
    assert (error.subjects, error.readers) == (6, 2)
    # Each reader's repeats are one unit higher throughout: a bias of -1 without spread, which the ICC still tells.
    assert "ka-han, r1, again, ICC" in analyses
    # r1 says burst for all (6 to 10), r2 never: no agreement beyond chance.
    assert analyses["fracture_type, between readers, kappa"].estimate.value == pytest.approx(0)
    # T2 is the same everywhere: kappa cannot be told, and says so.
    assert any(key.startswith("t2_pattern, between readers") for key, _ in found.not_made)
    assert found.minutes[0] == ("r1", 2.0, 8)
    assert analyses["time per case"].tables[0].rows[0] == ("r1", 8, 2.0, 2.0, 2.0, 2.0)
    # People read names and units, and the readers by their codes.
    assert limits.title == "Local kyphosis angle (HAN): Bland-Altman, between readers"
    assert (limits.names, limits.unit) == (("r1", "r2"), "°")
    # What blinded readers found goes into the table of the study: the mean, and what they agree on.
    assert rows["S1-001"]["ka_deg_0mo"] == pytest.approx((9 + 2) / 2)
    assert rows["S1-001"]["t2_pattern"] == "diffuse low"
    assert rows["S1-001"]["fracture_type"] is None
    assert rows["S1-007"]["ka_deg_0mo"] is None


def test_the_readers_files_are_averaged(registry, study, cases):
    from sqlalchemy import select

    from ovcf.registry.tables import Visit

    round_, tasks = begun(registry, study)
    wanted = tasks[0].patient_id
    for task in tasks:
        reader = next(r for r in cases if r.id == task.reader_id)
        if task.patient_id == wanted and not task.repeat:
            with registry.reading() as session:
                file = blinded_case.case_of(session, registry, task)
            give(registry, round_, task, reader, signed_by(reader.code, file))
    with registry.writing(registry.admin.id) as writer:
        rounds.close(writer, round_, "enough")
    with registry.reading() as session:
        visit = session.scalars(select(Visit).where(Visit.patient_id == wanted)).one()
        file, told = results.consensus_reading(session, registry, round_, visit, at="2026-02-01T00:00:00+00:00")
        other = session.scalars(select(Visit).where(Visit.patient_id != wanted)).first()
        with pytest.raises(StudyError, match="0 of 2 readers"):
            results.consensus_reading(session, registry, round_, other, at="2026-02-01T00:00:00+00:00")
    with registry.reading() as session:
        every = list(results.consensus_readings(session, registry, round_, at="2026-02-01T00:00:00+00:00"))
    whole = [number for number, _, made_ in every if not isinstance(made_, str)]
    assert whole == [number_of(registry, study, wanted)]
    assert {made_ for _, _, made_ in every if isinstance(made_, str)} == {"0 of 2 readers gave a file of this visit"}
    assert told.open == ()
    assert file.reading.current.reader == "r1 and r2"
    assert ReadingSession(file).assessment().index_level is Level.L1


def test_what_nobody_changed_in_the_draft_is_no_agreement_between_readers(registry, study, cases):
    round_, tasks = begun(registry, study)
    three = {t.patient_id for t in tasks if not t.repeat and t.place <= 3 and t.reader_id == cases[0].id}
    for task in tasks:
        if task.patient_id in three and not task.repeat:
            reader = next(r for r in cases if r.id == task.reader_id)
            with registry.reading() as session:
                file = blinded_case.case_of(session, registry, task)
            first = reader.id == cases[0].id and task.place == 1
            t2, angle = (None, 31.0) if first else ("diffuse low", None)
            kept = give(registry, round_, task, reader, signed_by(reader.code, file, t2, angle))
            assert kept.values["t2_pattern"] == t2
            assert (kept.values["ka-han"] == 31) is first  # what a reader enters goes before what is measured
    with registry.writing(registry.admin.id) as writer:
        rounds.close(writer, round_, "enough")
    with registry.reading() as session:
        found = results.agreement(session, round_)
    told = dict(found.analyses)["ka-han, between readers, ICC"].notes[0]
    assert "In 2 of 3 cases nobody changed" in told
    assert "in 2 of them nobody changed the automatic draft" in found.reliability[Quantity.KYPHOSIS].source
    # "Cannot tell" is an answer, and no rating.
    assert any("(2 cases)" in why for key, why in found.not_made if key.startswith("t2_pattern, between readers"))


def test_a_locked_study_takes_no_reading(registry, study, cases):
    round_, tasks = begun(registry, study)
    with registry.writing(registry.admin.id) as writer:
        locks.lock(writer, study, "for the test")
    with pytest.raises(LockedError, match="takes no task reading"):
        give(registry, round_, next(t for t in tasks if t.reader_id == cases[0].id), cases[0], {"ka-han": 1})
