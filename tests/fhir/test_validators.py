"""Two validators that know nothing of ovcf find nothing wrong; and what is wrong, they find.

They run under node; `make test-fhir` fetches them into tests/fhir/validators/node_modules.
"""

import copy
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from ovcf.fhir.code_system import definitions
from ovcf.fhir.out.bundle import collection, of_reading, to_bytes, transaction

HERE = Path(__file__).parent / "validators"

pytestmark = pytest.mark.skipif(
    not (HERE / "node_modules" / "@medplum" / "core").is_dir() or shutil.which("node") is None,
    reason="node and the validators are not there (make test-fhir)",
)


def found_in(folder, bundles):
    """What each of the two finds wrong, for each bundle."""
    paths = []
    for n, bundle in enumerate(bundles):
        paths.append(folder / f"{n}.json")
        paths[-1].write_bytes(to_bytes(bundle))
    done = subprocess.run(["node", "check.mjs", *paths], cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def broken(bundle, kind, change):
    """The bundle with one change in the first resource of a kind."""
    other = copy.deepcopy(bundle)
    change(next(e["resource"] for e in other["entry"] if e["resource"]["resourceType"] == kind))
    return other


def _first(made):
    address = next(a for a, one in made.items() if one["resourceType"] == "Observation" and "valueQuantity" in one)
    return {address: made[address]}


def faults(whole):
    """(which validator is here for it, a bundle with one fault)."""
    return [
        ("fhir", broken(whole, "Observation", lambda one: one.update(status="finall"))),
        ("fhir", broken(whole, "Patient", lambda one: one.update(gender="woman"))),
        ("fhir", broken(whole, "Observation", lambda one: one.pop("code"))),
        ("medplum", broken(whole, "Observation", lambda one: one.pop("code"))),
        ("medplum", broken(whole, "Observation", lambda one: one.update(colour="red"))),
        ("medplum", broken(whole, "Observation", lambda one: one.update(issued="yesterday"))),
        ("medplum", broken(whole, "ImagingStudy", lambda one: one.update(series=[{"uid": "1.2"}]))),
        ("medplum", broken(whole, "DiagnosticReport", lambda one: one.update(result="none"))),
    ]


def test_they_find_nothing_in_what_we_write_and_every_fault_that_is_put_there(made, draft, tmp_path):
    small = collection({a: one for a, one in made.items() if one["resourceType"] != "Observation"} | _first(made))
    unsigned = of_reading(draft, draft=True, pdf=False)
    good = [collection(made), transaction(made), collection(unsigned), definitions(), small]
    bad = faults(small)
    told = found_in(tmp_path, [*good, *(bundle for _, bundle in bad)])
    assert told[: len(good)] == [{"fhir": [], "medplum": []}] * len(good)
    missed = [n for n, (by, _) in enumerate(bad) if not told[len(good) + n][by]]
    assert missed == []
