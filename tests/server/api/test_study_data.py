"""Two hospitals without a shared server: a signed bundle goes from one to the other through their pages' doors."""

import io

import pytest

from ovcf.registry.people import accounts
from ovcf.server.api.app import make_service
from ovcf.server.people.address import Address
from ovcf.server.people.people import People
from tests.people.conftest import ADDRESS
from tests.people.conftest import browser as page_of
from tests.study.served import CODE, StudyPlace

pytestmark = pytest.mark.slow
AT = f"/api/v1/clinical-studies/{CODE}"
BYTES = {"Content-Type": "application/octet-stream"}


def hospital(folder, depths, site):
    """(place, page of its coordinator); its site is called by a code of its own."""
    place = StudyPlace(folder / "data", depths=depths, site=site)
    people = People(place.registry, Address.parse(ADDRESS))
    app = make_service(place.registry, people=people, data=folder / "files", hosts=(people.address.host,))
    app.state.people = people
    return place, page_of(app, secret=place.session("coordinator-A"))


def test_a_bundle_is_taken_in_once_if_its_key_is_trusted_and_nothing_was_changed(tmp_path):
    there, theirs = hospital(tmp_path / "there", (5.0, 8.0), "CHU")
    here, ours = hospital(tmp_path / "here", (), "AKH")
    key = theirs.post(f"{AT}/key").json()
    bundle = theirs.post(f"{AT}/bundle", json={"private": key["private"]})
    assert bundle.status_code == 200, bundle.text
    stranger = ours.post(f"{AT}/merge", content=bundle.content, headers=BYTES)
    assert (stranger.status_code, "no key here" in stranger.text) == (422, True)
    assert ours.post(f"{AT}/trust", json={"public": key["public"]}).status_code == 204
    changed = bytearray(bundle.content)
    changed[len(changed) // 2] ^= 1
    assert ours.post(f"{AT}/merge", content=bytes(changed), headers=BYTES).status_code == 422
    first = ours.post(f"{AT}/merge", content=bundle.content, headers=BYTES)
    assert first.status_code == 200, first.text
    assert (first.json()["site"], first.json()["patients"], first.json()["conflicts"]) == ("CHU", 4, [])
    # Who sees one hospital alone is not given the whole of a study of two.
    for path in ("table.csv", "flow"):
        assert ours.get(f"{AT}/{path}").status_code == 403
    assert ours.get(f"{AT}/patients").json() == []
    assert ours.post(f"{AT}/lock", json={"because": "x"}).status_code == 403
    with here.registry.writing(here.admin.id) as writer:
        accounts.change(writer, here.people["coordinator-A"], all_sites=True, reason="leads the study")
    ours = page_of(ours.app, secret=here.session("coordinator-A"))  # who may do more signs in anew
    again = ours.post(f"{AT}/merge", content=bundle.content, headers=BYTES).json()
    assert (again["added"], again["there"]) == (0, first.json()["added"])
    with here.registry.reading() as session:
        from ovcf.study.conduct.studies import enrolments_of

        assert [e.number for e in enrolments_of(session, here.study)] == ["CHU-001", "CHU-002"]
    assert [p["number"] for p in ours.get(f"{AT}/patients").json()] == ["CHU-001", "CHU-002"]
    there.registry.close()
    here.registry.close()


def test_what_is_no_key_or_no_bundle_is_refused(tmp_path):
    place, page = hospital(tmp_path, (5.0,), "CHU")
    assert page.post(f"{AT}/bundle", json={"private": "not a key"}).status_code == 422
    assert page.post(f"{AT}/trust", json={"public": "ovcf site key 1 CHU zz"}).status_code == 422
    assert page.post(f"{AT}/merge", content=io.BytesIO(b"PK no").read(), headers=BYTES).status_code == 422
    place.registry.close()
