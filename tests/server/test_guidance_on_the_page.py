"""Guidance on the page: what the report says, with its sources; what must be seen stands above it."""

import json

from ovcf.reading.file import read_reading
from ovcf.report.of_reading import json_of


def test_every_statement_of_the_report_stands_on_the_page_once_with_its_sources(client, path, post):
    post("edits", kind="enter fact", field="neurology.motor_weakness", value=True)
    view = client.get("/api/reading").json()
    report = json.loads(json_of(read_reading(path)))
    urgent, others = ({one["id"] for one in view[part]} for part in ("urgent", "guidance"))
    assert urgent | others == {one["id"] for one in report["guidance"]}
    assert not urgent & others
    cited = {r["id"]: r["citation"] for r in report["references"]}
    for told in report["guidance"]:
        shown = next((g for g in view["guidance"] if g["id"] == told["id"]), None)
        if shown is not None:
            assert [s["citation"] for s in shown["sources"]] == [cited[e] for e in told["evidence"]]
