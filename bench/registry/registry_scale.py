"""A simulated registry at scale beside the bars set for it: made, audited, listed, followed, exported and validated.

Run: uv run python -m bench.registry.registry_scale --patients 10000 --images 10 --out build/registry-scale.json

With --database the tables lie in PostgreSQL, and the file store in a temporary folder. The bars are for 100,000
patients of whom 1,000 have images; with fewer, the figures say what each patient costs. Exit code 1 if a bar is missed
at full size.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

FULL = 100_000
BARS = {"made_s": 900.0, "timeline_ms": 50.0, "worklist_ms": 100.0, "export_mib": 300.0, "validation_s": 60.0}
_LOOKED_AT = 60


@contextmanager
def clock(figures, name):
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    figures[f"{name}_s"] = round(time.perf_counter() - wall, 2)
    figures[f"{name}_cpu_s"] = round(time.process_time() - cpu, 2)


def opened(folder, database, *, create=False):
    from ovcf.registry.store import Registry

    return Registry.open(Path(folder), database=database, create=create)


def apart(task, *arguments):
    """A figure from a process of its own, so that its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(task, arguments)


def made(folder, database, patients, images, seed):
    from ovcf.exchange.simulated.make import Plan, simulate

    figures = {}
    registry = opened(folder, database, create=True)
    with clock(figures, "made"):
        simulate(registry, Plan(patients=patients, images=images, seed=seed))
    return figures


