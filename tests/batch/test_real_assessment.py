"""The real child: what stands in the tables is what ``ovcf assess`` says, and what stands in the registry, too."""

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

import ovcf
from ovcf.batch.sources.walk import studies_in
from ovcf.batch.store.store import open_store
from ovcf.batch.tables.columns import slug
from ovcf.batch.work.into_registry import RegistryKeeper
from ovcf.batch.work.run import Asked, Batch
from ovcf.batch.work.shard import shards_of
from ovcf.batch.work.status import status_of
from ovcf.batch.worklist.write import write_worklist
from ovcf.jobs.process import Limits
from ovcf.reading.file import from_bytes
from ovcf.registry.access import Principal
from ovcf.registry.clinic import intake
from ovcf.registry.tables import WorkItem
from ovcf.registry.words import Role, WorkStatus
from tests.batch.conftest import tables_of
from tests.registry.conftest import new_place, new_registry, pg_server, ready_database, registry  # noqa: F401  # fixtures

FILM = Path(__file__).parents[2] / "examples" / "film.jpg"


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    shutil.copy(FILM, folder / "film.jpg")
    (folder / "nothing").mkdir()
    (folder / "nothing" / "letter.txt").write_text("no image")
    return folder


def run(films, out, keeper=None):
    found = tuple(studies_in([films]))
    (shard,) = shards_of("films", len(found), 1)
    store = open_store(out, create=True)
    done = Batch(store, [(shard, found)], Asked(limits=Limits(seconds=120)), keeper and keeper(store))
    done.run()
    return store, done.count.now()


@pytest.fixture(scope="module")
def results(films, tmp_path_factory):
    return run(films, tmp_path_factory.mktemp("real") / "out")[0]


@pytest.fixture(scope="module")
def assessment():
    return ovcf.assess([FILM])


def test_measurements_are_those_of_one_assessment(results, assessment):
    rows = [r for r in tables_of(results)["measurements"] if r["study"] == "film.jpg"]
    said = [(r["level"], r["measurement"], r["value"], r["sd"], r["unit"]) for r in rows]
    assert said == [
        (
            None if m.index_level is None else m.index_level.value,
            m.method.id,
            m.value,
            m.standard_uncertainty,
            m.unit.value,
        )
        for m in assessment.measurements
    ]
    assert len(said) > 50


def test_the_wide_table_holds_the_same_values(results, assessment):
    rows = {r["level"]: r for r in tables_of(results)["vertebrae"] if r["study"] == "film.jpg"}
    for m in assessment.measurements:  # one image: nothing is left out of the wide table
        assert rows[m.index_level.value][slug(m.method.id)] == m.value
    suspected = [f.level.value for f in assessment.suggested_fractures if f.data.kind == "suggested fracture"]
    (study,) = (r for r in tables_of(results)["studies"] if r["study"] == "film.jpg")
    assert study["suspected"] == suspected
    assert "L1" in suspected


def test_what_could_not_be_judged_is_named(results, assessment):
    rows = {r["level"]: r for r in tables_of(results)["vertebrae"] if r["study"] == "film.jpg"}
    for one in assessment.suggested_fractures:
        if one.data.kind == "ungraded":
            assert rows[one.level.value]["not_judged_because"] == one.data.reason
    (other,) = (r for r in tables_of(results)["studies"] if r["study"] == "nothing")
    assert other["outcome"] == "refused"
    assert "no image" in other["problem"]


def test_the_picture_shows_the_film(results):
    (row,) = tables_of(results)["pictures"]
    picture = Image.open(io.BytesIO(row["jpeg"]))
    assert (picture.format, row["image"]) == ("JPEG", "film.jpg")
    assert len(row["jpeg"]) < 40_000


def test_the_worklist_names_the_fracture_and_the_study_that_was_not_read(results, tmp_path):
    html, pdf, csv = (path.read_bytes() for path in write_worklist(results, tmp_path / "worklist"))
    assert pdf.startswith(b"%PDF")
    assert b"film.jpg,,,,,,,L1,likely," in csv
    assert b"nothing" in csv
    assert b"data:image/jpeg" in html


def test_into_the_registry_and_not_twice(films, registry, tmp_path):  # noqa: F811
    who = Principal(registry.admin.id, registry.admin.code, registry.admin.site_id, Role.ADMIN)

    def keeper(store):
        return RegistryKeeper(registry, store, who)

    run(films, tmp_path / "out", keeper)
    run(films, tmp_path / "out", keeper)
    run(films, tmp_path / "other", keeper)
    with registry.reading() as session:
        (item,) = session.query(WorkItem).all()
        assert (item.name, item.status) == ("film.jpg", WorkStatus.DRAFT)
        assert "L1" in item.summary["lead"]
        draft = from_bytes(registry.files.get(intake.derived(session, item, intake.DRAFT)), "draft")
        assert draft.pictures  # who opens it there looks at the film
        assert intake.derived(session, item, intake.FRAMES)


def test_status_tells_what_was_set_aside(results):
    found = status_of(results)
    assert (found.shards, found.of_shards) == (1, 1)
    assert sum(found.outcomes.values()) == 2
