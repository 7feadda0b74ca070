"""How long an edit takes: a digital patient with a radiograph and three stacks, read by the built-in models."""

import statistics
import tempfile
import time
from pathlib import Path

from ovcf.anatomy import Level
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import read_recipe
from ovcf.reading.editing import edits as e
from ovcf.reading.file import from_bytes, to_bytes
from ovcf.reading.session import Session
from ovcf.workflow.begin import begin_reading
from ovcf.workflow.from_files import draft_from_files

ROOT = Path(__file__).resolve().parents[2]
RUNS = 15
BARS_MS = {
    "a landmark on MRI": 50,
    "a landmark on the radiograph": 50,
    "a clinical fact": 50,
    "a finding": 50,
    "a level, all others follow": 50,
    "another index vertebra": 150,
    "the threshold of edema": 150,
    "a body left out": 150,
    "an outline drawn anew": 400,
}


def made(folder):
    """The reading of the digital patient of the demo, whose lowest body on MRI is the eleventh."""
    (visit,) = make_patient(read_recipe(ROOT / "examples" / "phantom.toml"), Path(folder, "patient"))
    draft = draft_from_files([visit / "study"], clinical=visit / "case.toml", anchors=["11=L5"])
    return begin_reading(draft)


def edits_of(seen, n):
    """One edit of each kind, the ``n``-th of its kind, so that none is known from before."""
    mri, film = seen.landmarks
    told = {"id": f"e{n}", "reader": "bench", "at": "2026-01-01T00:00:00+00:00"}

    def of(landmarks, level):
        return next(v for v in landmarks if v.level == level)

    def move(landmarks):
        v = of(landmarks, "L1")
        x, y = v.points[0]
        return e.MovePoint(**told, vertebra=v.id, point="superior_anterior", to=(x + 0.01 * n, y + 0.02 * n))

    ring = of(mri, "L1").outline
    return {
        "a landmark on MRI": move(mri),
        "a landmark on the radiograph": move(film),
        "a clinical fact": e.EnterFact(**told, field="t_score", value=-2.0 - 0.01 * n),
        "a finding": e.Overrule(**told, vertebra=of(mri, "L1").id, finding="t2_pattern", value="diffuse low"),
        "a level, all others follow": e.NameVertebra(
            **told, vertebra=of(mri, "L1").id, level=(Level.L2, Level.T12)[n % 2]
        ),
        "another index vertebra": e.ChooseIndex(**told, vertebra=of(mri, ("T10", "T11", "T12", "L2", "L3")[n % 5]).id),
        "the threshold of edema": e.SetThreshold(**told, name="edema", sd=2.5 + 0.05 * n),
        "a body left out": e.Exclude(**told, vertebra=of(mri, ("T9", "T10", "T11", "T12", "L3")[n % 5]).id),
        "an outline drawn anew": e.RedrawOutline(
            **told, vertebra=of(mri, "L1").id, outline=tuple((x, y + 0.05 * n) for x, y in ring)
        ),
    }


def main():
    with tempfile.TemporaryDirectory() as folder:
        file = made(folder)
    data = to_bytes(file)
    loads = []
    for _ in range(5):
        start = time.perf_counter()
        back = from_bytes(data, "reading")
        loads.append(time.perf_counter() - start)
    spent, firsts, ahead = {name: [] for name in BARS_MS}, [], []
    for n in range(RUNS):
        session = Session(back)
        start = time.perf_counter()
        session.assessment()
        firsts.append(time.perf_counter() - start)
        start = time.perf_counter()
        session.look_ahead()
        ahead.append(time.perf_counter() - start)
        for name, edit in edits_of(back.current, n).items():
            start = time.perf_counter()
            session.preview(edit)
            spent[name].append(1000 * (time.perf_counter() - start))
    alone = sum(a.nbytes for m in back.current.marrow for a in (m.voxels, m.labels))
    pictures = sum(len(p.png) for p in back.pictures)
    print("## From an edit to a new assessment\n")
    print(
        f"A digital patient with a radiograph and T1, T2 and STIR, {len(back.current.landmarks[0].vertebrae)} "
        f"vertebrae, read by the built-in models; {RUNS} edits of each kind, none made before in its session. The "
        f"reading takes {len(data) / 1e6:.1f} MB, of which pictures {pictures / 1e6:.1f} MB ({alone / 1e6:.1f} MB of "
        f"signal before compression). It loads in "
        f"{1000 * statistics.median(loads):.0f} ms (200 are allowed), and its first "
        f"assessment takes {1000 * statistics.median(firsts):.0f} ms. While nobody asks for anything, another "
        f"{1000 * statistics.median(ahead):.0f} ms go into what is likely to be asked next: another index, or "
        "all names one place up or down.\n"
    )
    print("| edit | median, ms | slowest, ms | allowed, ms |\n|---|---|---|---|")
    for name, times in spent.items():
        print(f"| {name} | {statistics.median(times):.0f} | {max(times):.0f} | {BARS_MS[name]} |")


if __name__ == "__main__":
    main()
