"""Patients of a registry whose visits are known: the small reading, wedged deeper, in another posture, named anew."""

import uuid
from dataclasses import replace
from datetime import date

from ovcf.anatomy import Level
from ovcf.reading.file import digest
from ovcf.reading.version import Reading
from ovcf.registry.access import Principal
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.readings import begun_for, keep_reading
from ovcf.registry.store import Registry
from ovcf.registry.words import Role
from ovcf.vocabulary import Posture
from tests.e2e import han
from tests.server.small_reading import LEVELS, body, on_film, small_reading

FIRST = date(2025, 1, 7)
DEEPER = 15.0
"""Where the superior anterior corner of L1 lies at the later visits (mm below the endplate behind); 8 at the first."""


def followed(deep=8.0, *, posture=Posture.STANDING, names=0, **facts):
    """The small reading with L1 wedged so deep, its film taken so, and its names moved so many levels down."""
    file = small_reading(**facts)
    (seen,) = file.observations.values()
    mr, film = seen.landmarks
    names_in_order = ("T11", "T12", "L1", "L2", "L3", "L4", "L5")

    def moved(vertebra, on):
        level = vertebra.level
        points = vertebra.points
        if level is Level.L1:
            points = tuple(on(p) for p in bodies(deep)["L1"])
        return replace(vertebra, points=points, level=Level(names_in_order[names_in_order.index(level) + names]))

    mr = replace(mr, vertebrae=tuple(moved(v, lambda p: p) for v in mr.vertebrae))
    film = replace(
        film,
        source=replace(film.source, posture=posture),
        vertebrae=tuple(moved(v, on_film) for v in film.vertebrae if v.points),
    )
    series = tuple(replace(s, posture=posture) if s.uid == film.series else s for s in seen.series)
    seen = replace(seen, series=series, landmarks=(mr, film))
    name = digest(seen)
    version = replace(file.reading.current, observations=name)
    return replace(file, reading=Reading(id=uuid.uuid4().hex, versions=(version,)), observations={name: seen})


def bodies(deep):
    """The points of every vertebra by name, L1 wedged so deep."""
    found = {level.value: body(level) for level in LEVELS}
    x, y = found["L1"][1]
    found["L1"] = ((x - 34, y + deep), *found["L1"][1:])
    return found


def loss(deep):
    """Height loss of L1 by Han's formula, computed here."""
    points = bodies(deep)
    return han.height_loss_percent(points["T12"], points["L1"], points["L2"])


PATIENTS = {
    "COURSE": (
        ("pretreatment", FIRST, {}),
        ("3 months", date(2025, 4, 8), {"deep": DEEPER}),
        ("6 months", date(2025, 7, 8), {"deep": DEEPER, "posture": Posture.SUPINE}),
    ),
    "NAMES": (("pretreatment", FIRST, {}), ("6 months", date(2025, 7, 8), {"names": 1, "index_level": "L2"})),
    "ONE": (("pretreatment", FIRST, {}),),
    "CANAL": (("pretreatment", FIRST, {}), ("3 months", date(2025, 4, 8), {"canal_compromise_percent": 55})),
}


def keep_all(folder):
    """Make the registry; (its folder, the id of each patient, the ids of the readings of each)."""
    registry = Registry.open(folder, create=True)
    admin = registry.begin("S1", "Site one", "admin", "Ada Min")
    who = Principal(admin.id, admin.code, admin.site_id, Role.ADMIN)
    ids, readings = {}, {}
    with registry.writing(admin.id) as writer:
        for code, visits in PATIENTS.items():
            patient, _ = clinic.admit(writer, who, code, sex="female", birth_year=1950, levels=["L1"])
            ids[code], readings[code] = str(patient.id), []
            for window, on, shape in visits:
                visit = clinic.visit_on(writer, patient, window=window, on=on)
                row = keep_reading(writer, registry, visit, begun_for(followed(**shape), code, {}))
                readings[code].append(row.reading)
    registry.close()
    return folder, ids, readings
