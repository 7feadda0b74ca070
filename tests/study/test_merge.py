"""Sites without a shared server: what is signed and new is added, what contradicts is listed, nothing is resolved."""

import io
import json
import zipfile

import pytest
from sqlalchemy import func, select

from ovcf.errors import LockedError, StudyError
from ovcf.registry import service
from ovcf.registry.tables import Base, Episode, MergedBundle, Patient, PatientReport, Person, Site
from ovcf.registry.words import QueryStep, Window
from ovcf.study.conduct import form_values, queries, screening, studies
from ovcf.study.data import database_lock as locks
from ovcf.study.protocol.read import parse_protocol, shipped
from ovcf.study.sites.keys import make_key, read_key, read_public, trust
from ovcf.study.sites.merge import merge
from ovcf.study.sites.site_bundle import make_bundle, read_bundle
from ovcf.workflow.begin import begin_reading
from tests.reading.conftest import made, patient  # noqa: F401
from tests.registry.test_audit import behind
from tests.study.conftest import DAY, FIT, enrol, hold


class Place:
    """A hospital with a registry and a key of its own."""

    def __init__(self, registry, code, protocol, folder):
        self.registry, self.code = registry, code
        self.admin = registry.begin(code, f"Hospital {code}", "admin", "Ada Min")
        with registry.writing(self.admin.id) as writer:
            self.study = studies.begin(writer, protocol)
            writer.session.flush()
            writer.session.expunge(self.study)
        self.public = make_key(folder / f"{code}.key", code)
        self.key = read_key(folder / f"{code}.key")

    def enrol(self, code, vas=8, reading=None):
        with self.registry.writing(self.admin.id) as writer:
            one = enrol(writer, self.study, self.admin, code)
            form_values.enter(writer, self.study, one, Window.PRETREATMENT, "baseline", {"age_years": 74})
            visit = hold(writer, one, "pretreatment", 0, VAS=vas)
            if reading is not None:
                service.keep_reading(writer, self.registry, visit, reading)
            return one.number

    def send(self, of=None):
        with self.registry.reading() as session:
            sites = {s.code: s for s in session.scalars(select(Site))}
            return make_bundle(session, self.registry, self.study, sites[of or self.code], sites[self.code], self.key)

    def trusts(self, other):
        with self.registry.writing(self.admin.id) as writer:
            trust(writer, other.public)

    def take(self, content):
        with self.registry.writing(self.admin.id) as writer:
            return merge(writer, self.registry, read_bundle(writer.session, content, "bundle"))

    def rows(self):
        with self.registry.reading() as session:
            return {t.name: session.scalar(select(func.count()).select_from(t)) for t in Base.metadata.sorted_tables}

    def write(self, act):
        with self.registry.writing(self.admin.id) as writer:
            return act(writer, studies.enrolments_of(writer.session, self.study)[0])


@pytest.fixture
def places(new_registry, protocol, tmp_path):
    centre, other = (Place(new_registry(), code, protocol, tmp_path) for code in ("C", "S2"))
    centre.trusts(other)
    other.trusts(centre)
    centre.enrol("P-1")
    other.enrol("P-1")
    return centre, other


def test_the_patients_of_a_site_come_with_everything_as_it_was_recorded(places, made):  # noqa: F811
    centre, other = places
    reading = begin_reading(made)
    number = other.enrol("P-2", reading=reading)
    found = centre.take(other.send())
    assert (found.conflicts, found.patients) == ((), 2)
    with centre.registry.reading() as session:
        numbers = [e.number for e in studies.enrolments_of(session, centre.study)]
        site = session.scalars(select(Site).where(Site.code == "S2")).one()
        patient_ = service.patient_named(session, "P-2", site=site.id)  # the pseudonym is S2's own
        visit = service.visits_of(session, service.episodes_of(session, patient_)[0])[0]
        row, file = service.newest_reading(session, centre.registry, visit)
        people = {p.code for p in session.scalars(select(Person))}
    assert numbers == ["C-001", "S2-001", number]
    assert row.recorded_by == other.admin.id
    assert file.reading == reading.reading
    assert people == {"admin", "S2/admin"}  # each site may have an admin
    assert centre.registry.faults() == []


def test_merging_twice_adds_nothing(places):
    centre, other = places
    content = other.send()
    assert centre.take(content).added > 0
    before = centre.rows()
    again = centre.take(content)
    assert (again.added, again.conflicts) == (0, ())
    assert centre.rows() == before
    assert centre.take(other.send()).added == 0  # the same, bundled anew


def test_what_is_new_since_the_last_bundle_is_added(places):
    centre, other = places
    centre.take(other.send())
    other.write(
        lambda w, one: form_values.enter(
            w, other.study, one, Window.PRETREATMENT, "baseline", {"age_years": 75}, reason="misread"
        )
    )
    assert centre.take(other.send()).added == 1
    with centre.registry.reading() as session:
        one = studies.enrolment_of(session, centre.study, "S2-001")
        assert form_values.entry_of(session, one, Window.PRETREATMENT, "baseline").values == {"age_years": 75}


