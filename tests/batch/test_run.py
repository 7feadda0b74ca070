"""A batch: every study once, those that cannot be assessed set aside with the reason, the same tables every time."""

import json
from dataclasses import replace

import pytest

from ovcf.batch.sources.fetch import FETCH
from ovcf.batch.sources.study_source import StudySource
from ovcf.batch.sources.walk import studies_in
from ovcf.batch.store.store import open_store
from ovcf.batch.tables.parquet import read_rows
from ovcf.batch.work.run import Asked, Batch
from ovcf.batch.work.shard import shards_of
from ovcf.batch.work.status import status_of
from ovcf.batch.work.study_result import Outcome
from ovcf.errors import ClinicalDataError, OutputError
from ovcf.jobs.process import Limits
from tests.batch.conftest import bytes_of, make_study, tables_of


def by_study(store):
    return {row["study"]: row for row in tables_of(store)["studies"]}


def test_every_study_has_a_row_and_every_vertebra_too(studies, batch):
    store, count = batch(studies(3), workers=2)
    assert count.done == count.total == count.computed == 3
    assert set(by_study(store)) == {"s00", "s01", "s02"}
    assert {row["study"] for row in tables_of(store)["vertebrae"]} == {"s00", "s01", "s02"}
    assert all(row["outcome"] == "assessed" for row in tables_of(store)["studies"])


def test_two_shards_together_are_one(studies, batch):
    folder = studies(5)
    whole, _ = batch(folder, "whole")
    for number in (2, 1):  # at any time, by anybody
        halves, _ = batch(folder, "halves", shards=2, only={number})
    assert len(list(halves.names("studies"))) == 2
    assert tables_of(halves) == tables_of(whole)


def test_two_runs_give_equal_bytes(studies, batch):
    folder = studies(4, "refuse")
    first, _ = batch(folder, "first", workers=2)
    second, _ = batch(folder, "second")
    assert bytes_of(first) == bytes_of(second)


def test_what_is_there_is_not_done_again(studies, batch, tmp_path):
    folder, log = studies(3), tmp_path / "log"
    store, _ = batch(folder, log=log)
    before = bytes_of(store)
    make_study(folder / "s99")
    store, count = batch(folder, log=log)
    assert log.read_text().split() == ["s00", "s01", "s02", "s99"]
    assert (count.done, count.computed) == (4, 1)
    assert before.items() <= bytes_of(store).items()  # another manifest has shards of its own


def test_changed_images_are_assessed_again(studies, batch, tmp_path):
    folder, log = studies(2), tmp_path / "log"
    batch(folder, log=log)
    (folder / "s01" / "image.txt").write_text("another image")
    batch(folder, log=log)
    assert log.read_text().split() == ["s00", "s01", "s01"]


@pytest.mark.parametrize(
    ("how", "limits", "why"),
    [
        ("crash", Limits(seconds=20), "ended its process 3 times"),
        ("hang", Limits(seconds=1.5), "took more than 1.5 seconds"),
        ("hungry", Limits(seconds=20, bytes=300 * 2**20), "took more than 0.293 GiB of memory"),
    ],
)
def test_a_poison_study_is_quarantined_and_the_others_are_done(studies, batch, how, limits, why):
    store, _ = batch(studies(2, how), limits=limits)
    rows = by_study(store)
    assert rows[how]["outcome"] == "quarantined"
    assert why in rows[how]["problem"]
    assert rows[how]["remedy"]
    assert rows["s00"]["outcome"] == rows["s01"]["outcome"] == "assessed"
    (aside,) = status_of(store).set_aside
    assert aside.outcome is Outcome.QUARANTINED
    assert why in aside.problem


def test_images_that_the_assessment_refuses_are_told_so_at_the_first_try(studies, batch):
    store, _ = batch(studies(1, "refuse"))
    assert by_study(store)["refuse"]["problem"] == "image.png: shows no spine"
    attempts = [json.loads(store.get(n)) for n in store.names("state/attempts")]
    assert [one["attempt"] for one in attempts] == [1, 1]


