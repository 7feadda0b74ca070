"""The package of the extra ``fhir``, asked for before anything is made."""

from __future__ import annotations

from importlib.util import find_spec

from ovcf.errors import MissingExtraError


def need_fhir() -> None:
    """Make sure that fhir.resources is there.

    Raises:
        MissingExtraError: it is not installed.
    """
    if find_spec("fhir") is None or find_spec("fhir.resources") is None:
        raise MissingExtraError(
            "fhir.resources",
            "is needed to write and read FHIR and is not installed",
            'Install the extra "fhir": pip install ".[fhir]" in the folder of the source.',
        )
