"""A signed reading of a DICOM study with an MRI and a film, put together by hand, and its resources."""

import json
from dataclasses import replace

import pytest

from ovcf.imaging.stored import StoredFrame, StoredImages
from ovcf.reading.editing.edits import Acknowledge, NothingToAssess
from ovcf.reading.file import digest
from ovcf.reading.session import Session
from tests.server.small_reading import small_reading

pytest.importorskip("fhir.resources", reason="needs the extra `fhir`")

STUDY = "1.2.826.0.1.3680043.8.1055.1"
SIGNED_AT = "2026-03-04T05:06:07+00:00"
SOP_CLASSES = {"1.2.3": "1.2.840.10008.5.1.4.1.1.4", "1.2.4": "1.2.840.10008.5.1.4.1.1.1.1"}
FACTS = {
    "patient_id": "P-7",
    "visit_date": "2026-03-03",
    "sex": "female",
    "vas": 8,
    "aetiology": "osteoporosis",
    "old_fractures": ["T9"],
    "neurology__saddle_anaesthesia": True,
}


def of_dicom(file):
    """The reading as if its images were DICOM, of one study, taken the day before the visit."""
    seen = file.current
    series = tuple(
        replace(
            s,
            study_uid=STUDY,
            instances=(f"{s.uid}.1",),
            acquired_on="2026-03-02",
            stored=StoredImages(
                series_uid=s.uid, sop_class=SOP_CLASSES[s.uid], size=(2, 2), frames=(StoredFrame(f"{s.uid}.1"),)
            ),
        )
        for s in seen.series
    )
    by_uid = {s.uid: s for s in series}
    sets = tuple(replace(s, source=by_uid[s.series].source(s.source.placed_by)) for s in seen.landmarks)
    models = (("ovcf-mr 1", "ab" * 32),)
    made = replace(seen, series=series, landmarks=sets, models=models)
    name = digest(made)
    version = replace(
        file.reading.current, observations=name, begun_at="2026-03-01T00:00:00+00:00", software="ovcf 1.2.3"
    )
    return replace(file, reading=replace(file.reading, versions=(version,)), observations={name: made})


def signed(file, reader="A. Reader", at=SIGNED_AT):
    """The reading with its newest version signed, everything urgent acknowledged."""
    session = Session(file)
    for n, statement in enumerate(session.assessment().guidance):
        session.make(
            Acknowledge(id=f"seen{n} {len(session.version.edits)}", reader=reader, at=at, statement=statement.id)
        )
    if session.assessment().index_level is None:
        suggested = tuple(v.id for s in session.file.current.landmarks for v in s.vertebrae)
        session.make(NothingToAssess(id="nothing", reader=reader, at=at, vertebrae=suggested))
    return replace(session.file, reading=session.file.reading.confirmed(session.assessment(), reader=reader, at=at))


def few(file):
    """The reading with L1 and its neighbours on the MRI alone: few resources."""
    seen = file.current
    mr, _ = seen.landmarks
    kept = replace(mr, vertebrae=tuple(v for v in mr.vertebrae if v.level in ("T12", "L1", "L2")))
    made = replace(seen, series=tuple(s for s in seen.series if s.uid == mr.series), landmarks=(kept,))
    version = replace(file.reading.current, observations=digest(made))
    return replace(
        file, reading=replace(file.reading, versions=(version,)), observations={version.observations: made}, pictures=()
    )


def bare(file):
    """The reading without a vertebra: fewer still."""
    seen = replace(file.current, landmarks=())
    version = replace(file.reading.current, observations=digest(seen))
    return replace(
        file, reading=replace(file.reading, versions=(version,)), observations={version.observations: seen}, pictures=()
    )


@pytest.fixture(scope="session")
def draft():
    return of_dicom(small_reading(**FACTS))


@pytest.fixture(scope="session")
def reading(draft):
    return signed(draft)


@pytest.fixture(scope="session")
def made(reading):
    """The resources of the signed reading by address."""
    from ovcf.fhir.out.bundle import of_reading

    return of_reading(reading)


def of_kind(found, kind):
    return [one for one in found.values() if one["resourceType"] == kind]


def coding(concept):
    """(system, code) of a concept."""
    first = concept["coding"][0]
    return first["system"], first["code"]


def texts(found):
    """Everything that is said anywhere, PDF aside."""
    return json.dumps([{k: v for k, v in one.items() if k != "presentedForm"} for one in found.values()])
