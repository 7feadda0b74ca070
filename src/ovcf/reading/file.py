"""``reading.ovcf``: one reading with its observations and pictures in one file, written and read back.

A zip archive (docs/reading-file.md): ``reading.json`` holds the versions, ``observations/NAME.json`` what was seen, its
arrays beside it as ``.npy`` and how its sentences were made as ``.words.json``, ``pictures.json`` and
``pictures/*.png`` what a reader looks at. NAME is the first half of the SHA-256 of the observations, arrays included.
Equal readings give equal bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.errors import MissingFileError, UnreadableFileError
from ovcf.files.result_file import write_file
from ovcf.imaging.study import Patient
from ovcf.language.worded import say
from ovcf.reading.archive import Archive
from ovcf.reading.observations import FORMAT, LandmarkSet, MarrowSamples, Observations, ObservedSeries, Unseen
from ovcf.reading.observing.pictures import Picture
from ovcf.reading.sentences import sentences_of, with_sentences
from ovcf.reading.version import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from pydantic import TypeAdapter

    from ovcf.reading.at_signing import AtSigning

FILE_FORMAT = "1"
_SENTENCES = ".words.json"
READING = "reading.ovcf"
"""What the file is called beside a report."""
_MAX_BYTES = 400_000_000
"""Of all members together: far more than a study needs, far less than a bomb unpacks to."""
_ARRAYS = ("voxels", "affine", "labels", "canal")
_TYPED: dict[str, Any] = {
    "patient": Patient,
    "series": tuple[ObservedSeries, ...],
    "landmarks": tuple[LandmarkSet, ...],
    "withheld": tuple[Unseen, ...],
}
"""The parts of observations that are more than numbers and words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingFile:
    """What a file holds. ``observations`` are those of every version, by digest.

    ``at_signing`` is no part of the file: the numbers that a registry kept, where another release signed.
    """

    reading: Reading
    observations: Mapping[str, Observations]
    pictures: tuple[Picture, ...] = ()
    at_signing: AtSigning | None = None

    @property
    def current(self) -> Observations:
        """The observations of the newest version."""
        return self.observations[self.reading.current.observations]


def write_reading(file: ReadingFile, path: Path) -> None:
    """Write the file whole or not at all.

    Raises:
        OutputError: it cannot be written there.
    """
    older = path.expanduser()
    write_file(path, to_bytes(file, older.read_bytes() if older.is_file() else b""), replace=True)


def read_reading(path: Path) -> ReadingFile:
    """Read what :func:`write_reading` wrote.

    Raises:
        MissingFileError: there is no such file.
        UnreadableFileError: it is no reading, of another format, or damaged.
    """
    if not path.is_file():
        raise MissingFileError(path, "is not a file", "Give the reading.ovcf that `ovcf assess` wrote.")
    return from_bytes(path.read_bytes(), str(path))


def to_bytes(file: ReadingFile, older: bytes = b"") -> bytes:
    """The archive in memory; what is the same in an ``older`` one is not packed again."""
    archive = Archive(older)
    archive.add("reading.json", _json({"format": FILE_FORMAT, **_dumped(Reading, file.reading)}))
    for name, observations in file.observations.items():
        for member, data in _members(observations):
            archive.add(f"observations/{name}{member}", data)
        if said := sentences_of(observations):
            archive.add(f"observations/{name}{_SENTENCES}", _json(said))
    listed = [{f.name: getattr(p, f.name) for f in fields(p) if f.name != "png"} for p in file.pictures]
    archive.add("pictures.json", _json(listed))
    for n, picture in enumerate(file.pictures):
        archive.add(f"pictures/{n}.png", picture.png)
    return archive.done()


def head_of(file: ReadingFile, base: str) -> bytes:
    """The versions alone, as JSON: for a store that keeps many states of one reading, and what was seen only once.

    ``base`` names the archive that holds the observations and pictures; :func:`from_bytes` takes both together.
    """
    told = {"format": FILE_FORMAT, "base": base, **_dumped(Reading, file.reading)}
    # One line is written ten times faster than many.
    return json.dumps(told, sort_keys=True, ensure_ascii=False).encode()


def base_of(data: bytes) -> str | None:
    """What :func:`head_of` was told; None for an archive, which needs no other."""
    if not data.startswith(b"{"):
        return None
    found: str | None = json.loads(data).get("base")
    return found


