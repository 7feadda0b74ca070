"""A backup is one state of the registry, restored whole, on either database, without who was erased since."""

import json
import threading
import zipfile

import pytest
from sqlalchemy import select

from ovcf.errors import RegistryError
from ovcf.registry.safekeeping.backup import restore, write_backup
from ovcf.registry.safekeeping.erasures import Erased, Ledger
from ovcf.registry.tables import Base, Patient, StoredFile, StudyFile
from ovcf.registry.tables.images import ImagingStudy
from tests.registry.conftest import admit


def everything(registry):
    """Every row of every table but what a restore may add."""
    with registry.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).mappings().all()))
            for table in Base.metadata.sorted_tables
        }


def with_a_file(registry, patient, visit, content):
    with registry.writing(registry.admin.id) as writer:
        digest = registry.files.put(content)
        if writer.session.get(StoredFile, digest) is None:
            writer.session.add(StoredFile(sha256=digest, size=len(content)))
        study = writer.add(ImagingStudy(patient_id=patient, visit_id=visit))
        writer.add(StudyFile(patient_id=patient, study_id=study.id, sha256=digest, name="image.dcm"))
    return digest


def test_what_is_restored_is_what_was_backed_up(registry, new_registry, tmp_path):
    patient, _, visit = admit(registry, "P1", levels=("T12", "L1"))
    digest = with_a_file(registry, patient, visit, b"pixels" * 1000)
    done = write_backup(registry, tmp_path / "b.zip")
    other = new_registry()
    assert restore(tmp_path / "b.zip", other) == []
    assert everything(other) == everything(registry)
    assert other.head() == registry.head() == done.head
    assert other.files.get(digest) == b"pixels" * 1000


def test_a_backup_taken_while_others_write_is_one_state(registry, new_registry, tmp_path):
    stop = threading.Event()
    written = []

    def write():
        while not stop.is_set() and len(written) < 200:
            written.append(admit(registry, f"W{len(written)}"))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(3):
            write_backup(registry, tmp_path / f"{number}.zip")
    finally:
        stop.set()
        thread.join()
    for number in range(3):
        other = new_registry()
        assert restore(tmp_path / f"{number}.zip", other) == []
        with other.reading() as session:
            whole = len(list(session.scalars(select(Patient))))
        assert len(everything(other)["visit"]) == whole  # no patient without the visit of the same transaction


def test_who_was_erased_since_does_not_come_back(registry, new_registry, tmp_path):
    kept, _, _ = admit(registry, "P1")
    gone, _, visit = admit(registry, "P2")
    digest = with_a_file(registry, gone, visit, b"face")
    write_backup(registry, tmp_path / "b.zip")
    with registry.writing(registry.admin.id) as writer:
        writer.erase(gone, "asked for")
    assert digest not in registry.files
    other = new_registry()
    for erased in registry.ledger:
        other.ledger.append(erased)
    assert restore(tmp_path / "b.zip", other) == []
    with other.reading() as session:
        assert [p.id for p in session.scalars(select(Patient))] == [kept]
    assert digest not in other.files
    assert other.faults(registry_anchor(tmp_path / "b.zip")) == []


def registry_anchor(path):
    from ovcf.registry.audit import Anchor

    with zipfile.ZipFile(path) as archive:
        return Anchor.parse(json.loads(archive.read("manifest.json"))["head"])


def test_a_file_that_another_patient_needs_stays(registry):
    one, _, visit_1 = admit(registry, "P1")
    two, _, visit_2 = admit(registry, "P2")
    digest = with_a_file(registry, one, visit_1, b"shared")
    assert with_a_file(registry, two, visit_2, b"shared") == digest
    with registry.writing(registry.admin.id) as writer:
        writer.erase(one, "asked for")
    assert registry.files.get(digest) == b"shared"
    with registry.writing(registry.admin.id) as writer:
        writer.erase(two, "asked for")
    assert digest not in registry.files


def test_only_an_empty_registry_is_filled(registry, tmp_path):
    write_backup(registry, tmp_path / "b.zip")
    with pytest.raises(RegistryError, match="not empty"):
        restore(tmp_path / "b.zip", registry)


@pytest.mark.parametrize("harm", ["cut", "row", "file", "none"])
def test_a_damaged_backup_is_refused_and_nothing_is_left(registry, new_registry, tmp_path, harm):
    patient, _, visit = admit(registry, "P1")
    digest = with_a_file(registry, patient, visit, b"pixels")
    path = tmp_path / "b.zip"
    write_backup(registry, path)
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    elif harm == "none":
        path.write_bytes(b"")
    else:
        with zipfile.ZipFile(path) as archive:
            members = {i.filename: archive.read(i) for i in archive.infolist()}
        if harm == "row":
            members["tables/patient_report.jsonl"] = members["tables/patient_report.jsonl"].replace(b"8.0", b"2.0")
        else:
            members[f"files/{digest}"] = b"others"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    other = new_registry()
    with pytest.raises(RegistryError):
        restore(path, other)
    assert not any(everything(other).values())


def test_half_a_line_of_the_ledger_is_taken_off(tmp_path):
    ledger = Ledger(tmp_path / "erasures.jsonl")
    ledger.append(Erased("1", "2", "a"))
    with ledger.path.open("ab") as file:
        file.write(b'{"patient": "3", "b')
    assert list(ledger) == [Erased("1", "2", "a")]
    ledger.append(Erased("4", "5", "b"))
    assert list(ledger) == [Erased("1", "2", "a"), Erased("4", "5", "b")]


def test_a_damaged_ledger_is_not_passed_over(tmp_path):
    ledger = Ledger(tmp_path / "erasures.jsonl")
    ledger.path.write_text('{"patient": \n{"patient": "1", "by": "2", "reason": "a"}\n')
    with pytest.raises(RegistryError, match="erasures would be forgotten"):
        list(ledger)


def test_what_is_sealed_stays_sealed_in_a_backup(new_registry, tmp_path):
    key, content = b"k" * 32, b"pixels of a patient " * 100
    sealed = new_registry(key=key)
    sealed.admin = sealed.begin("S1", "Site one", "admin", "Ada Min")
    patient, _, visit = admit(sealed, "P1")
    digest = with_a_file(sealed, patient, visit, content)
    write_backup(sealed, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name.startswith("files/")}
    assert list(files) == [f"files/{digest}.sealed"]
    assert not any(b"pixels" in held for held in files.values())
    for wrong, why in ((None, "no key is given"), (b"x" * 32, "another key")):
        with pytest.raises(RegistryError, match=why):
            restore(tmp_path / "b.zip", new_registry(key=wrong))
    again = new_registry(key=key)
    assert restore(tmp_path / "b.zip", again) == []
    assert again.files.get(digest) == content
