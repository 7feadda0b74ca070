"""Administration: what is kept (backups, jobs, room, models, health); the same as the command line, and audited."""

import json
import shutil
import zipfile

import pytest
from sqlalchemy import select

from ovcf.registry.people import accounts
from ovcf.registry.safekeeping.backup import restore
from ovcf.registry.store import Registry
from ovcf.registry.tables import Job, Patient, StoredFile, WorkItem
from ovcf.registry.words import Action, JobKind, JobState, WorkStatus
from tests.people.administered import UNTIL_DONE_S, Administered
from tests.people.conftest import Place, browser

KEY = bytes(range(32))


@pytest.fixture
def administered(place, tmp_path):
    return Administered(place, tmp_path / "data")


@pytest.fixture(scope="module")
def shared(shared_place, tmp_path_factory):
    return Administered(shared_place, tmp_path_factory.mktemp("administered"))


@pytest.fixture
def sealed(tmp_path):
    """A place whose files are sealed, with one file in it."""
    made = Place(tmp_path / "sealed")
    made.registry.close()
    made.registry = Registry.open(tmp_path / "sealed", key=KEY)
    with made.registry.writing(made.admin.id) as writer:
        name = made.registry.files.put(b"an image")
        writer.new_files.append(name)
        writer.session.add(StoredFile(sha256=name, size=8, sealed=True))
    yield Administered(made, tmp_path / "sealed"), name
    made.registry.close()


def test_a_backup_is_made_listed_checked_taken_and_restored(sealed, tmp_path):
    administered, name = sealed
    place = administered.place
    assert administered.get("backups")["items"] == []
    administered.does("POST", "backups")
    made = administered.chore("backup")
    assert made["state"] == "done", made
    (kept,) = administered.get("backups")["items"]
    assert (kept["name"], kept["files"], kept["fits"]) == (made["about"], 1, True)
    assert kept["rows"] == made["counted"]
    assert len(administered.audited(Action.BACKED_UP)) == 2  # both sites lie in it
    administered.does("POST", f"backups/{kept['name']}/check")
    assert administered.chore("backup check")["found"] == []
    of_one_site = administered.ask("admin", "GET", f"backups/{kept['name']}/file")
    assert (of_one_site.status_code, administered.audited(Action.EXPORTED)) == (403, [])  # the patients of B are in it
    with place.registry.writing(place.admin.id) as writer:
        accounts.change(writer, place.admin, "sees all", all_sites=True)
    taken = administered.ask("admin", "GET", f"backups/{kept['name']}/file")
    assert (tmp_path / "taken.zip").write_bytes(taken.content) == kept["size"]
    assert {actor for actor, _, _ in administered.audited(Action.EXPORTED)} == {place.admin.id}
    other = Registry.open(tmp_path / "other", key=KEY, create=True)
    assert restore(tmp_path / "taken.zip", other) == []
    assert other.files.get(name) == b"an image"
    with other.reading() as session:
        assert set(session.scalars(select(Patient.code))) == {"P-A", "P-B"}
    other.close()


