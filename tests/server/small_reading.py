"""A reading put together by hand: T11 to L3, L1 wedged, on an MR plane and on a film without a scale."""

import io
from dataclasses import replace

import numpy as np
from PIL import Image

from ovcf.anatomy import Level
from ovcf.assessment.result import LevelQuestion, NumberedBody
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.read_case import with_fact
from ovcf.errors import Remedy
from ovcf.geometry import SagittalPlane
from ovcf.imaging.study import Role
from ovcf.landmarks import Modality, Posture
from ovcf.reading.file import ReadingFile, digest
from ovcf.reading.observations import LandmarkSet, Observations, ObservedSeries, ObservedVertebra
from ovcf.reading.observing.pictures import Picture
from ovcf.reading.version import Reading, Version

LEVELS = (Level.T11, Level.T12, Level.L1, Level.L2, Level.L3)
NORMAL = ((0.0, 0.0), (34.0, 0.0), (0.0, 26.0), (34.0, 26.0), (17.0, 1.5), (17.0, 24.5))
WEDGE = ((0.0, 8.0), (34.0, 0.0), (0.0, 26.0), (34.0, 26.0), (17.0, 5.0), (17.0, 24.5))
PIXELS_PER_MM = 4.0
FACTS = {
    "index_level": "L1",
    "fracture_type": "compression",
    "t2_pattern": "diffuse low",
    "t_score": -3.1,
    "age_years": 74,
    "low_energy_trauma": True,
}


def body(level):
    """The six points of a vertebra in millimetres of the plane."""
    shape = WEDGE if level is Level.L1 else NORMAL
    return tuple((20 + x, 20 + 33 * LEVELS.index(level) + y) for x, y in shape)


def ring(points):
    """The corners once around."""
    superior_anterior, superior_posterior, inferior_anterior, inferior_posterior = points[:4]
    return superior_anterior, superior_posterior, inferior_posterior, inferior_anterior


def on_film(point):
    """The same point in pixels of the film."""
    return 100.5 + PIXELS_PER_MM * point[0], 0.5 + PIXELS_PER_MM * point[1]


def small_reading(**facts):
    """The file; ``facts`` are more facts of the clinical case, with ``__`` for the dot of a section.

    On every picture one bright pixel lies under each point of L1.
    """
    mr = ObservedSeries(
        uid="1.2.3",
        description="T2 SAG",
        role=Role.T2,
        modality=Modality.MR,
        posture=Posture.SUPINE,
        size=(15, 200, 100),
        spacing_mm=(4, 1, 1),
    )
    film = ObservedSeries(
        uid="1.2.4",
        description="LAT",
        role=Role.RADIOGRAPH,
        modality=Modality.RADIOGRAPH,
        posture=Posture.STANDING,
        size=(800, 400),
        calibrated=False,
    )
    plane = SagittalPlane(origin=(0.0, -60.0, 100.0), posterior=(0.0, 1.0, 0.0), caudal=(0.0, 0.0, -1.0))
    sets = (
        LandmarkSet(
            id="a",
            name="T2 SAG",
            series=mr.uid,
            source=mr.source("a model"),
            plane=plane,
            by_program=True,
            vertebrae=tuple(
                ObservedVertebra(id=f"a{n}", level=level, points=body(level), sd=(0.6,) * 6, outline=ring(body(level)))
                for n, level in enumerate(LEVELS, 1)
            ),
        ),
        LandmarkSet(
            id="b",
            name="LAT",
            series=film.uid,
            source=film.source("another model"),
            by_program=True,
            vertebrae=(
                *(
                    ObservedVertebra(
                        id=f"b{n}", level=level, sd=(3.0,) * 6, points=tuple(on_film(p) for p in body(level))
                    )
                    for n, level in enumerate(LEVELS, 1)
                ),
                ObservedVertebra(id="b6", level=Level.L4, withheld="cut off by the border of the image"),
            ),
        ),
    )
    seen = Observations(software="ovcf test", series=(film, mr), landmarks=sets)
    case = ClinicalCase()
    for name, value in (FACTS | facts).items():
        case = with_fact(case, name.replace("__", "."), value)
    film_dots = dotted(400, 200, [((x - 0.5) / 2, (y - 0.5) / 2) for x, y in map(on_film, body(Level.L1))])
    mr_dots = dotted(200, 100, body(Level.L1))
    pictures = (
        Picture(
            series=film.uid, landmark_set="b", origin=(0.5, 0.5), spacing=(2.0, 2.0), size=(400, 200), png=film_dots
        ),
        *(
            Picture(
                series=mr.uid,
                landmark_set="a",
                origin=(0.0, 0.0),
                spacing=(1.0, 1.0),
                size=(200, 100),
                offset_mm=mm,
                png=mr_dots,
            )
            for mm in (0.0, -4.0, 4.0)
        ),
    )
    name = digest(seen)
    version = Version(id="v1", observations=name, case=case)
    return ReadingFile(reading=Reading(id="r1", versions=(version,)), observations={name: seen}, pictures=pictures)


def with_wedge_at_l3(**facts):
    """The same with a second deformed vertebra that nobody has named."""
    file = small_reading(**facts)
    (seen,) = file.observations.values()
    mr, film = seen.landmarks
    wedged = tuple((20 + x, 20 + 33 * 4 + y) for x, y in WEDGE)
    bodies = tuple(replace(v, points=wedged, outline=()) if v.level is Level.L3 else v for v in mr.vertebrae)
    changed = replace(seen, landmarks=(replace(mr, vertebrae=bodies), film))
    version = replace(file.reading.current, observations=digest(changed))
    return replace(file, reading=Reading(id="r1", versions=(version,)), observations={version.observations: changed})


def asked_reading(likely=((Level.T11, Level.L3, 0.6), (Level.T12, Level.L4, 0.4))):
    """The same, its levels not sure on the MR: T11 to L3 by a guess of 60%, T12 to L4 by one of 40%."""
    file = small_reading()
    (name,) = file.observations
    seen = file.observations[name]
    question = LevelQuestion(
        image="T2 SAG",
        likely=likely,
        asked=0.95,
        how=Remedy("Name one."),
        bodies=tuple(NumberedBody(number=n, measurements=()) for n in range(1, 6)),
    )
    mr, film = seen.landmarks
    unsure = replace(seen, landmarks=(replace(mr, question=question), film))
    version = replace(file.reading.current, observations=digest(unsure))
    return replace(file, reading=Reading(id="r1", versions=(version,)), observations={version.observations: unsure})


def dotted(rows, columns, dots):
    """A dark picture with a bright pixel at each (column, row); middles between two pixels are left out."""
    pixels = np.full((rows, columns), 20, np.uint8)
    for x, y in dots:
        if x == round(x) and y == round(y):
            pixels[round(y), round(x)] = 255
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()
