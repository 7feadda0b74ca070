"""Digital patients made once for all workers of one run of pytest, in a folder that they share."""

import hashlib
import os

from ovcf.files.lock import locked
from ovcf.phantom.patient import make_patient

WAIT_S = 300.0


def made_patient(recipe, tmp_path_factory, **how):
    """The visits' folders of a digital patient, as :func:`make_patient` gives them; nothing may be written there."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "digital-patients"
    shared.mkdir(exist_ok=True)
    folder = shared / hashlib.sha256(repr((recipe, sorted(how.items()))).encode()).hexdigest()[:16]
    with locked(folder.with_suffix(".lock"), wait_s=WAIT_S):
        if not folder.exists():  # a patient is there as a whole or not at all
            make_patient(recipe, folder, **how)
    return tuple(sorted(path for path in folder.iterdir() if path.is_dir()))