def test_queries_go_to_the_site_and_answers_come_back(places):
    centre, other = places
    centre.take(other.send())

    def ask(writer, _):
        one = studies.enrolment_of(writer.session, centre.study, "S2-001")
        queries.ask(writer, centre.study, one, Window.PRETREATMENT, "complaints", "vas", "8 of 10?")

    centre.write(ask)
    assert other.take(centre.send(of="S2")).added == 1
    other.write(
        lambda w, _: queries.step(
            w, queries.query_numbered(w.session, other.study, "S2-001/Q1"), QueryStep.ANSWERED, "yes"
        )
    )
    assert centre.take(other.send()).added == 1
    with centre.registry.reading() as session:
        (found,) = queries.queries_of(session, centre.study)
    assert [(who, text) for _, who, _, text in found.events] == [("S2/admin", "yes")]


def test_a_fact_that_both_corrected_is_a_conflict_and_nothing_of_the_patient_is_taken(places):
    centre, other = places
    other.enrol("P-2")
    centre.take(other.send())

    def correct(age):
        def act(writer, _):
            one = studies.enrolment_of(writer.session, centre.study, "S2-001")
            form_values.enter(
                writer, centre.study, one, Window.PRETREATMENT, "baseline", {"age_years": age}, reason="x"
            )

        return act

    centre.write(correct(75))
    other.write(correct(76))
    other.write(lambda w, one: hold(w, one, "1 month", 30, VAS=5))
    before = centre.rows()
    found = centre.take(other.send())
    assert found.conflicts == ("patient P-1 (S2-001): form entry pretreatment, baseline was corrected here, too",)
    assert found.added == 0
    assert {k: v for k, v in centre.rows().items() if v != before[k]}.keys() <= {"merged_bundle", "audit"}


def test_the_same_visit_recorded_at_both_is_a_conflict(places):
    centre, other = places
    centre.take(other.send())

    def visit(writer, _):
        hold(writer, studies.enrolment_of(writer.session, centre.study, "S2-001"), "1 month", 30)

    centre.write(visit)
    other.write(visit)
    (conflict,) = centre.take(other.send()).conflicts
    assert "visit 1 month was recorded here, too" in conflict


def test_a_row_that_was_changed_behind_a_registry_is_a_conflict(places):
    centre, other = places
    centre.take(other.send())
    behind(other.registry, "UPDATE patient_report SET value = 1")
    (conflict,) = centre.take(other.send()).conflicts
    assert "patient report VAS differs from the one here" in conflict
    with centre.registry.reading() as session:
        assert {r.value for r in session.scalars(select(PatientReport))} == {8}


def test_an_erased_patient_does_not_come_back(places):
    centre, other = places
    content = other.send()
    centre.take(content)
    with centre.registry.writing(centre.admin.id) as writer:
        theirs = studies.enrolment_of(writer.session, centre.study, "S2-001").patient_id
        writer.erase(theirs, "asked by letter")
    (conflict,) = centre.take(content).conflicts
    assert "was erased here" in conflict
    with centre.registry.reading() as session:
        assert session.get(Patient, theirs) is None


def test_who_was_erased_at_the_site_is_told(places):
    centre, other = places
    centre.take(other.send())
    with other.registry.writing(other.admin.id) as writer:
        writer.erase(studies.enrolment_of(writer.session, other.study, "S2-001").patient_id, "asked by letter")
    other.enrol("P-3")
    found = centre.take(other.send())
    assert any("P-1 was erased at S2 (asked by letter), and is still here" in c for c in found.conflicts)


