"""What takes long is done once: for all workers of one run of pytest, in a folder that they share, or in a module."""

import hashlib
import os
import pickle
from functools import wraps

import pytest

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


def once(function):
    """The same function, which does not work twice on what is the same to the last bit."""
    known = {}

    @wraps(function)
    def kept(*given, **named):
        told = [id(one) if callable(one) else one for one in given], sorted(named.items())  # a network is never copied
        at = hashlib.blake2b(pickle.dumps(told)).digest()
        if at not in known:
            known[at] = function(*given, **named)
        return known[at]

    return kept


@pytest.fixture(scope="module")
def looked_at_once():
    """Within a module the shipped models look at each image once; what follows from that is worked out anew."""
    from ovcf.segmentation.engines import builtin
    from ovcf.segmentation.film import radiograph
    from ovcf.segmentation.network import closer_look

    with pytest.MonkeyPatch.context() as patch:
        for name in ("slice_maps", "fused", "closer_look"):
            kept = once(getattr(closer_look, name))
            for user in (builtin, radiograph, closer_look):
                patch.setattr(user, name, kept)
        yield
