"""``ovcf schema``: the JSON Schema of the files that ovcf reads and writes."""

from __future__ import annotations

from typing import Literal

from ovcf.cli.streams import say_json


def schema(
    of: Literal["assessment", "case", "engines", "landmarks", "measurements", "scores"] = "assessment", /
) -> None:
    """Print a JSON Schema (draft 2020-12).

    Args:
        of: assessment (what `ovcf assess` writes), case (the clinical file), landmarks (a landmark file), or what
            `ovcf engines --json`, `ovcf measurements --json` and `ovcf score list --json` print (engines,
            measurements, scores).
    """
    import json

    from pydantic import TypeAdapter

    if of == "assessment":
        from ovcf.report.assessment_schema import json_schema

        found = json_schema()
    elif of == "case":
        from ovcf.clinical.case import ClinicalCase

        found = TypeAdapter(ClinicalCase).json_schema()
    elif of == "engines":
        from ovcf.segmentation.engine import Published as Engine

        found = TypeAdapter(dict[str, Engine]).json_schema()
    elif of == "measurements":
        from ovcf.measures.registry import Published as Measured

        found = TypeAdapter(dict[str, Measured]).json_schema()
    elif of == "scores":
        from ovcf.scores.registry import Published

        found = TypeAdapter(dict[str, Published]).json_schema()
    else:
        from ovcf.segmentation.points.landmark_file import landmark_schema

        found = landmark_schema()
    say_json(json.dumps(found, indent=2, ensure_ascii=False))
