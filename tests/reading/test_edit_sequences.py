"""Whatever a reader does, in whatever order: kept results equal a cold process, undo restores, apart edits commute."""

import os
import random

import pytest

from ovcf.anatomy import Level
from ovcf.errors import OvcfError
from ovcf.kept import Kept
from ovcf.landmarks import POINTS
from ovcf.reading.conclude import conclude
from ovcf.reading.editing.edits import in_force
from ovcf.reading.file import ReadingFile, digest, from_bytes, to_bytes
from ovcf.reading.version import Reading, Version
from tests.reading.words import edit

SEQUENCES = int(os.environ.get("OVCF_EDIT_SEQUENCES", "12"))
"""`make test-edits` runs 200."""


@pytest.fixture(scope="module")
def results():
    """What was kept of all sequences so far, as in a process that has a reading open for long."""
    return Kept()


def one(rng, seen, made):
    """A random edit that a reader may make next."""
    v = rng.choice([v for v in seen.landmarks[0] if v.points])
    lumbar = [Level.T11, Level.T12, Level.L1, Level.L2, Level.L3]
    kinds = {
        "move": lambda: edit(
            "MovePoint",
            vertebra=v.id,
            point=(p := rng.choice(POINTS)),
            to=tuple(c + rng.gauss(0, 0.6) for c in v.points[POINTS.index(p)]),
        ),
        "place": lambda: edit("PlaceVertebra", vertebra=v.id, points=tuple((x + 0.3, y - 0.4) for x, y in v.points)),
        "index": lambda: edit("ChooseIndex", vertebra=v.id),
        "state": lambda: edit(
            "SetState", vertebra=v.id, state=rng.choice(["old fracture", "cemented", "focal lesion", "none of these"])
        ),
        "name": lambda: edit("NameVertebra", vertebra=v.id, level=rng.choice(lumbar)),
        "overrule": lambda: edit(
            "Overrule", vertebra=v.id, finding="t2_pattern", value=rng.choice(["diffuse low", "none", None])
        ),
        "fact": lambda: edit("EnterFact", field="t_score", value=rng.choice([-1.5, -2.5, -3.6, None])),
        "threshold": lambda: edit("SetThreshold", name=rng.choice(["edema", "t2"]), sd=rng.choice([2.5, 3.0, 4.0])),
        "exclude": lambda: edit("Exclude", vertebra=v.id),
        "slice": lambda: edit("Exclude", vertebra=v.id, series=rng.choice(seen.marrow).series, slice=rng.randint(2, 8)),
        "region": lambda: edit(
            "PlaceRegion",
            vertebra=v.id,
            region="body",
            series=rng.choice(seen.marrow).series,
            slice=rng.randint(4, 7),
            outline=tuple(v.points[k] for k in (0, 1, 3, 2)),
        ),
        "endplate": lambda: edit(
            "MoveEndplate",
            vertebra=v.id,
            endplate="inferior",
            anterior=tuple(c + rng.gauss(0, 0.6) for c in v.points[2]),
            posterior=rng.choice([None, v.points[3]]),
        ),
        "outline": lambda: edit(
            "RedrawOutline",
            vertebra=v.id,
            outline=drawn_around(v, rng.uniform(0.8, 1.1)),
            offset_mm=rng.choice([None, aside(seen, v, rng.randint(3, 6))]),
            tool=rng.choice(["pen", "brush", "edge"]),
        ),
        "delete": lambda: edit("DeleteVertebra", vertebra=v.id),
        "accept": lambda: edit("Accept", vertebra=v.id),
        "undo": lambda: edit("Revoke", edit=rng.choice(made).id) if made else one(rng, seen, made),
    }
    return kinds[rng.choice(list(kinds))]()


def drawn_around(v, scale):
    """The corners of a body once around, nearer to its centre or farther from it."""
    x, y = (sum(p[k] for p in v.points[:4]) / 4 for k in (0, 1))
    corners = (v.points[k] for k in (0, 1, 3, 2))
    return tuple((x + scale * (px - x), y + scale * (py - y)) for px, py in corners)


def aside(seen, v, at):
    """How far a slice of the first series lies beside the plane of the points, where a body lies."""
    plane, volume = seen.landmarks[0].plane, seen.marrow[0].volume
    index = volume.to_index(plane.to_patient(v.points[0]))
    return float(plane.distance_off_plane(volume.to_patient([at, *index[1:]])))


def sequence(rng, seen, case, results, length):
    """Edits that can be made one after the other; what is refused is left out, as on the page."""
    made = []
    for _ in range(length):
        new = one(rng, seen, made)
        try:
            conclude(seen, (*made, new), case, results=results)
        except OvcfError:
            continue
        made.append(new)
    return tuple(made)


@pytest.mark.parametrize("number", range(SEQUENCES))
def test_kept_results_equal_a_cold_process_and_undo_restores(digital, results, number):
    """The cold process has nothing but the file."""
    seen, case = digital
    rng = random.Random(number)
    made = sequence(rng, seen, case, results, rng.randint(2, 8))
    warm = conclude(seen, made, case, results=results)
    undone = (*made, *(edit("Revoke", edit=old.id) for old in reversed(in_force(made))))
    assert conclude(seen, undone, case, results=results) == conclude(seen, (), case, results=results)
    name = digest(seen)
    version = Version(id="v", observations=name, case=case, edits=made)
    file = ReadingFile(reading=Reading(id="r", versions=(version,)), observations={name: seen})
    back = from_bytes(to_bytes(file), "r")
    assert conclude(back.current, back.reading.current.edits, case) == warm


@pytest.mark.parametrize("number", range(SEQUENCES))
def test_edits_that_share_nothing_commute(digital, results, number):
    seen, case = digital
    rng = random.Random(1000 + number)
    there = [v for v in seen.landmarks[0] if v.points]
    apart = [
        *(
            edit(
                "MovePoint",
                reader=rng.choice("AB"),
                vertebra=v.id,
                point=POINTS[n % 4],
                to=tuple(c + rng.gauss(0, 0.4) for c in v.points[n % 4]),
            )
            for n, v in enumerate(rng.sample(there, 3))
        ),
        edit("EnterFact", field="vas", value=6.0),
        edit("EnterFact", field="t_score", value=-2.7),
        edit("SetThreshold", name="edema", sd=3.5),
        edit("Overrule", vertebra=there[2].id, finding="cleft", value="fluid"),
    ]
    shuffled = rng.sample(apart, len(apart))
    assert conclude(seen, tuple(apart), case, results=results) == conclude(seen, tuple(shuffled), case, results=results)
