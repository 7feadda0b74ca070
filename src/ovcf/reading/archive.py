"""A zip archive that takes over, as they lie, the members it shares with an older one: nothing is packed twice."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from copy import copy

_EPOCH = (1980, 1, 1, 0, 0, 0)
_HEADER = 30
"""Bytes of a member's own header before its name."""


class Archive:
    """Members are added one after the other; equal members in equal order give equal bytes, taken over or not."""

    def __init__(self, older: bytes = b"") -> None:
        self._out = io.BytesIO()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._older = older
        self._there: dict[str, zipfile.ZipInfo] = {}
        if older:
            try:
                with zipfile.ZipFile(io.BytesIO(older)) as archive:
                    self._there = {info.filename: info for info in archive.infolist()}
            except (zipfile.BadZipFile, OSError):
                self._there = {}

    def add(self, name: str, data: bytes) -> None:
        """One member; pictures are packed already."""
        kind = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
        known = self._there.get(name)
        same = known and (known.CRC, known.file_size, known.compress_type) == (zlib.crc32(data), len(data), kind)
        if known and same:
            self._take_over(known)
            return
        info = zipfile.ZipInfo(name, _EPOCH)
        info.external_attr = 0o600 << 16
        self._zip.writestr(info, data, compress_type=kind)

    def _take_over(self, known: zipfile.ZipInfo) -> None:
        at = known.header_offset
        name, extra = struct.unpack_from("<HH", self._older, at + _HEADER - 4)
        packed = at + _HEADER + name + extra
        info = copy(known)
        info.header_offset = self._out.tell()
        self._out.write(info.FileHeader(zip64=False))
        self._out.write(self._older[packed : packed + known.compress_size])
        self._zip.filelist.append(info)
        self._zip.NameToInfo[info.filename] = info
        self._zip.start_dir = self._out.tell()

    def done(self) -> bytes:
        """The archive as a whole."""
        self._zip._didModify = True  # type: ignore[attr-defined]  # else an archive that is all taken over has no end
        self._zip.close()
        return self._out.getvalue()
