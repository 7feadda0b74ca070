"""A case to open in the browser: a digital patient, in a file and in a registry."""

from datetime import date
from pathlib import Path

from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import read_recipe
from ovcf.reading.file import read_reading
from ovcf.registry.access import Principal
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.readings import begun_for, keep_reading
from ovcf.registry.store import Registry
from ovcf.registry.words import Role
from ovcf.workflow.draft import Draft
from ovcf.workflow.from_files import draft_from_files

ROOT = Path(__file__).resolve().parents[2]


def digital_patient(folder: Path) -> Draft:
    visit, *_ = make_patient(read_recipe(ROOT / "examples" / "phantom.toml"), folder / "patient")
    return draft_from_files([visit / "study"], clinical=visit / "case.toml", anchors=["11=L5"])


def in_registry(path: Path, folder: Path) -> str:
    """Keep a reading in a new registry; what its address calls it."""
    registry = Registry.open(folder, create=True)
    admin = registry.begin("HERE", "This computer", "reader", "Reader")
    who = Principal(admin.id, admin.code, admin.site_id, Role.ADMIN)
    with registry.writing(admin.id) as writer:
        patient, _ = clinic.admit(writer, who, "P-0001", sex="female", birth_year=1950, levels=["L1"])
        visit = clinic.visit_on(writer, patient, window="pretreatment", on=date(2025, 1, 7))
        row = keep_reading(writer, registry, visit, begun_for(read_reading(path), patient.code, {}))
        name: str = row.reading
    registry.close()
    return name
