"""``ovcf export patient``: everything of one patient, for them or, without what tells who they are, for research."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from ovcf.cli.registry.deidentify_images import say_what_to_look_at
from ovcf.cli.streams import say
from ovcf.errors import RegistryError

app = App(name="export", help="Give away what the registry holds of one patient; the audit says that it was done.")
KIND = "one patient of the registry"


@app.command
def patient(
    code: str,
    *,
    out: Path,
    deidentify: bool = False,
    key_file: Path | None = None,
    as_: Annotated[str | None, Parameter(name="--as", help="Code of the person who acts.")] = None,
) -> None:
    """Write one patient into a folder: patient.json with every fact and its history, readings, images.

    With --deidentify by DICOM PS3.15: another pseudonym, dates moved, UIDs and ids replaced, no names, free text,
    readers or times of day; what is no image, and images that say that names are burned into them, are left out and
    named. Who withdrew consent to research is refused.

    Try

        ovcf export patient P-007 --out for-the-patient

        ovcf export patient P-007 --out given-away --deidentify --key-file keys/study.json

    Args:
        code: The pseudonym in the registry.
        out: The folder; an earlier export there is replaced.
        deidentify: For research: without what tells who the patient is.
        key_file: With --deidentify, where it is kept which pseudonym stands for whom. Made if it is not there; give
            the same for a later export, so that dates and UIDs fit. Never give it away.
    """
    from ovcf.cli.registry.opened import open_registry
    from ovcf.exchange.patient.export import export_patient
    from ovcf.files.result_folder import ResultFolder
    from ovcf.registry.access import principal_of
    from ovcf.registry.place import data_folder
    from ovcf.registry.service import person_named
    from ovcf.workflow.confidential.key_file import KeyFile

    if deidentify is not (key_file is not None):
        raise RegistryError("--deidentify", "and --key-file belong together", "Give both or none.")
    folder = ResultFolder.at(out, KIND, () if key_file is None else (key_file,))
    registry = open_registry()
    try:
        keys = None if key_file is None else KeyFile.open(key_file, apart_from=(out, data_folder()))
        with registry.reading() as session:
            who = principal_of(session, person_named(session, as_))
        with folder.staged() as stage:
            done = export_patient(registry, who, code, stage, keys)
    finally:
        registry.close()
    counts = ((done.rows, "row"), (done.readings, "reading"), (done.images.written, "image"))
    say(f"{out}: " + ", ".join(f"{n} {what}{'' if n == 1 else 's'}" for n, what in counts))
    say_what_to_look_at(done.images)
    if key_file is not None:
        say(f"{key_file} says whose they are: keep it apart.")
