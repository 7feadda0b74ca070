"""The doors of DICOMweb, which the description of the service does not list: shut like all others."""

import pytest
from sqlalchemy import select

from ovcf.registry.tables import WorkItem
from ovcf.server.api.dicomweb import doors as dicomweb
from tests.people.conftest import browser
from tests.people.test_every_door import filled, whole  # noqa: F401  # fixtures

UID = "1.2.826.0.1.3680043.8.498.1"
NAMES = {"series": "1.2", "instance": "1.3", "frames": "1", "frame": "1", "tag": "7FE00010"}
PATHS = sorted({f"/api/v1{route.path}" for route in dicomweb.router.routes})


@pytest.fixture(scope="module")
def study(filled):  # noqa: F811
    """The study of site A's patient has a UID."""
    with filled.registry.writing(filled.people["coordinator-A"].id) as writer:
        writer.session.scalars(
            select(WorkItem).where(WorkItem.patient_id == filled.patients["A"])
        ).first().study_uid = UID
    return UID


def test_there_are_doors_and_they_only_read():
    assert len(PATHS) > 15
    assert {method for route in dicomweb.router.routes for method in route.methods} == {"GET"}


@pytest.mark.parametrize("path", PATHS)
def test_without_a_session_they_are_shut(whole, study, path):  # noqa: F811
    answer = browser(whole).get(path.format(study=study, **NAMES))
    assert answer.status_code == 401
    assert UID not in answer.text.replace(path, "")


@pytest.mark.parametrize("path", PATHS)
def test_another_sites_study_is_behind_none_of_them(filled, whole, study, path):  # noqa: F811
    other = browser(whole, secret=filled.session("researcher-B"))
    answer = other.get(path.format(study=study, **NAMES))
    if "{" in path:
        assert answer.status_code == 404
    else:
        assert (answer.status_code, answer.json()) == (200, [])


def test_of_ones_own_site_the_study_is_there(filled, whole, study):  # noqa: F811
    own = browser(whole, secret=filled.session("researcher-A"))
    (row,) = own.get("/api/v1/dicom-web/studies").json()
    assert row["0020000D"]["Value"] == [study]
    assert row["00100020"]["Value"] == ["P-A"]
