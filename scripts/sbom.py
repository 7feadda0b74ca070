"""One bill of materials (CycloneDX) of all that a release holds: Python packages, the page's packages, the models.

It ends with an error where a part that is needed at run time is under the GPL or AGPL, which this project may not ship.

    python -m scripts.sbom PYTHON_SBOM NPM_SBOM OUT
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

MODELS = {"spine.onnx": "model_card.json", "radiograph.onnx": "radiograph_card.json"}
_FOLDER = Path(__file__).resolve().parents[1] / "src/ovcf/segmentation/model"
_COPYLEFT = re.compile(r"(?<!L)\bA?GPL|(?<!Lesser )General Public License", re.IGNORECASE)

Json = dict[str, Any]


def models(folder: Path = _FOLDER) -> list[Json]:
    """The built-in models as components, with their digest and what their card says."""
    digests = json.loads((folder / "digests.json").read_text(encoding="utf-8"))
    found = []
    for name, card in MODELS.items():
        about = json.loads((folder / card).read_text(encoding="utf-8"))
        found.append(
            {
                "type": "machine-learning-model",
                "bom-ref": f"model:{name}",
                "name": about["name"],
                "version": str(about["version"]),
                "description": about["task"],
                "hashes": [{"alg": "SHA-256", "content": digests[name]}],
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        )
    return found


def merged(python: Json, page: Json, also: list[Json]) -> Json:
    """The Python bill with the components and dependencies of the others added; one root needs them all."""
    root = python["metadata"]["component"]["bom-ref"]
    # The bill of an environment lists the project itself as well as its root.
    own = {c["bom-ref"] for c in python["components"] if c["name"] == python["metadata"]["component"]["name"]}
    parts = [c for c in python["components"] if c["bom-ref"] not in own]
    known = {c["bom-ref"] for c in parts}
    parts += [c for c in [*page["components"], *also] if c["bom-ref"] not in known]
    needs = {d["ref"]: set(d.get("dependsOn", ())) for d in [*python["dependencies"], *page.get("dependencies", [])]}
    for ref in own:
        needs.setdefault(root, set()).update(needs.pop(ref, set()))
    web = page["metadata"]["component"]["bom-ref"]
    needs.setdefault(root, set()).update(needs.pop(web, set()), (c["bom-ref"] for c in also))
    return python | {
        "components": sorted(parts, key=lambda c: c["bom-ref"]),
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(on - own)} if on - own else {"ref": ref}
            for ref, on in sorted(needs.items())
        ],
    }


def licences(component: Json) -> list[str]:
    """Every licence that a component names: an id, an expression, or a name in words."""
    said = component.get("licenses", [])
    return [
        x["expression"] if "expression" in x else x["license"].get("id") or x["license"].get("name", "") for x in said
    ]


def forbidden(bill: Json) -> list[str]:
    """Components that may only be had under the GPL or AGPL; where one may choose, another licence is chosen."""
    bad = []
    for component in bill["components"]:
        names = licences(component)
        choices = [choice for name in names for choice in re.split(r"\s+OR\s+", name)]
        if choices and all(_COPYLEFT.search(choice) for choice in choices):
            bad.append(f"{component['name']} {component.get('version', '')}: {', '.join(names)}")
    return bad


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("python", "page", "out"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    bills = [json.loads(path.read_text(encoding="utf-8")) for path in (args.python, args.page)]
    bill = merged(bills[0], bills[1], models())
    if bad := forbidden(bill):
        sys.exit("These may not be shipped (GPL):\n" + "\n".join(bad))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(bill, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{args.out}: {len(bill['components'])} parts")
    if unknown := [c["name"] for c in bill["components"] if not licences(c)]:
        print(f"Without a stated licence: {', '.join(unknown)}")


if __name__ == "__main__":
    main()
