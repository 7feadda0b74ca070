"""Text, JSON and TOML from files that may be anything: within the budget, and with one meaning only."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from ovcf.budget import MAX_DEPTH, MAX_DIGITS, MAX_TEXT_BYTES
from ovcf.errors import MissingFileError, OvcfError, UnreadableFileError

_TOML_TEXT = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|' + r"'''.*?'''" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'" + r"|#[^\n]*", re.DOTALL
)
"""Strings and comments of TOML."""
_GB_PAIRS = re.compile(rb"(?:[\xa1-\xa3\xb0-\xf7][\xa1-\xfe])+")
"""Runs of signs and characters of GB 2312, of which GB 18030 is an extension."""
_UNDERSCORED = re.compile(r"[=,\[]\s*([+-]?\d[\d.eE+-]*_[\w.+-]*)\s*(?=[,\]}\n#]|\Z)")
_LINE_OF_DOTS = re.compile(r"[^,=\n\[\]{}]*")


def kind_of(path: Path) -> Literal["file", "folder", "device", "nothing"]:
    """What a path leads to; a name that no file can have leads nowhere. Devices and pipes have no end."""
    try:
        if path.is_dir():
            return "folder"
        return "file" if path.is_file() else "device" if path.exists() else "nothing"
    except (OSError, ValueError):  # too long a name, a null byte, a folder that may not be entered
        return "nothing"


def read_bytes(path: Path, *, limit: int = MAX_TEXT_BYTES, remedy: str = "Check the path.") -> bytes:
    """The content of an ordinary file of at most ``limit`` bytes; devices and pipes have no end and are refused.

    Raises:
        MissingFileError: there is no such file. UnreadableFileError: it may not be read, or is too large.
    """
    kind = kind_of(path)
    if kind != "file":
        if kind == "nothing":
            raise MissingFileError(path, "does not exist", remedy)
        raise UnreadableFileError(path, f"is a {kind}, not a file", remedy)
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise UnreadableFileError(path, f"cannot be read ({error.strerror})", remedy) from None
    if len(content) > limit:
        raise UnreadableFileError(path, f"is too large (more than {limit:,} bytes)", remedy)
    return content


def read_text(path: Path, *, limit: int = MAX_TEXT_BYTES, remedy: str = "Give a UTF-8 text file.") -> str:
    """The text of a file in UTF-8, without a byte order mark; raises as :func:`read_bytes`, and for other encodings."""
    try:
        return read_bytes(path, limit=limit, remedy=remedy).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(path, f"is not a text file in UTF-8 (byte {error.start})", remedy) from None


def decode_table(content: bytes) -> str:
    """The text of a table that a spreadsheet program saved: UTF-8, UTF-16 with its mark, GB 18030 as Excel in Chinese
    saves CSV, or Latin-1.

    Latin-1 gives every byte a letter, so GB 18030 is looked for first. Its common characters are pairs of high bytes,
    and stand together; a Western letter beyond ASCII stands alone among plain ones.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    pairs = sum(len(run) // 2 for run in _GB_PAIRS.findall(content))
    if 2 * pairs > 0.9 * sum(byte >= 0x80 for byte in content):
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return content.decode("latin-1")


def parse_json(
    text: str, where: object, *, remedy: str = "Correct it.", twice: type[OvcfError] = UnreadableFileError
) -> Any:
    """JSON in which no field is given twice; ``twice`` is the error where one is.

    Raises:
        UnreadableFileError: not JSON, or deeper or with longer numbers than any file of ours; names the line.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            name = counts.most_common(1)[0][0]
            raise twice(f"{where}: {name[:60]}", "is given twice", "Keep one of the two.")
        return found

    def whole(digits: str) -> int:
        if len(digits) > MAX_DIGITS:
            raise UnreadableFileError(where, f"has a number of {len(digits)} digits", remedy)
        return int(digits)

    try:
        found = json.loads(text, object_pairs_hook=once, parse_int=whole)
    except json.JSONDecodeError as error:
        raise UnreadableFileError(f"{where}, line {error.lineno}", f"is not valid JSON ({error.msg})", remedy) from None
    except RecursionError:
        raise UnreadableFileError(where, "is nested too deeply", remedy) from None
    _check_values(found, where, remedy)
    return found


def parse_toml(text: str, where: object, *, remedy: str = "Correct it.") -> dict[str, Any]:
    """TOML whose numbers are written as people write them: ``1_0``, which TOML reads as 10, is refused.

    Raises:
        UnreadableFileError: not TOML, or deeper or with longer numbers than any file of ours; names the line.
    """
    bare = _TOML_TEXT.sub("", text.replace("\r\n", "\n"))
    if found := _UNDERSCORED.search(bare):
        raise UnreadableFileError(where, f"has the number {found[1][:40]}", "Write digits without an underscore.")
    # The parser's time and memory grow with the square of a dotted key's length.
    if max(part.count(".") for part in _LINE_OF_DOTS.findall(bare)) > MAX_DEPTH:
        raise UnreadableFileError(where, "is nested too deeply", remedy)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        end = f"at line {text.count(chr(10)) + 1}, the end of the file"
        why = str(error).replace("at end of document", end)
        raise UnreadableFileError(where, f"is not TOML: {why[:300]}", remedy) from None
    except RecursionError:
        raise UnreadableFileError(where, "is nested too deeply", remedy) from None
    except ValueError as error:  # a number longer than Python converts, an impossible date
        raise UnreadableFileError(where, f"is not TOML: {str(error)[:200]}", remedy) from None
    _check_values(tables, where, remedy)
    return tables


def _check_values(found: Any, where: object, remedy: str) -> None:
    """Refuse what is nested too deeply, and whole numbers too long to print."""
    level = [found]
    for _ in range(MAX_DEPTH):
        if any(isinstance(x, int) and abs(x) >= 10**MAX_DIGITS for x in level):
            raise UnreadableFileError(where, f"has a number of more than {MAX_DIGITS} digits", remedy)
        level = [inner for x in level for inner in _inside(x)]
        if not level:
            return
    raise UnreadableFileError(where, "is nested too deeply", remedy)


def _inside(found: Any) -> list[Any]:
    if isinstance(found, Mapping):
        return list(found.values())
    return found if isinstance(found, list) else []
