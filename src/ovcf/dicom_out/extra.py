"""The package of the extra ``dicom``, asked for before anything is made."""

from __future__ import annotations

from importlib.util import find_spec

from ovcf.errors import MissingExtraError


def need_highdicom() -> None:
    """Make sure that highdicom is there.

    Raises:
        MissingExtraError: it is not installed.
    """
    if find_spec("highdicom") is None:
        raise MissingExtraError(
            "highdicom",
            "is needed to write and read DICOM reports and is not installed",
            'Install the extra "dicom": pip install ".[dicom]" in the folder of the source.',
        )
