"""Write the table of declared measurements: ``python -m scripts.measurement_page docs/measurements.md``."""

from __future__ import annotations

import sys
from pathlib import Path

from ovcf.cli.about.declared import needs_of, unit_of
from ovcf.guidance.evidence import evidence
from ovcf.measures.registry import Published, published

_HEAD = """# Measurements

Made from the declarations in `src/ovcf/measures/` by `python -m scripts.measurement_page docs/measurements.md`.
`ovcf measurements --json` prints the same for a program, and `ovcf schema assessment` names every id.
[Add a measurement](how-to/add-a-measurement.md) says how to declare one; [Methods](methods.md) how each is computed.

Bold: also in the summary of a report. Lengths are in pixels where an image is not calibrated. A measurement that cannot
be made is withheld with its reason, never 0.
"""
_PARTS = {
    "landmarks": "## Shape, from the landmarks of one image",
    "marrow": "## Signal, from the marrow of one MR series",
    "outlines": "## Outlines, against intact neighbours",
}


def page() -> str:
    """The whole page."""
    lines = [_HEAD]
    for needs, title in _PARTS.items():
        lines += [title, "", "| Id | Measurement | Unit | Needs | Of | Sources |", "|---|---|---|---|---|---|"]
        lines += [_row(one) for one in published().values() if one.needs == needs]
        lines.append("")
    return "\n".join(lines)


def _row(one: Published) -> str:
    sources = "; ".join(f"`{id_}` ({evidence(id_).mark.value})" for id_ in one.evidence)
    name = f"**{one.name}**" if "summary" in one.printed else one.name
    made = f", with the finding “{one.finding}”" if one.finding else ""
    return f"| `{one.id}` | {name}: {one.definition} | {unit_of(one)} | {needs_of(one)} | {one.of}{made} | {sources} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
