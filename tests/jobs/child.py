"""What a worker starts in these tests in place of an assessment: it speaks as ``ovcf.jobs.child`` does.

``python -m tests.jobs.child HOW FOLDER``; HOW is good, error, crash, hang or hungry.
"""

import json
import os
import sys
import time
import uuid
from dataclasses import replace
from pathlib import Path

from ovcf.jobs.child import _live_no_longer_than_the_parent, _tell


def main(how, folder):
    _live_no_longer_than_the_parent()
    _tell("Begun")
    if how == "hang":
        time.sleep(60)
    if how == "slow":
        time.sleep(1.0)
    if how == "crash":
        os.abort()
    if how == "hungry":
        held = [bytearray(b"x" * 2**20) for _ in range(200)]
        time.sleep(60)
        return held
    if how == "error":
        told = {
            "where": "film.png",
            "problem": "holds no spine",
            "remedy": "Send another.",
            "code": "as said",
            "arguments": {},
        }
        (folder / "result.json").write_text(json.dumps({"error": told}))
        return None
    from ovcf.reading.file import to_bytes
    from tests.server.small_reading import small_reading

    file = small_reading()
    file = replace(file, reading=replace(file.reading, id=uuid.uuid4().hex))
    (folder / "reading.ovcf").write_bytes(to_bytes(file))
    seen = sorted(str(p.relative_to(folder / "files")) for p in (folder / "files").rglob("*") if p.is_file())
    (folder / "result.json").write_text(json.dumps({"study_uid": "1.2.3", "acquired_on": "2025-01-07", "saw": seen}))
    return None


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