def exported(folder, database, out):
    from sqlalchemy import select

    from ovcf.exchange.export import KIND, export
    from ovcf.files.result_folder import ResultFolder
    from ovcf.registry.tables import Person

    figures = {}
    registry = opened(folder, database)
    with registry.reading() as session:
        actor = session.scalars(select(Person.id)).first()
    with clock(figures, "export"):
        done = export(registry, actor, ResultFolder.at(out, KIND))
    figures["export_lines"] = done.lines
    figures["export_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return figures


def validated(folder, database):
    from ovcf.exchange.dataset.build import data_set
    from ovcf.exchange.dataset.validation import registry_validation

    figures = {}
    registry = opened(folder, database)
    with clock(figures, "validation"), registry.reading() as session:
        study = registry_validation(data_set(session, answers=False))
    result = study["validation-non-union"]
    figures |= {"validation_n": result.n, "auc": round(result.auc.value, 3)}
    figures["validation_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return figures


def with_studies(folder, database):
    """A line of the worklist for every visit, as if each had been sent with images that nobody has read."""
    from sqlalchemy import insert, select

    from ovcf.registry.tables import Patient, Person, Visit, WorkItem
    from ovcf.registry.words import VisitStatus, WorkStatus

    registry = opened(folder, database)
    figures = {}
    with clock(figures, "studies_listed"), registry.working() as session:
        person = session.scalars(select(Person.id)).first()
        there = set(session.scalars(select(WorkItem.visit_id)))
        asked = (
            select(Visit.id, Visit.entity_id, Visit.patient_id, Visit.held_on, Visit.recorded_at, Patient.site_id)
            .join(Patient, Patient.id == Visit.patient_id)
            .where(Visit.status == VisitStatus.HELD)
        )
        rows = [
            {
                "id": uuid4(),
                "site_id": row.site_id,
                "patient_id": row.patient_id,
                "visit_id": row.entity_id,
                "status": WorkStatus.DRAFT,
                "name": "",
                "study_uid": "",
                "images": 0,
                "acquired_on": row.held_on,
                "arrived_at": row.recorded_at,
                "changed_at": row.recorded_at,
                "received_by": person,
            }
            for row in session.execute(asked)
            if row.entity_id not in there
        ]
        for start in range(0, len(rows), 5000):
            session.execute(insert(WorkItem), rows[start : start + 5000])
        figures["studies"] = len(rows) + len(there)
    return figures


def looked_at(folder, database):
    """Timelines of patients spread over the registry, and pages of every list at the beginning and deep inside."""
    from sqlalchemy import func, select

    from ovcf.registry import service
    from ovcf.registry.access import Principal
    from ovcf.registry.clinic.due import due_visits
    from ovcf.registry.clinic.paging import packed
    from ovcf.registry.clinic.search import patients
    from ovcf.registry.clinic.worklist import Wanted, lines
    from ovcf.registry.course import course_of
    from ovcf.registry.tables import Patient, Person, Site, Visit, WorkItem
    from ovcf.registry.words import Window, WorkStatus

    registry = opened(folder, database)
    timelines, pages = [], {}
    with registry.reading() as session:
        codes = list(session.scalars(select(Patient.code).order_by(Patient.code)))
        some = codes[:: max(1, len(codes) // _LOOKED_AT)]
        person = session.scalars(select(Person)).first()
        sites = list(session.scalars(select(Site.id).order_by(Site.code)))
        last_day = session.scalar(select(func.max(Visit.held_on)))
    everybody = Principal(person=person.id, code=person.code, site=sites[-1], role=person.role, all_sites=True)
    of_site = Principal(person=person.id, code=person.code, site=sites[-1], role=person.role)
    today = last_day - timedelta(days=300)
    for code in some:
        start = time.perf_counter()
        with registry.reading() as session:
            patient = session.scalars(select(Patient).where(Patient.code == code)).one()
            episode = service.episodes_of(session, patient)[0]
            if len(service.visits_of(session, episode)) < 2:
                continue
            course_of(session, registry, episode)
        timelines.append(1000 * (time.perf_counter() - start))

    def deep(sort):
        """The cursor of a page from the middle of the list."""
        with registry.reading() as session:
            column = {"-arrived": WorkItem.arrived_at, "-acquired": WorkItem.acquired_on}[sort]
            count = session.scalar(select(func.count()).select_from(WorkItem))
            value, id_ = session.execute(
                select(column, WorkItem.id)
                .where(column.is_not(None))
                .order_by(column.desc(), WorkItem.id.desc())
                .offset(count // 2)
                .limit(1)
            ).one()
        return packed(sort, value, id_)

    middle, middle_day = deep("-arrived"), deep("-acquired")
    cases = {
        "worklist, newest": lambda s: lines(s, everybody, Wanted()),
        "worklist, deep": lambda s: lines(s, everybody, Wanted(cursor=middle)),
        "worklist, one site": lambda s: lines(s, of_site, Wanted()),
        "worklist, by the day of the images": lambda s: lines(s, everybody, Wanted(sort="-acquired")),
        "worklist, by day, deep": lambda s: lines(s, everybody, Wanted(sort="-acquired", cursor=middle_day)),
        "worklist, one patient": lambda s: lines(s, everybody, Wanted(word="4242")),
        "worklist, many patients": lambda s: lines(s, everybody, Wanted(word="sim-0001")),
        "worklist, 6 months": lambda s: lines(s, everybody, Wanted(windows=(Window.MONTH_6,))),
        "worklist, signed": lambda s: lines(s, everybody, Wanted(status=(WorkStatus.SIGNED,))),
        "worklist, signed, one site": lambda s: lines(s, of_site, Wanted(status=(WorkStatus.SIGNED,))),
        "due": lambda s: due_visits(s, everybody, today),
        "due, one site": lambda s: due_visits(s, of_site, today),
        "due, second page": lambda s: due_visits(s, everybody, today, cursor=due_visits(s, everybody, today)[1]),
        "patients": lambda s: patients(s, everybody),
        "patients, by a number": lambda s: patients(s, everybody, word="4242"),
        "patients, by a beginning": lambda s: patients(s, of_site, word="sim-04"),
    }
    for name, page in cases.items():
        took = []
        for _ in range(5):
            start = time.perf_counter()
            with registry.reading() as session:
                page(session)
            took.append(1000 * (time.perf_counter() - start))
        pages[name] = round(statistics.median(took), 1)
    return {
        "timeline_ms": round(statistics.median(timelines), 1),
        "timeline_p95_ms": round(sorted(timelines)[int(0.95 * len(timelines))], 1),
        "worklist_ms": max(pages.values()),
        "worklist_pages_ms": pages,
    }


def verified(folder, database):
    figures = {}
    registry = opened(folder, database)
    with clock(figures, "verify"):
        faults = registry.faults()
    return {**figures, "faults": len(faults)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=10_000)
    parser.add_argument("--images", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", help="address of an empty PostgreSQL database")
    parser.add_argument("--out", type=Path, help="file for the figures")
    parser.add_argument("--folder", type=Path, help="where the registry is made, to be kept; else a temporary place")
    parser.add_argument("--verify", action="store_true", help="check the whole audit, too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ovcf-scale-") as folder:
        place = (str(given.folder or Path(folder) / "data"), given.database)
        figures = {
            "patients": given.patients,
            "images": given.images,
            "database": "PostgreSQL" if given.database else "SQLite",
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load_before": round(os.getloadavg()[0], 1),
        }
        figures |= apart(made, *place, given.patients, given.images, given.seed)
        figures |= apart(with_studies, *place)
        figures |= apart(looked_at, *place)
        figures |= apart(exported, *place, str(Path(folder) / "export"))
        figures |= apart(validated, *place)
        if given.verify:
            figures |= apart(verified, *place)
        if not given.database:
            size = sum(path.stat().st_size for path in Path(place[0]).glob("registry.db*"))
            figures["database_mib"] = round(size / 2**20)
    print("| what | here | bar at 100,000 patients |\n|---|---|---|")
    for name, value in figures.items():
        print(f"| {name} | {value} | {BARS.get(name, '')} |")
    if given.out is not None:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    missed = [name for name, bar in BARS.items() if figures[name] > bar]
    print("missed: " + ", ".join(missed) if missed else "every bar is kept")
    return int(bool(missed) and given.patients >= FULL)


if __name__ == "__main__":
    sys.exit(main())