def rewritten(content, name, change):
    """The archive with one member changed."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            new.writestr(member, change(data) if member == name else data)
    return held.getvalue()


def of_another_site(data):
    about = json.loads(data)
    return json.dumps({**about, "made_by": "C"}).encode()


@pytest.mark.parametrize(
    ("member", "change", "said"),
    [
        ("tables/patient_report.jsonl", lambda b: b.replace(b"8.0", b"2.0"), "patient_report that was changed"),
        ("manifest.json", lambda b: b.replace(b'"rows": 1', b'"rows": 2'), "is not signed with the key of S2"),
        ("manifest.json", of_another_site, "has no key here"),
        ("manifest.json", lambda b: b.replace(b"ovcf bundle 1", b"ovcf bundle 9"), "is no bundle"),
        ("manifest.json", lambda b: b"[]", "no whole bundle"),
        ("signature", lambda b: bytes(64), "is not signed with the key of S2"),
        ("signature", lambda b: b"", "is not signed with the key of S2"),
    ],
)
def test_a_tampered_bundle_is_refused(places, member, change, said):
    centre, other = places
    content = rewritten(other.send(), member, change)
    before = centre.rows()
    with pytest.raises(StudyError, match=said):
        centre.take(content)
    assert centre.rows() == before


@pytest.mark.parametrize("cut", [0, 10, 500])
def test_half_a_bundle_is_refused(places, cut):
    centre, other = places
    with pytest.raises(StudyError, match="no whole bundle"):
        centre.take(other.send()[:cut])


def test_a_site_whose_key_is_not_known_is_refused(places, new_registry, protocol, tmp_path):
    centre, _ = places
    stranger = Place(new_registry(), "S3", protocol, tmp_path)
    stranger.enrol("P-1")
    with pytest.raises(StudyError, match="site S3: has no key here"):
        centre.take(stranger.send())


def test_a_site_cannot_send_patients_of_another(places, new_registry, protocol, tmp_path):
    centre, other = places
    third = Place(new_registry(), "S3", protocol, tmp_path)
    third.trusts(other)
    other.trusts(third)
    third.enrol("P-9")
    other.take(third.send())
    (conflict,) = centre.take(other.send(of="S3")).conflicts
    assert "is no patient of S2, who signed" in conflict


def test_another_protocol_of_the_same_version_is_refused(places, new_registry, tmp_path):
    centre, _ = places
    changed = parse_protocol(shipped("han-validation").replace("at_least = 60", "at_least = 65"), "x")
    third = Place(new_registry(), "S3", changed, tmp_path)
    centre.trusts(third)
    third.enrol("P-1")
    with pytest.raises(StudyError, match=r"protocol 1\.0: says something else at S3"):
        centre.take(third.send())


def test_a_locked_study_takes_no_bundle_that_brings_something_new(places):
    centre, other = places
    content = other.send()
    with centre.registry.writing(centre.admin.id) as writer:
        locks.lock(writer, centre.study, "for the test")
    with pytest.raises(LockedError):
        centre.take(content)
    with centre.registry.reading() as session:
        assert list(session.scalars(select(MergedBundle))) == []


def test_no_identity_and_no_audit_key_goes_along(places):
    _, other = places
    with zipfile.ZipFile(io.BytesIO(other.send())) as archive:
        tables = {
            n.removeprefix("tables/").removesuffix(".jsonl") for n in archive.namelist() if n.startswith("tables/")
        }
    assert tables.isdisjoint({"identity", "patient_key", "audit", "credential", "sign_in"})
    assert {"patient", "screening", "enrolment", "form_entry", "visit", "consent"} <= tables


def test_keys_are_what_they_say(tmp_path):
    public = make_key(tmp_path / "s.key", "S 2")
    assert (tmp_path / "s.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "s.pub").write_text(f"{public}\n")
    assert read_public(tmp_path / "s.pub") == public
    with pytest.raises(StudyError, match="there already"):
        make_key(tmp_path / "s.key", "S2")
    for wrong in (tmp_path / "s.pub", tmp_path / "none"):
        with pytest.raises(Exception, match=r"no key of a site|does not exist"):
            read_key(wrong)
    (tmp_path / "s.pub").write_text("ovcf site key 1 S2 abc")
    with pytest.raises(StudyError, match="no public key"):
        read_public(tmp_path / "s.pub")


def test_a_candidate_who_was_not_enrolled_comes_too(places):
    centre, other = places
    other.write(lambda w, _: screening.screen(w, other.study, other.admin, "Q-1", {**FIT, "age_years": 50.0}, on=DAY))
    centre.take(other.send())
    with centre.registry.reading() as session:
        assert session.scalars(select(Patient).where(Patient.code == "Q-1")).one()


def test_nothing_but_the_screening_of_who_was_not_enrolled_goes_along_and_no_other_fracture(places):
    _, other = places

    def act(writer, one):
        screening.screen(writer, other.study, other.admin, "Q-1", {**FIT, "age_years": 50.0}, on=DAY)
        candidate = service.patient_named(writer.session, "Q-1", site=other.admin.site_id)
        for patient_id, level in ((candidate.id, "L4"), (one.patient_id, "T5")):
            episode = writer.add(Episode(patient_id=patient_id, levels=[level]))
            service.hold_visit(writer, episode, window="1 month", on=DAY, answers={"VAS": 1})

    other.write(act)
    with zipfile.ZipFile(io.BytesIO(other.send())) as archive:
        rows = {
            n: [json.loads(line) for line in archive.read(f"tables/{n}.jsonl").splitlines()]
            for n in ("episode", "visit", "patient_report", "screening")
        }
    assert [r["levels"] for r in rows["episode"]] == [["L1"]]
    assert [r["window"] for r in rows["visit"]] == ["pretreatment"]
    assert [r["value"] for r in rows["patient_report"]] == [8.0]
    assert len(rows["screening"]) == 2
