"""What takes long to make is made once for all workers of one run of pytest, in a folder that they share."""

import hashlib
import os

from ovcf.files.lock import locked
from ovcf.phantom.patient import make_patient

WAIT_S = 300.0


def made_once(name, tmp_path_factory, make):
    """What ``make(path)`` makes at a path, and whole or not at all; nothing may be written there by anybody else."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "made-once"
    shared.mkdir(exist_ok=True)
    place = shared / hashlib.sha256(name.encode()).hexdigest()[:16]
    with locked(place.with_suffix(".lock"), wait_s=WAIT_S):
        if not place.exists():
            make(place)
    return place


def made_patient(recipe, tmp_path_factory, **how):
    """The visits' folders of a digital patient, as :func:`make_patient` gives them."""
    folder = made_once(
        repr((recipe, sorted(how.items()))), tmp_path_factory, lambda path: make_patient(recipe, path, **how)
    )
    return tuple(sorted(path for path in folder.iterdir() if path.is_dir()))
