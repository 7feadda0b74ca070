"""``ovcf deidentify-images``: a folder of DICOM images without what tells whose they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.cli.streams import say

if TYPE_CHECKING:
    from ovcf.workflow.confidential.folder import Done

KIND = "de-identified images"
_SHOWN = 20


def deidentify_images(*images: Path, out: Path, key_file: Path) -> None:
    """Write DICOM images again without names, numbers, places and free text; dates are moved, UIDs are replaced.

    By the Basic Application Level Confidentiality Profile of DICOM PS3.15. Kept are sex, age (up to 90), pixels,
    geometry and how the image was taken. Names burned into pixels stay: look at the images that are named as such.
    Structured reports, documents and whatever else is no image is left out, and named. Needs the extra `dicom`.

    Try

        ovcf deidentify-images study/ --out given-away --key-file keys/study.json

    Args:
        images: Folders, zips or files.
        out: Folder for the images, as PSEUDONYM/study-N/series-N/image-N.dcm; an earlier result there is replaced.
        key_file: Where it is kept which pseudonym stands for whom. Made if it is not there; give the same for later
            images of the same patients, so that dates and UIDs fit. Never give it away.
    """
    from ovcf.files.result_folder import ResultFolder
    from ovcf.workflow.confidential.folder import deidentify_folder
    from ovcf.workflow.confidential.key_file import KeyFile

    folder = ResultFolder.at(out, KIND, (*images, key_file))
    keys = KeyFile.open(key_file, apart_from=(out, *(path for path in images if path.is_dir())))
    with folder.staged() as stage:
        done = deidentify_folder(images, stage, keys)
        keys.save()
    say(f"{out}: {done.written} images of {_people(done.patients)}")
    say_what_to_look_at(done)
    say(f"{key_file} says whose they are: keep it apart.")


def say_what_to_look_at(done: Done) -> None:
    """What was left out, and which pixels a person must look at."""
    for title, lines in (
        ("Left out", [f"{name}: {why}" for name, why in done.left_out]),
        ("Look at these: names may be burned into their pixels", list(done.to_look_at)),
    ):
        if lines:
            say(f"{title} ({len(lines)}):")
            for line in lines[:_SHOWN]:
                say(f"  {line}")
            if len(lines) > _SHOWN:
                say(f"  and {len(lines) - _SHOWN} more")


def _people(count: int) -> str:
    return "1 patient" if count == 1 else f"{count} patients"