def from_bytes(data: bytes, name: str, head: bytes | None = None) -> ReadingFile:
    """The file from its bytes; ``name`` is what errors call it. ``head`` are later versions of the same reading.

    Raises:
        UnreadableFileError: see :func:`read_reading`.
    """
    from pydantic import ValidationError

    remedy = "Give the reading.ovcf that `ovcf assess` wrote; if it is damaged, assess the study again."
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(i.file_size for i in archive.infolist()) > _MAX_BYTES:
                raise UnreadableFileError(name, "unpacks to an absurd size", remedy)
            told = json.loads(archive.read("reading.json") if head is None else head)
            found = told.pop("format", None) if isinstance(told, dict) else None
            if found != FILE_FORMAT:
                raise UnreadableFileError(
                    name,
                    say("has format {found!r}, this ovcf reads {file_format!r}", found=found, file_format=FILE_FORMAT),
                    remedy,
                )
            told.pop("base", None)
            reading: Reading = _adapter(Reading).validate_python(told)
            seen = {
                digest_: with_sentences(_observations(archive, digest_, name), _sentences(archive, digest_))
                for digest_ in dict.fromkeys(v.observations for v in reading.versions)
            }
            pictures = tuple(
                Picture(**_tupled(entry), png=archive.read(f"pictures/{n}.png"))
                for n, entry in enumerate(json.loads(archive.read("pictures.json")))
            )
    except UnreadableFileError:
        raise
    except (zipfile.BadZipFile, KeyError, ValueError, ValidationError, TypeError, EOFError, OSError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise UnreadableFileError(name, say("is not a reading ({why})", why=why), remedy) from None
    return ReadingFile(reading=reading, observations=seen, pictures=pictures)


def digest(observations: Observations) -> str:
    """Half of the SHA-256 of everything that was seen, arrays included."""
    total = hashlib.sha256()
    for member, data in _members(observations):
        total.update(member.encode() + b"\0" + data)
    return total.hexdigest()[:32]


def _members(observations: Observations) -> list[tuple[str, bytes]]:
    """The files that hold observations: their JSON, and beside it every array."""
    plain = {f.name: getattr(observations, f.name) for f in fields(observations)}
    plain |= {name: _adapter(kind).dump_python(plain[name], mode="json") for name, kind in _TYPED.items()}
    for one in plain["series"]:
        if one["stored"] is None:
            del one["stored"]  # so that observations made before it was kept have the digest they had
    plain["marrow"] = []
    arrays: list[tuple[str, bytes]] = []
    for n, samples in enumerate(observations.marrow):
        entry = {f.name: getattr(samples, f.name) for f in fields(samples) if f.name not in _ARRAYS}
        plain["marrow"].append(entry)
        for name in _ARRAYS:
            array: NDArray[np.generic] | None = getattr(samples, name)
            if array is not None:
                held = io.BytesIO()
                np.save(held, np.ascontiguousarray(array), allow_pickle=False)
                arrays.append((f".{n}.{name}.npy", held.getvalue()))
    return [(".json", _json(plain)), *arrays]


def _observations(archive: zipfile.ZipFile, digest_: str, name: str) -> Observations:
    head = json.loads(archive.read(f"observations/{digest_}.json"))
    if head.get("format") != FORMAT:
        raise UnreadableFileError(
            name,
            say(
                "holds observations of format {found!r}, this ovcf reads {ours!r}",
                found=head.get("format"),
                ours=FORMAT,
            ),
            "Assess the study again; the file itself is not changed.",
        )
    there = set(archive.namelist())
    marrow, once = [], {}
    for n, entry in enumerate(head.pop("marrow")):
        arrays = {}
        for kind in _ARRAYS:
            member = f"observations/{digest_}.{n}.{kind}.npy"
            # Series on one grid share their bodies: the same array once, and what follows from it is found once.
            content = archive.read(member) if member in there else None
            if content is not None and content not in once:
                once[content] = np.load(io.BytesIO(content), allow_pickle=False)
            arrays[kind] = None if content is None else once[content]
        marrow.append(MarrowSamples(**{**_tupled(entry), **arrays}))
    typed = {name: _adapter(kind).validate_python(head.pop(name)) for name, kind in _TYPED.items()}
    made = Observations(**_tupled(head), **typed, marrow=tuple(marrow))
    if digest(made) != digest_:
        raise UnreadableFileError(name, "holds observations that were changed", "Assess the study again.")
    return made


def _sentences(archive: zipfile.ZipFile, digest_: str) -> object:
    """How the sentences were made; nothing for a file from before that was kept."""
    member = f"observations/{digest_}{_SENTENCES}"
    return json.loads(archive.read(member)) if member in archive.namelist() else None


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode()


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _dumped(kind: Any, value: object) -> dict[str, Any]:
    plain: dict[str, Any] = _adapter(kind).dump_python(value, mode="json")
    return plain


def _tupled(entry: Mapping[str, Any]) -> dict[str, Any]:
    """JSON's lists as tuples."""

    def deep(value: Any) -> Any:
        return tuple(map(deep, value)) if isinstance(value, list) else value

    return {key: deep(value) for key, value in entry.items()}
