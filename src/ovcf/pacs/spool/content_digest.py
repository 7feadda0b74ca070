"""What an instance says, as one digest: equal for equal content, whichever uncompressed syntax it was sent in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import RawDataElement

if TYPE_CHECKING:
    from pydicom import Dataset

_FILE_META, _TRAILING_PADDING = 0x0002, 0xFFFCFFFC


def content_digest(ds: Dataset) -> str:
    """SHA-256 over tags and value bytes, sequences item by item; not over VRs, lengths or the file's own head.

    Explicit and implicit little endian give the same digest. An image that was compressed on the way has another one.
    """
    digest = hashlib.sha256()
    _add(digest, ds)
    return digest.hexdigest()


def _add(digest: Any, ds: Dataset) -> None:
    for tag in sorted(ds.keys()):
        if tag.group == _FILE_META or tag.element == 0 or int(tag) == _TRAILING_PADDING:
            continue
        item = ds.get_item(tag)
        digest.update(b"T%d" % int(tag))
        if _is_sequence(item):
            for inner in ds[tag].value or ():
                digest.update(b"(")
                _add(digest, inner)
                digest.update(b")")
        else:
            value = item.value if item is not None else b""
            told = value if isinstance(value, bytes) else b"" if value is None else str(value).encode()
            digest.update(b"V%d:" % len(told))
            digest.update(told)


def _is_sequence(item: Any) -> bool:
    vr = item.VR
    if isinstance(item, RawDataElement) and vr in (None, "UN") and dictionary_has_tag(item.tag):
        vr = dictionary_VR(item.tag)
    return bool(vr == "SQ")
