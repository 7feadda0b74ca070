"""One patient out of the registry: whole for themself, and for research without what tells who they are."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import date, timedelta

import pydicom
import pytest
from sqlalchemy import select

from ovcf.clinical.read_case import with_fact
from ovcf.errors import ForbiddenError, RegistryError
from ovcf.exchange.patient.export import export_patient
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import Recipe
from ovcf.reading.file import read_reading
from ovcf.reading.session import Session as ReadingSession
from ovcf.registry.clinic.readings import keep_reading
from ovcf.registry.tables import (
    AuditEntry,
    Consent,
    Episode,
    ImagingStudy,
    PatientReport,
    StoredFile,
    StudyFile,
    Treatment,
    Visit,
)
from ovcf.registry.words import Action, ConsentScope, Instrument, TreatmentKind, Window
from ovcf.workflow.confidential.key_file import KeyFile
from tests.cli.conftest import command  # noqa: F401
from tests.people.conftest import Place
from tests.server.small_reading import small_reading

pytest.importorskip("dicomanonymizer", reason="dicom-anonymizer is not installed: it is in the extra `dicom`")

TOLD = (
    "Dunkelmann",
    "Annemarie",
    "P4711",
    "P-A",
    "Weißkittel",
    "2025-05-14",
    "20250514",
    "2025-05-10",
    "20250510",
    "19480309",
    "told on the phone",
    "Klinikum",
    "1.2.3",
    "Of A",
    "091500",
)


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    """Two slices of one MR series, as a scanner that knows its patient would write them."""
    (visit,) = make_patient(Recipe(seed=7), tmp_path_factory.mktemp("made"), contrasts=("T1",), radiograph=False)
    found = []
    for file in sorted((visit / "study").rglob("*.dcm"))[:2]:
        ds = pydicom.dcmread(file)
        ds.PatientName, ds.PatientID, ds.PatientBirthDate = "Dunkelmann^Annemarie", "P4711", "19480309"
        ds.StudyDate, ds.StudyTime, ds.InstitutionName = "20250514", "091500", "Klinikum Nord"
        written = io.BytesIO()
        ds.save_as(written)
        found.append(written.getvalue())
    return found


@pytest.fixture
def place(tmp_path, slices):
    made = Place(tmp_path / "data")
    with made.registry.writing(made.people["reader-A"].id) as writer:
        patient = made.patients["A"]
        episode = writer.add(Episode(patient_id=patient, levels=["L1"], fractured_on=date(2025, 5, 10)))
        visit = writer.add(
            Visit(patient_id=patient, episode_id=episode.id, window=Window.PRETREATMENT, held_on=date(2025, 5, 14))
        )
        writer.add(PatientReport(patient_id=patient, visit_id=visit.id, instrument=Instrument.VAS, value=8.0))
        writer.add(
            Treatment(
                patient_id=patient,
                episode_id=episode.id,
                kind=TreatmentKind.CONSERVATIVE,
                started_on=date(2025, 5, 14),
                levels=["L1"],
                detail={"weeks": 12, "by": "Weißkittel"},
            )
        )
        study = writer.add(
            ImagingStudy(
                patient_id=patient,
                visit_id=visit.id,
                study_uid="1.2.3.4711",
                description="LWS Dunkelmann",
                acquired_on=date(2025, 5, 14),
            )
        )
        for number, data in enumerate([*slices, b"Dear Annemarie"]):
            name = made.registry.files.put(data)
            writer.session.add(StoredFile(sha256=name, size=len(data)))
            writer.session.flush()
            writer.add(StudyFile(patient_id=patient, study_id=study.id, sha256=name, name=f"Dunkelmann/{number}.dcm"))
        keep_reading(writer, made.registry, visit, a_reading())
        visit_row = writer.session.get_one(Visit, visit.id)
        writer.replace(visit_row, "told on the phone by Annemarie", held_on=date(2025, 5, 14))
    yield made
    made.registry.close()


def a_reading():
    """With its patient, reader and days wherever a reading may name them."""
    file = small_reading()
    seen = file.current
    series = (replace(seen.series[0], description="T2 Dunkelmann", acquired_on="2025-05-14"), *seen.series[1:])
    seen = replace(
        seen,
        patient=replace(seen.patient, id="P4711"),
        series=series,
        skipped=(("Dunkelmann/letter.pdf", "is no image"),),
        notes=("taken on 2025-05-14",),
    )
    from ovcf.reading.file import digest

    (version,) = file.reading.versions
    case = replace(with_fact(version.case, "visit_date", "2025-05-14"), patient_id="P4711", notes=("Annemarie fell",))
    version = replace(version, case=case, reader="Ida Weißkittel", observations=digest(seen), reason="")
    return replace(file, reading=replace(file.reading, versions=(version,)), observations={digest(seen): seen})


def content_of(folder):
    """Every byte of every file and name, archives unpacked."""
    for path in folder.rglob("*"):
        yield str(path.relative_to(folder)).encode()
        if path.is_file():
            yield path.read_bytes()
        if path.suffix == ".ovcf":
            with zipfile.ZipFile(path) as archive:
                yield from map(archive.read, archive.namelist())


def export(place, tmp_path, code="coordinator-A", keys=None):
    stage = tmp_path / f"out-{code}-{keys is not None}"
    stage.mkdir()
    return export_patient(place.registry, place.principal(code), "P-A", stage, keys), stage


def test_whole(place, tmp_path, slices):
    done, out = export(place, tmp_path)
    assert (done.readings, done.images.written, done.images.left_out) == (1, 3, ())
    told = json.loads((out / "patient.json").read_text())
    assert told["patient"][0]["code"] == "P-A"
    assert [v.get("reason") for v in told["visit"]].count("told on the phone by Annemarie") == 1  # its history, too
    assert told["audit"][0]["action"] == "recorded"
    assert sorted(p.read_bytes() for p in (out / "images").rglob("*.dcm")) == sorted([*slices, b"Dear Annemarie"])
    assert all(p.resolve().is_relative_to(out) for p in out.rglob("*"))


def test_without_what_tells_who_they_are(place, tmp_path):
    keys = KeyFile.open(tmp_path / "k.json")
    done, out = export(place, tmp_path, "researcher-A", keys)
    assert (done.readings, done.images.written) == (1, 2)
    assert [why for _, why in done.images.left_out] == ["is damaged (InvalidDicomError)"]
    (pseudonym,) = keys.known.values()
    everything = b"\n".join(content_of(out)).lower()
    for told in TOLD:
        assert told.encode().lower() not in everything, told
    assert pseudonym.name.encode().lower() in everything
    for row in (place.patients["A"], *(p.id for p in place.people.values())):
        assert str(row).encode() not in everything
    assert keys.path.is_file()
    assert out not in keys.path.parents


def test_days_and_references_hold_together(place, tmp_path):
    keys = KeyFile.open(tmp_path / "k.json")
    _, out = export(place, tmp_path, "researcher-A", keys)
    told = json.loads((out / "patient.json").read_text())
    (pseudonym,) = keys.known.values()
    moved = timedelta(days=pseudonym.shift_days)
    assert told["episode"][0]["fractured_on"] == (date(2025, 5, 10) + moved).isoformat()
    assert told["visit"][0]["held_on"] == (date(2025, 5, 14) + moved).isoformat()
    image = pydicom.dcmread(next((out / "images").rglob("*.dcm")))
    assert image.StudyDate == (date(2025, 5, 14) + moved).strftime("%Y%m%d")
    assert told["visit"][0]["episode_id"] == told["episode"][0]["id"]
    assert told["patient_report"][0]["value"] == 8.0
    assert told["treatment"][0]["detail"] == {"weeks": 12}
    assert told["patient"][0]["code"] == str(image.PatientID) == pseudonym.name


def test_a_reading_concludes_the_same(place, tmp_path):
    keys = KeyFile.open(tmp_path / "k.json")
    _, out = export(place, tmp_path, "researcher-A", keys)
    before, after = a_reading(), read_reading(out / "reading-1.ovcf")
    numbers = [
        [
            (m.method.id, m.index_level, m.value, m.standard_uncertainty)
            for m in ReadingSession(f).assessment().measurements
        ]
        for f in (before, after)
    ]
    assert numbers[0] == numbers[1] != []
    (pseudonym,) = keys.known.values()
    assert after.reading.current.case.patient_id == after.current.patient.id == pseudonym.name
    assert after.reading.current.reader == "reader 1"


def test_the_audit_tells_of_it(place, tmp_path):
    export(place, tmp_path, "researcher-A", KeyFile.open(tmp_path / "k.json"))
    with place.registry.reading() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.EXPORTED))
    assert (entry.actor, entry.patient_id) == (place.people["researcher-A"].id, place.patients["A"])
    assert place.registry.faults() == []


@pytest.mark.parametrize(
    ("code", "named", "error"),
    [
        ("reader-A", True, ForbiddenError),
        ("monitor-A", True, ForbiddenError),
        ("researcher-A", False, ForbiddenError),
        ("coordinator-B", True, RegistryError),
        ("coordinator-B", False, RegistryError),
    ],
)
def test_who_may_not(place, tmp_path, code, named, error):
    with pytest.raises(error):
        export(place, tmp_path, code, KeyFile.open(tmp_path / "k.json") if named else None)
    with place.registry.reading() as session:
        assert not list(session.scalars(select(AuditEntry).where(AuditEntry.action == Action.EXPORTED)))


def test_who_withdrew_consent_to_research_is_not_given_to_it(place, tmp_path):
    with place.registry.writing(place.people["coordinator-A"].id) as writer:
        for given, on in ((True, date(2025, 5, 14)), (False, date(2025, 6, 1))):
            writer.add(Consent(patient_id=place.patients["A"], scope=ConsentScope.RESEARCH, given=given, on=on))
    with pytest.raises(RegistryError, match="withdrew"):
        export(place, tmp_path, "researcher-A", KeyFile.open(tmp_path / "k.json"))
    export(place, tmp_path)  # what is theirs they still get


def test_on_the_command_line(place, tmp_path, command, monkeypatch):  # noqa: F811
    place.registry.close()
    monkeypatch.setenv("OVCF_DATA", str(tmp_path / "data"))
    arguments = ["export", "patient", "P-A", "--as", "researcher-A", "--out", tmp_path / "away", "--deidentify"]
    for keys, words in ((tmp_path / "away" / "k.json", "given away"), (tmp_path / "data" / "k.json", "given away")):
        code, _, error = command(*arguments, "--key-file", keys)
        assert (code, words in error) == (2, True), error
    assert command(*arguments)[0] == 2
    code, said, error = command(*arguments, "--key-file", tmp_path / "k.json")
    assert code == 0, error
    assert "1 reading, 2 images" in said
    assert (tmp_path / "k.json").stat().st_mode & 0o077 == 0
    assert "Left out (1)" in said
