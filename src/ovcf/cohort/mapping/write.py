"""A mapping, or any dictionary, as a file that can be edited and given again."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ovcf.cohort.data.dictionary import OPEN, Dictionary, Role, Variable
from ovcf.plain_text import clean

if TYPE_CHECKING:
    from ovcf.cohort.mapping.guess import Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def mapping_text(mapping: Mapping, own: Dictionary | None = None) -> str:
    """The dictionary of a mapping as TOML, each guess with what to look at; what ``own`` describes stands first."""
    whole = mapping.dictionary()
    lines = [
        "# Which column of your table is which. Correct what is wrong, delete what you do not want.",
        "# [column of ovcf], heading: yours; factor: what your numbers are multiplied by to give the unit;",
        '# levels: what stands in your table = what it means. A "?" must be answered.',
        "",
    ]
    extra = [c for c in whole.missing_codes if c not in Dictionary(()).missing_codes]
    if extra:
        lines.append(f"missing_codes = {_list(extra)}")
    lines.append(f"ignored = {_list(mapping.ignored)}  # headings that are not used")
    if whole.decimal_comma or (own and own.decimal_comma):
        lines.append("decimal_comma = true")
    for v in own.variables if own else ():
        lines += ["", *dictionary_lines(v)]
    for g in mapping.guesses:
        look = "; ".join(d.value for d in g.doubts)
        lines += [
            "",
            *([f"# Look here: {look}. Values: {_shown(g.examples)}"] if look else []),
            *dictionary_lines(g.variable),
        ]
    return "\n".join(lines) + "\n"


def dictionary_lines(v: Variable) -> list[str]:
    """One column of a dictionary as lines of TOML."""
    lines = [f"[{_key(v.name)}]"]
    if v.source != v.name:
        lines.append(f"heading = {_text(v.heading)}")
    lines.append(f'type = "{v.type.value}"')
    lines += [f"{key} = {_text(text)}" for key, text in (("label", v.label), ("unit", v.unit)) if text]
    if v.factor != 1:
        lines.append(f"factor = {v.factor!r}")
    if v.low is not None and v.high is not None:
        lines.append(f"range = [{v.low:g}, {v.high:g}]")
    if v.role is not Role.OTHER:
        lines.append(f'role = "{v.role.value}"')
    if v.levels:
        if all(code == label for code, label in v.levels):
            return [*lines, f"levels = {_list([label for _, label in v.levels])}", *["required = true"] * v.required]
        pairs = ", ".join(f"{_key(code)} = {_text(label)}" for code, label in v.levels)
        asked = "" if OPEN not in dict(v.levels).values() else f"  # each one of: {', '.join(v.allowed)}"
        lines.append(f"levels = {{ {pairs} }}{asked}")
    if v.required:
        lines.append("required = true")
    return lines


def _shown(texts: tuple[str, ...]) -> str:
    return clean(", ".join(texts)).replace("\n", " ")


def _list(texts: tuple[str, ...] | list[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    return json.dumps(clean(text).replace("\x7f", ""), ensure_ascii=False)
