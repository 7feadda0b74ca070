"""Patients who never lived: a fracture, its course, and what two readers make of the same radiograph."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.reading.editing.edits import EnterFact, PlaceVertebra
from ovcf.reading.session import Session
from ovcf.scores.prognosis.nasovcf import nasovcf
from ovcf.workflow.begin import begin_reading
from ovcf.workflow.from_files import draft_from_files

if TYPE_CHECKING:
    from pathlib import Path

    from ovcf.reading.file import ReadingFile

RATES = {"low": 1 / 47, "medium": 9 / 98, "high": 39 / 63}
"""Non-union by score group, as Han printed it."""
READER_SD_MM = 0.8
"""How far a reader's points lie from another's."""
NEIGHBOURS = {"T11": ("T10", "T12"), "T12": ("T11", "L1"), "L1": ("T12", "L2"), "L2": ("L1", "L3")}
PATTERNS = ("confined high", "diffuse high", "confined low", "diffuse low")


@dataclass(frozen=True)
class Person:
    """A simulated candidate: what screening asks for, the fracture at both visits, and what became of it."""

    code: str
    facts: dict[str, object]
    sex: str
    bmi: float
    fracture_type: str
    t2_pattern: str
    vhl: tuple[float, float]
    angle: tuple[float, float]
    pain: tuple[float, ...]
    disability: tuple[float, ...]
    cleft: bool
    moves_mm: float
    united: bool

    @property
    def level(self) -> str:
        """The fractured vertebra."""
        return str(self.facts["index_level"])


def people(site: str, count: int, rng: np.random.Generator) -> list[Person]:
    """Candidates of one hospital; about one in five is not eligible, or not all is known."""
    return [_person(f"{site}-P{n:03d}", rng) for n in range(1, count + 1)]


def _person(code: str, rng: np.random.Generator) -> Person:
    severe = rng.random() < 0.4
    t_score = float(np.clip(rng.normal(-3.3 if severe else -2.4, 0.6), -5.5, -1.0))
    vhl = float(np.clip(rng.normal(20 if severe else 6, 6), 0.5, 45))
    angle = float(np.clip(rng.normal(14 if severe else 4, 4), 0, 30))
    kind = "burst" if rng.random() < (0.45 if severe else 0.1) else "compression"
    pattern = "diffuse low" if rng.random() < (0.8 if severe else 0.3) else str(rng.choice(PATTERNS[:3]))
    level = str(rng.choice(["T11", "T12", "L1", "L2"], p=[0.15, 0.2, 0.45, 0.2]))
    score = nasovcf(
        fracture_type=kind,
        vhl_percent=vhl,
        local_kyphosis_deg=angle,
        t2_diffuse_low=pattern == "diffuse low",
        t_score=t_score,
    )
    lost = rng.random() < RATES[str(score.group)]
    more = abs(rng.normal(13 if lost else 3, 3)), abs(rng.normal(10 if lost else 2, 3))
    facts: dict[str, object] = {
        "age_years": float(rng.integers(60, 92)),
        "index_level": level,
        "recent_fractures": 1.0,
        "t1_low": True,
        "low_energy_trauma": True,
        "t_score": round(t_score, 1),
        "treatment": "conservative",
        "secondary_osteoporosis": False,
        "aetiology": "osteoporosis",
        "life_expectancy_under_one_year": False,
    }
    draw = rng.random()
    if draw < 0.06:
        facts["age_years"] = float(rng.integers(48, 59))
    elif draw < 0.12:
        facts["recent_fractures"] = 2.0
    elif draw < 0.16:
        facts["secondary_osteoporosis"] = True
    elif draw < 0.20:
        del facts["t1_low"]  # no MRI yet
    pain = float(np.clip(rng.normal(7.5 if severe else 6.5, 1), 3, 10))
    course = [pain, *(max(pain - step + (2 if lost else 0), 0.0) for step in (2.0, 3.5, 5.0))]
    return Person(
        code=code,
        facts=facts,
        sex="female" if rng.random() < 0.75 else "male",
        bmi=round(float(rng.normal(24.5, 2.5)), 1),
        fracture_type=kind,
        t2_pattern=pattern,
        vhl=(round(vhl, 1), round(min(vhl + more[0], 70), 1)),
        angle=(round(angle, 1), round(angle + more[1], 1)),
        pain=tuple(round(p) for p in course),
        disability=tuple(round(min(p * 9, 95)) for p in course),
        cleft=bool(lost and rng.random() < 0.7),
        moves_mm=round(float(rng.uniform(1.4, 3.5) if lost else rng.uniform(0, 0.7)), 1),
        united=not lost,
    )


def reading_of(person: Person, folder: Path) -> ReadingFile:
    """The draft of the pretreatment radiograph: three vertebrae with the height loss and angle of this person."""
    above, below = NEIGHBOURS[person.level]
    loss, turn = person.vhl[0] / 100, np.radians(person.angle[0])
    # Neighbours are 27 and 29 mm high, the fractured body (a + b) / 2 = 28 (1 - loss): Han's definition.
    posterior = 28.0
    anterior = max(2 * 28.0 * (1 - loss) - posterior, 4.0)
    bodies = {
        above: [(0, 0), (36, 0), (0, 27), (36, 27)],
        person.level: [(0, 32), (36, 32), (0, 32 + anterior), (36, 32 + posterior)],
    }
    # The caudal body is turned about its posterior corner, so that its upper endplate meets the other at the angle.
    pivot = np.array([36.0, 65.0])
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    below_points = np.array([(0, 65), (36, 65), (0, 94), (36, 94)], float)
    bodies[below] = [tuple(p) for p in (below_points - pivot) @ turned + pivot]
    names = ("superior_anterior", "superior_posterior", "inferior_anterior", "inferior_posterior")
    told = {
        "format": "ovcf-landmarks/1",
        "unit": "mm",
        "anterior_is": "smaller x",
        "modality": "radiograph",
        "posture": "standing",
        "placed_by": "simulated",
        "image": "lateral radiograph",
        "vertebrae": [
            {
                "level": level,
                "sd": READER_SD_MM,
                **{n: [round(float(v), 3) for v in p] for n, p in zip(names, points, strict=True)},
            }
            for level, points in bodies.items()
        ],
    }
    path = folder / f"{person.code}.json"
    path.write_text(json.dumps(told))
    return begin_reading(draft_from_files(landmarks=path, fracture=person.level))


def read_by(case: ReadingFile, person: Person, reader: str, rng: np.random.Generator) -> ReadingFile:
    """The blinded case as a reader leaves it: every point placed anew with the reader's own error, then signed."""
    session, at = Session(case), "2026-09-01T09:00:00+00:00"
    (spine,) = case.current.landmarks
    for n, vertebra in enumerate(spine):
        points = np.asarray(vertebra.points[:4]) + rng.normal(0, READER_SD_MM, (4, 2))
        session.make(
            PlaceVertebra(
                id=f"{reader}-{n}",
                reader=reader,
                at=at,
                vertebra=vertebra.id,
                points=tuple((float(x), float(y)) for x, y in points),
            )
        )
    pattern = person.t2_pattern if rng.random() < 0.9 else str(rng.choice(PATTERNS))
    kind = person.fracture_type if rng.random() < 0.93 else "burst"
    for field, value in (("t2_pattern", pattern), ("fracture_type", kind)):
        session.make(EnterFact(id=f"{reader}-{field}", reader=reader, at=at, field=field, value=value))
    signed = session.file.reading.confirmed(session.assessment(), reader=reader, at=at)
    return replace(session.file, reading=signed)