def test_a_damaged_backup_is_found_by_the_check(sealed):
    administered, name = sealed
    administered.does("POST", "backups")
    kept = administered.chore("backup")["about"]
    path = administered.service.backups.folder / kept

    def rewritten(change):
        with zipfile.ZipFile(path) as old:
            members = {info.filename: old.read(info) for info in old.infolist()}
        change(members)
        with zipfile.ZipFile(path, "w") as new:
            for member, content in members.items():
                new.writestr(member, content)
        administered.does("POST", f"backups/{kept}/check")
        return administered.chore("backup check")["found"]

    whole = path.read_bytes()
    of_file = f"files/{name}.sealed"
    assert rewritten(
        lambda m: m.update({"tables/patient.jsonl": m["tables/patient.jsonl"].replace(b"P-A", b"P-X")})
    ) == ["table patient was changed or is cut off"]
    path.write_bytes(whole)
    assert "was changed" in rewritten(lambda m: m.update({of_file: m[of_file][:-1] + b"?"}))[0]
    path.write_bytes(whole)
    assert rewritten(lambda m: m.pop(of_file)) == [f"file {name[:12]} is missing"]
    path.write_bytes(whole[: len(whole) // 2])
    administered.does("POST", f"backups/{kept}/check")
    assert "is no whole backup" in administered.chore("backup check")["found"][0]
    assert administered.get("backups")["items"][0]["rows"] is None


@pytest.mark.parametrize("name", ["..%2Fregistry.db", "registry.db", "%2e%2e%2fx.zip", "none.zip", "a%00.zip"])
def test_no_name_leads_out_of_the_folder_of_backups(administered, name):
    assert administered.ask("admin", "GET", f"backups/{name}/file").status_code in (404, 422)


def job_of(place, state, why=None):
    """A study of site A with a job in a state; its id."""
    with place.registry.writing(place.admin.id) as writer:
        item = WorkItem(
            site_id=place.sites["A"].id, status=WorkStatus.SET_ASIDE, name="odd study", received_by=place.admin.id
        )
        writer.session.add(item)
        writer.session.flush()
        job = Job(
            kind=JobKind.ASSESS,
            state=state,
            site_id=item.site_id,
            work_item_id=item.id,
            enqueued_by=place.admin.id,
            options={"fracture": "L2"},
            why=why,
        )
        writer.session.add(job)
        writer.session.flush()
        return str(job.id)


POISON = {"where": "this study", "problem": "ended the worker", "remedy": "Look.", "code": "as said", "arguments": {}}


def test_a_poison_study_is_seen_with_its_reason_and_tried_again(administered):
    job = job_of(administered.place, JobState.SET_ASIDE, POISON)
    work = administered.get("jobs?state=set aside")
    assert work["counts"]["set aside"] == 1
    assert [(one["id"], one["name"], one["why"]["problem"]) for one in work["items"]] == [
        (job, "odd study", "ended the worker")
    ]
    made = administered.does("POST", f"jobs/{job}/retry")
    assert (made["state"], made["study"]) == ("queued", work["items"][0]["study"])
    with administered.place.registry.reading() as session:
        options = {str(one.id): one.options for one in session.scalars(select(Job))}
    assert options[made["id"]] == options[job]
    assert administered.audited(Action.TRIED_AGAIN) == [(administered.place.admin.id, "job", made["id"])]
    assert administered.ask("admin", "POST", f"jobs/{job}/retry").status_code == 409  # it waits already
    assert administered.ask("admin", "POST", f"jobs/{made['id']}/retry").status_code == 409
    page = browser(administered.app, secret=administered.place.session("admin"))
    assert page.post(f"/api/v1/jobs/{made['id']}/cancel").json()["state"] == "cancelled"
    assert administered.audited(Action.CANCELLED) == [(administered.place.admin.id, "job", made["id"])]
    assert administered.place.registry.faults() == []


def test_room_is_told_by_kind_and_strays_are_found(sealed):
    administered, name = sealed
    told = administered.get("storage")
    assert told["taken"] == [{"kind": "unlisted", "files": 1, "bytes": 8}]
    assert (told["files"], told["sealed"], told["seals"]) == (1, 1, True)
    assert told["free"] <= told["whole"] == shutil.disk_usage(administered.folder).total
    store = administered.place.registry.files
    stray = store.put(b"listed nowhere")
    administered.does("POST", "storage/check")
    assert administered.chore("files")["found"] == [f"file {stray[:12]} is listed nowhere: it goes at the next start"]
    store.remove(stray)
    store.remove(name)
    administered.does("POST", "storage/check")
    (found,) = administered.chore("files")["found"]
    assert "is not in the file store" in found


def test_the_model_cards_are_those_that_are_shipped(shared):
    from ovcf.segmentation.network.model_files import folder

    told = shared.get("models", "researcher-A")["items"]
    assert [one["file"] for one in told] == ["spine.onnx", "radiograph.onnx"]
    for one, card in zip(told, ("model_card.json", "radiograph_card.json"), strict=True):
        assert one["card"] == json.loads(folder().joinpath(card).read_text())
        assert one["released"]
        assert one["sha256"] == one["card"]["sha256"]


def test_health_names_what_should_be_looked_at(administered):
    job_of(administered.place, JobState.SET_ASIDE, POISON)
    told = administered.get("health")
    assert told["revision"] == told["newest"]
    good = {one["what"]: one["good"] for one in told["findings"]}
    assert good["set aside"] is False
    assert good["backup"] is False  # there is none
    assert (good["worker"], good["models"], good["audit"]) == (True, True, None)
    administered.does("POST", "backups")
    administered.chore("backup")
    assert {one["what"]: one["good"] for one in administered.get("health")["findings"]}["backup"] is True


def test_one_of_a_kind_goes_on_at_a_time(administered):
    from threading import Event

    from ovcf.server.chores import ChoreKind, Outcome

    go = Event()

    def slow():
        go.wait(UNTIL_DONE_S)
        return Outcome()

    administered.service.chores.begin(ChoreKind.FILES, administered.place.admin.id, slow)
    assert administered.ask("admin", "POST", "storage/check").status_code == 409
    go.set()
    assert administered.chore("files")["state"] == "done"
