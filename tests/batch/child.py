"""What a worker keeps in these tests in place of an assessment: it speaks as ``ovcf.batch.work.child`` does.

How it ends a study is told by the names of the files in the study's folder: ``crash``, ``hang``, ``hungry``,
``refuse``, ``slow``; ``once`` crashes unless ``tried`` is there, which it leaves. Else it gives the rows of a small
reading, which lie as JSON in the file of the first argument. With a second one it writes a line to that file for every
study that it begins.
"""

import json
import os
import sys
import time
from pathlib import Path


def main(rows, log):
    tell(ready=True)
    for line in sys.stdin:
        job = json.loads(line)
        study = Path(job["paths"][0])
        names = {path.name for path in study.iterdir()}
        if log:
            with log.open("a") as file:
                file.write(f"{study.name}\n")
        result = ended_by(names, study) or {"rows": rows}
        (Path(job["folder"]) / "result.json").write_text(json.dumps(result))
        tell(done=True)


def tell(**said):
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def ended_by(names, study):
    if "crash" in names:
        os.abort()
    if "once" in names and not (study.parent / f"{study.name}-tried").exists():
        (study.parent / f"{study.name}-tried").touch()
        os.abort()
    if "hang" in names:
        time.sleep(60)
    if "slow" in names:
        time.sleep(0.4)
    if "hungry" in names:
        held = bytearray(b"x" * 2**29)
        time.sleep(60)
        return held
    if "refuse" in names:
        return {"refused": {"problem": "image.png: shows no spine", "remedy": "Send another."}}
    return None


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
