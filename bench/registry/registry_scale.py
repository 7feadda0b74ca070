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
from pathlib import Path

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


def looked_at(folder, database):
    """Timelines of patients spread over the registry, and pages of visits at the beginning and deep inside."""
    from sqlalchemy import select

    from ovcf.registry import service
    from ovcf.registry.access import Principal
    from ovcf.registry.bulk.visit_list import Filter, ReadingState, visit_list
    from ovcf.registry.clinic.worklist import Wanted, lines, patients
    from ovcf.registry.course import course_of
    from ovcf.registry.tables import Patient, Person, Site, Visit
    from ovcf.registry.words import VisitStatus, Window

    registry = opened(folder, database)
    timelines, pages = [], {}
    with registry.reading() as session:
        sites = list(session.scalars(select(Site.id)))
        codes = list(session.scalars(select(Patient.code).order_by(Patient.code)))
        some = codes[:: max(1, len(codes) // _LOOKED_AT)]
        deep = session.execute(
            select(Visit.held_on, Visit.id)
            .where(Visit.held_on.is_not(None))
            .order_by(Visit.held_on, Visit.id)
            .limit(500)
        ).all()[-1]
    for code in some:
        start = time.perf_counter()
        with registry.reading() as session:
            patient = session.scalars(select(Patient).where(Patient.code == code)).one()
            episode = service.episodes_of(session, patient)[0]
            if len(service.visits_of(session, episode)) < 2:
                continue
            course_of(session, registry, episode)
        timelines.append(1000 * (time.perf_counter() - start))
    cases = {
        "newest": (Filter(), None),
        "deep": (Filter(), f"{deep.held_on}:{deep.id.hex}"),
        "search": (Filter(search="sim-0001"), None),
        "missed": (Filter(status=VisitStatus.MISSED), None),
        "unread 6 months": (Filter(windows=(Window.MONTH_6,), reading=ReadingState.UNREAD), None),
        "signed": (Filter(reading=ReadingState.SIGNED), None),
        "one site": (Filter(), None),
    }
    for name, (wanted, after) in cases.items():
        of = sites[-1:] if name == "one site" else sites
        took = []
        for _ in range(5):
            start = time.perf_counter()
            with registry.reading() as session:
                visit_list(session, of, wanted, after=after)
            took.append(1000 * (time.perf_counter() - start))
        pages[name] = round(statistics.median(took), 1)
    with registry.reading() as session:
        person = session.scalars(select(Person)).first()
        who = Principal(person=person.id, code=person.code, site=person.site_id, role=person.role, all_sites=True)
    of_page = {
        "worklist of studies": lambda session: lines(session, who, Wanted()),
        "patients": lambda session: patients(session, who),
        "patients by a word": lambda session: patients(session, who, word="0042"),
    }
    for name, page in of_page.items():
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
    parser.add_argument("--verify", action="store_true", help="check the whole audit, too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ovcf-scale-") as folder:
        place = (str(Path(folder) / "data"), given.database)
        figures = {
            "patients": given.patients,
            "images": given.images,
            "database": "PostgreSQL" if given.database else "SQLite",
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load_before": round(os.getloadavg()[0], 1),
        }
        figures |= apart(made, *place, given.patients, given.images, given.seed)
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
