"""The key file: which pseudonym stands for whom. With it dates and UIDs of a later export fit those of an earlier one.

It leads back to the patients and must be kept as they are: apart from what is given away.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.errors import ClinicalDataError, UnreadableFileError
from ovcf.files.result_file import write_file
from ovcf.workflow.deidentify import Pseudonym

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORMAT = 1
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH = 8


@dataclass
class KeyFile:
    """Pseudonyms by whom they stand for. What is new is on the disk only after :meth:`save`."""

    path: Path
    known: dict[str, Pseudonym] = field(default_factory=dict)
    changed: bool = False

    @classmethod
    def open(cls, path: Path, *, apart_from: Iterable[Path] = ()) -> KeyFile:
        """The key file of that name, or a new one.

        Raises:
            ClinicalDataError: it would lie in a folder that it must be ``apart_from``, as what is given away.
            UnreadableFileError: it is no key file.
        """
        path = path.expanduser().absolute()
        for folder in apart_from:
            if folder.expanduser().resolve() in (path.parent.resolve(), *path.parent.resolve().parents):
                raise ClinicalDataError(path, f"lies in {folder}, and would be given away with it", "Keep it apart.")
        if not path.exists():
            return cls(path)
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["ovcf key file"] != _FORMAT:
                raise KeyError("another format")
            known = {
                whom: Pseudonym(one["name"], int(one["shift_days"]), bytes.fromhex(one["key"]))
                for whom, one in found["patients"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ClinicalDataError):
            raise UnreadableFileError(path, "is no key file of ovcf", "Choose another name for a new one.") from None
        return cls(path, known)

    def of(self, whom: str) -> Pseudonym:
        """The pseudonym of a patient; a new one for who is not in the file."""
        if whom not in self.known:
            self.known[whom] = Pseudonym("X-" + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)))
            self.changed = True
        return self.known[whom]

    def save(self) -> None:
        """Write it, readable by its owner only, before anything that needs it is given away.

        Raises:
            OutputError: it cannot be written.
        """
        if self.changed or not self.path.exists():
            patients = {
                whom: {"name": p.name, "shift_days": p.shift_days, "key": p.key.hex()} for whom, p in self.known.items()
            }
            text = json.dumps({"ovcf key file": _FORMAT, "patients": patients}, indent=1, ensure_ascii=False)
            write_file(self.path, text.encode(), replace=True)
            self.changed = False
