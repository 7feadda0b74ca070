"""Uploads go on where they broke off; what cannot be a study of the spine does not become one."""

import gzip
import io
import stat
import zipfile

import nibabel
import numpy as np
import pytest
from PIL import Image

from ovcf.server.api.tus import store
from tests.server.api.conftest import TUS, go_on, upload


def png(seed=1, size=64):
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (size, size), np.uint8)).save(out, "PNG")
    return out.getvalue()


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def begin(api):
    def begun(length, **headers):
        return api("POST", "uploads", headers={**TUS, "Upload-Length": str(length), **headers})

    return begun


def test_an_upload_that_broke_off_goes_on_from_where_it_came_to(browser, begin):
    content = png(size=300)
    address = begin(len(content)).headers["location"]
    assert browser.patch(address, content=content[:1000], headers=go_on(0)).headers["upload-offset"] == "1000"
    asked = browser.head(address, headers=TUS)
    assert (asked.headers["upload-offset"], asked.headers["upload-length"]) == ("1000", str(len(content)))
    assert asked.headers["cache-control"] == "no-store"
    early = browser.post("/api/v1/studies", json={"uploads": [address.rsplit("/", 1)[1]]})
    assert (early.status_code, early.json()["problem"]) == (422, "has not arrived whole")
    assert browser.patch(address, content=content[900:], headers=go_on(900)).status_code == 409
    assert browser.patch(address, content=content[1000:], headers=go_on(1000)).status_code == 204
    made = browser.post("/api/v1/studies", json={"uploads": [address.rsplit("/", 1)[1]]})
    assert made.status_code == 202
    assert browser.head(address, headers=TUS).status_code == 404  # it is a study now


def test_more_than_was_promised_is_refused(browser, begin):
    address = begin(10).headers["location"]
    assert browser.patch(address, content=b"x" * 11, headers=go_on(0)).status_code == 413


def test_an_upload_can_be_given_up(browser, begin):
    address = begin(10).headers["location"]
    assert browser.delete(address, headers=TUS).status_code == 204
    assert browser.head(address, headers=TUS).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.0"}, 412),
        ({"Upload-Length": "0"}, 422),
        ({"Upload-Length": "-4"}, 422),
        ({"Upload-Length": str(store.MAX_BYTES + 1)}, 422),
        ({"Upload-Metadata": "filename !!"}, 422),
    ],
)
def test_what_is_no_upload_is_refused(begin, headers, status):
    assert begin(10, **headers).status_code == status


def test_bytes_of_another_kind_are_refused(browser, begin):
    address = begin(10).headers["location"]
    assert browser.patch(address, content=b"x", headers={**TUS, "Upload-Offset": "0"}).status_code == 415


@pytest.mark.parametrize("name", ["..%2f..%2fetc", "a" * 32 + "/../x", "A" * 32, "0" * 31, "..", "%00"])
def test_an_address_that_is_none_of_an_upload_leads_nowhere(browser, name):
    assert browser.head(f"/api/v1/uploads/{name}", headers=TUS).status_code in (404, 405)


def test_uploads_that_wait_fill_neither_the_disk_nor_the_folder(begin, monkeypatch):
    monkeypatch.setattr(store, "MAX_OPEN", 2)
    assert [begin(5).status_code for _ in range(3)] == [201, 201, 422]


def test_an_upload_of_yesterday_is_let_go(api, begin, monkeypatch, tmp_path):
    import os

    address = begin(5).headers["location"]
    folder = tmp_path / "of-the-service" / "uploads"
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    begin(5)
    assert len(list(folder.iterdir())) == 2  # the bytes and the note of the new one
    assert api("HEAD", address.removeprefix("/api/v1/"), headers=TUS).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"Dear colleague", "letter.txt", "no image"),
        (zipped(**{"../../evil.png": png()}), "study.zip", "outside the archive"),
        (zipped(**{"/etc/evil.png": png()}), "study.zip", "outside the archive"),
        (zipped(**{"film.png": png(), "zeros": b"\0" * 200 * 2**20}), "study.zip", "no study does"),
        (b"PK\x03\x04 and then nothing", "study.zip", "not a complete zip"),
        (zipped(**{"letter.txt": b"Dear colleague"}), "no-suffix", "no image"),
    ],
)
def test_what_cannot_be_a_study_is_refused_and_nothing_is_left(browser, registry, content, name, said):
    answer = browser.post("/api/v1/studies", json={"uploads": [upload(browser, content, name)]})
    assert answer.status_code == 422
    assert said in answer.json()["problem"]
    assert str(registry.files.folder) not in answer.text
    assert list(registry.files) == []
    assert browser.get("/api/v1/worklist").json()["items"] == []


def test_a_link_in_a_zip_is_refused(browser):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("film.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    answer = browser.post("/api/v1/studies", json={"uploads": [upload(browser, out.getvalue(), "study.zip")]})
    assert (answer.status_code, answer.json()["problem"]) == (422, "is a link, not a file")


def test_a_study_may_come_as_several_files_and_without_a_patient(browser):
    sent = [upload(browser, png(n), f"folder/film-{n}.png") for n in range(3)]
    made = browser.post("/api/v1/studies", json={"uploads": sent, "name": "Three films", "assess": False}).json()
    (line,) = browser.get("/api/v1/worklist").json()["items"]
    assert (line["id"], line["name"], line["images"], line["patient"]) == (made["study"], "Three films", 3, None)
    assert line["status"] == "waiting"
    again = browser.post("/api/v1/studies", json={"uploads": [upload(browser, png(n)) for n in range(3)]})
    assert (again.status_code, made["study"] in again.json()["problem"]) == (409, True)
    assert browser.delete(f"/api/v1/studies/{made['study']}").status_code == 204
    assert browser.get("/api/v1/worklist").json()["items"] == []


@pytest.mark.parametrize("name", ["t2.nii.gz", "visit 1/t2.nii", "T2.NII.GZ"])
def test_a_nifti_sent_by_itself_is_a_study(browser, name):
    """It is known by its name alone, and while it is sent it lies under another one."""
    volume = nibabel.Nifti1Image(np.arange(8 * 9 * 7, dtype=np.int16).reshape(8, 9, 7), np.eye(4)).to_bytes()
    content = gzip.compress(volume) if name.lower().endswith("gz") else volume
    sent = [upload(browser, content, name)]
    assert browser.post("/api/v1/studies", json={"uploads": sent, "assess": False}).status_code == 202
    (line,) = browser.get("/api/v1/worklist").json()["items"]
    assert (line["name"], line["images"]) == (name, 1)