def test_a_child_that_crashes_once_is_no_reason_to_give_up(studies, batch):
    store, _ = batch(studies(0, "once"))
    assert by_study(store)["once"]["outcome"] == "assessed"
    outcomes = sorted(json.loads(store.get(n))["outcome"] for n in store.names("state/attempts"))
    assert outcomes == ["assessed", "crashed"]


def test_what_is_quarantined_is_tried_again_only_when_asked(studies, batch, tmp_path):
    folder, log = studies(1, "crash"), tmp_path / "log"
    batch(folder, log=log)
    batch(folder, log=log)
    assert log.read_text().split().count("crash") == 3
    store, _ = batch(folder, log=log, again=True)
    assert log.read_text().split().count("crash") == 6
    assert by_study(store)["crash"]["outcome"] == "quarantined"


def test_a_study_whose_files_are_gone_is_named(studies, child, tmp_path):
    folder = studies(2)
    found = tuple(studies_in([folder]))
    (shard,) = shards_of("m", 2, 1)
    store = open_store(tmp_path / "out", create=True)
    again = Batch(store, [(shard, found)], Asked(limits=Limits(seconds=20), child=child))
    (folder / "s01").rename(folder / "elsewhere")
    replace(again).run(every_s=0.05)
    assert by_study(store)["s01"]["outcome"] == "missing"
    assert "does not exist" in by_study(store)["s01"]["problem"]
    (folder / "elsewhere").rename(folder / "s01")  # the share is mounted again
    replace(again).run(every_s=0.05)
    assert by_study(store)["s01"]["outcome"] == "assessed"


def test_times_and_hosts_stand_in_a_table_of_their_own(studies, batch):
    store, _ = batch(studies(1))
    rows = [r for n in store.names("attempts") for r in read_rows(store.get(n))]
    assert [row["outcome"] for row in rows] == ["assessed"]
    assert rows[0]["host"]
    assert rows[0]["seconds"] >= 0
    assert not {"seconds", "host", "begun_at"} & set(tables_of(store)["studies"][0])


def test_another_version_does_not_write_beside_this_one(studies, batch):
    folder = studies(1)
    store, _ = batch(folder)
    told = json.loads(store.get("batch.json"))
    store.put("batch.json", json.dumps({**told, "software": "ovcf 0.0"}).encode())
    with pytest.raises(OutputError, match="another software"):
        batch(folder)


def test_a_manifest_is_cut_in_one_way(studies, batch):
    folder = studies(4)
    batch(folder, shards=2)
    with pytest.raises(OutputError, match="cut into 2 shards, not 4"):
        batch(folder, shards=4)


def test_a_shard_holds_at_most_a_thousand_studies():
    assert [len(s.cut(range(3001))) for s in shards_of("m", 3001, 4)] == [750, 750, 750, 751]
    with pytest.raises(ClinicalDataError, match="4 to 3001 shards"):
        shards_of("m", 3001, 3)


def test_a_folder_of_somebody_elses_is_left_alone(studies, batch, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="no batch made"):
        batch(studies(1), "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_studies_that_another_part_fetches_are_assessed_like_any(studies, child, tmp_path, monkeypatch):
    folder = studies(1)

    def fetched(address, to):
        assert address == "archive://1.2.3"
        (to / "series").mkdir()
        (to / "series" / "image.txt").write_text("from the archive")
        return to / "series"

    monkeypatch.setitem(FETCH, "archive", fetched)
    found = (*studies_in([folder]), StudySource(study="a-1", paths=("archive://1.2.3",)))
    (shard,) = shards_of("m", 2, 1)
    store = open_store(tmp_path / "out", create=True)
    for computed in (2, 0):
        again = Batch(store, [(shard, found)], Asked(limits=Limits(seconds=20), child=child))
        again.run(every_s=0.05)
        assert again.count.now().computed == computed
    assert by_study(store)["a-1"]["outcome"] == "assessed"
