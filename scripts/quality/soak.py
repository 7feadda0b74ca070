"""Kill `ovcf assess` and `ovcf cohort` at many moments and look at what they leave.

After each kill the result's folder must be absent or hold one whole report, and others may read nothing that is left.
The next run must succeed, and leave no trace of the killed ones.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ovcf.files.result_manifest import recorded, strange

ROOT = Path(__file__).resolve().parents[2]
_STEADY = 20
"""After so many kills one run is left to finish."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    args = parser.parse_args()
    chance = random.Random(args.seed)
    print(f"seed {args.seed}, {args.kills} kills", flush=True)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soak = Soak(Path(folder), chance)
        for number in range(args.kills):
            soak.kill_one(number)
            if (number + 1) % _STEADY == 0:
                soak.finish_all()
                print(f"{number + 1} killed: {soak.told()}", flush=True)
    for fault in soak.faults:
        print(f"FAULT {fault}")
    sys.exit(1 if soak.faults else 0)


class Soak:
    """Runs of each command over and over into one folder each."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.chance, self.faults = chance, []
        self.found = dict.fromkeys(("absent", "whole", "killed while writing"), 0)
        self.temporary, self.results = root / "temporary", root / "results"
        self.temporary.mkdir()
        self.results.mkdir()
        patient = root / "patient"
        self.run(["phantom", "--seed", "7", "--fracture", "L1:wedge:25", "--out", str(patient), "--quiet"])
        study = shutil.make_archive(str(root / "study"), "zip", patient / "visit-1" / "study")
        case = str(patient / "visit-1" / "case.toml")
        landmarks = str(ROOT / "examples" / "landmarks.json")
        table = root / "patients.csv"
        rows = [f"P{n},{60 + n % 30},{2 + (n * 7 % 20) / 10:.1f}" for n in range(60)]
        table.write_text("\n".join(["patient_id,age_years,vbq", *rows]), encoding="utf-8")
        self.commands = {
            "zip": ["assess", study, "--clinical", case, "--engine", "none"],
            "landmarks": ["assess", "--landmarks", landmarks, "--fracture", "L1"],
            "cohort": ["cohort", "kadri", str(table)],
        }
        self.seconds = {}
        for name in self.commands:
            began = time.monotonic()
            self.finish(name)
            self.seconds[name] = time.monotonic() - began
        for name in self.commands:
            shutil.rmtree(self.results / name)  # the first kills meet no earlier report

    def kill_one(self, number: int) -> None:
        """Kill one run, every other while it writes."""
        name = list(self.commands)[number % len(self.commands)]
        process = self.start([*self.commands[name], "--out", str(self.results / name)])
        if number % 2:
            end = time.monotonic() + self.chance.uniform(0, 1.1 * self.seconds[name])
            while time.monotonic() < end and process.poll() is None:
                time.sleep(0.005)
        else:
            while process.poll() is None and not list(self.results.glob(".ovcf-*.stage")):
                time.sleep(0.001)
            time.sleep(self.chance.uniform(0, 0.1))
            self.found["killed while writing"] += process.poll() is None
        process.kill()
        process.communicate()
        self.look(name)

    def look(self, name: str) -> None:
        """Whether a killed run kept its promises."""
        out = self.results / name
        if not out.exists():
            self.found["absent"] += 1
        elif strange(out) or not all((out / file).is_file() for file in recorded(out) or ["none"]):
            self.faults.append(f"{name}: not one whole report: {sorted(p.name for p in out.iterdir())}")
        else:
            self.found["whole"] += 1
        if os.name == "posix":
            for path in (*self.temporary.iterdir(), *self.results.iterdir()):
                if path.stat().st_mode & 0o077:
                    self.faults.append(f"{name}: others may read {path}")

    def finish_all(self) -> None:
        for name in self.commands:
            self.finish(name)
        for path in (*self.temporary.glob("ovcf-*"), *self.results.iterdir()):
            if path.name not in self.commands:
                self.faults.append(f"left over: {path}")

    def finish(self, name: str) -> None:
        self.run([*self.commands[name], "--out", str(self.results / name)])

    def run(self, arguments: list[str]) -> None:
        process = self.start(arguments)
        _, error = process.communicate()
        if process.returncode:
            self.faults.append(f"{arguments[0]} failed after a kill: {error.strip()}")

    def start(self, arguments: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "ovcf", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ | {"TMPDIR": str(self.temporary)},
            text=True,
        )

    def told(self) -> str:
        return ", ".join(f"{count} {what}" for what, count in self.found.items()) + f", {len(self.faults)} faults"


if __name__ == "__main__":
    main()
