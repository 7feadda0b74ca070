"""The packages of the extra ``pacs``, asked for before anything is done."""

from __future__ import annotations

from importlib.util import find_spec

from ovcf.errors import MissingExtraError


def need_pacs() -> None:
    """Make sure that pynetdicom and dicomweb-client are there.

    Raises:
        MissingExtraError: one of them is not installed.
    """
    for module, package in (("pynetdicom", "pynetdicom"), ("dicomweb_client", "dicomweb-client")):
        if find_spec(module) is None:
            raise MissingExtraError(
                package,
                "is needed to speak with a picture archive and is not installed",
                'Install the extra "pacs": pip install ".[pacs]" in the folder of the source.',
            )
