"""Write every score and rule in one table: ``python -m scripts.evidence_page docs/scores-and-rules.md``."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import ovcf.guidance.rules
from ovcf.guidance.evidence import Evidence, Figure, evidence, load_evidence
from ovcf.guidance.rule import Rule
from ovcf.scores.registry import published

_HEAD = """---
hide:
  - navigation
  - toc
---

# Scores and rules

Made from the declarations and the evidence by `python -m scripts.evidence_page docs/scores-and-rules.md`.

What each score and rule says, for whom, from which figures, how these were read, and what it is not for. A source is
**read** where the document itself was at hand; else **from an abstract or secondary page**, **derived** by recomputing
printed figures, **not verified in a source**, or a **project rule** of ovcf without a study behind it. A figure that
was read otherwise than its source says so. Where the figures of a paper do not add up, or sources contradict each
other, the row names it (INC), and [the last table](#contradictions) tells what was found and what is done.

Every score is `ovcf score ID`, stands in [the calculator](how-to/calculator.md), and is worked out for a table of
patients by `ovcf cohort score ID`. [Scores](scores.md) has the inputs, limits and points. `ovcf evidence show ID`
prints an entry whole.
"""
_OF_THEIR_OWN = {
    "han-2025": ("nasovcf", "nasovcf_outcomes"),
    "han-2025-claims": ("follow_up", "augmentation"),
    "han-2025-table-1": (),
    "kadri-2025": ("vbq", "bone_quality", "follow_up"),
    "nagao-2025": ("edema", "t2_advisory"),
    "unc-case": ("augmentation",),
    "voormolen-2006": ("edema", "follow_up"),
    "unc-modalities": ("imaging_next",),
}
"""Sources of many figures, by the rows that are about these; elsewhere they are cited for one thing alone."""
_MOST = 12
"""Figures of one source in a cell; the entry has all."""
_LONGEST = 100
"""Letters of a figure in words that fit a table, where an entry has no numbers; `ovcf evidence show ID` has all."""


def page() -> str:
    """The whole page."""
    parts = [_HEAD, "## Scores\n", *_TABLE]
    for id_, one in sorted(published().items()):
        score = one.score
        cited = dict.fromkeys(
            (*score.evidence, *(e for a in (*score.flags, *score.advice, *score.alerts) for e in a.evidence))
        )
        parts.append(
            _row(
                id_,
                f"**{score.name}**, {score.version or 'version named'}<br>`{id_}`: {score.title}",
                score.population,
                cited,
                score.not_for,
            )
        )
    parts += ["", "## Rules of guidance\n", *_TABLE]
    for name, rule, cited in rules():
        parts.append(_row(name, f"**{rule.what}**<br>`{name}`", rule.whom, cited, rule.not_for))
    parts += ["", "## How far readers differ\n", "| Source | On whom | Figures | How read |", "|---|---|---|---|"]
    parts += [_readers(e) for id_, e in load_evidence().items() if e.theme == "readers" or id_ in _READERS]
    parts += ["", "## Contradictions\n", "| | Printed | Found | What is done |", "|---|---|---|---|"]
    parts += [_contradiction(e) for id_, e in load_evidence().items() if id_.startswith("INC-")]
    return "\n".join(parts) + "\n"


_READERS = ("buckens-2013", "vbq-readers", "vbq-normative")
"""Entries of other themes that tell how far readers, or scans, differ."""
_TABLE = ("| What | For whom | Figures | How read | Not for |", "|---|---|---|---|---|")


def rules() -> Iterator[tuple[str, Rule, tuple[str, ...]]]:
    """Every file of rules: its name, what it says of itself, and the entries that its text cites."""
    for name in sorted(module.name for module in iter_modules(ovcf.guidance.rules.__path__)):
        module = import_module(f"ovcf.guidance.rules.{name}")
        rule = getattr(module, "RULE", None)
        if rule is not None:
            tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
            strings = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
            yield name, rule, tuple(dict.fromkeys(s for s in strings if s in load_evidence()))


def _row(about: str, what: str, whom: str, cited: Iterable[str], not_for: str) -> str:
    sources = [evidence(id_) for id_ in cited]
    figures = "<br>".join(text for e in sources if about in _OF_THEIR_OWN.get(e.id, (about,)) and (text := _figures(e)))
    read = "<br>".join(f"`{e.id}`: {e.mark.value} ({e.where})" for e in sources)
    return f"| {_cell(what)} | {_cell(whom)} | {_cell(figures)} | {_cell(read)} | {_cell(not_for)} |"


def _figures(e: Evidence) -> str:
    if e.id.startswith("INC"):
        return f"**{e.id}** {e['recomputed']}"
    short = [f for f in e.figures if len(f.text) <= _LONGEST]
    told = [_figure(f, e) for f in [f for f in short if not isinstance(f.value, str)] or short]
    if len(told) > _MOST:
        told = [*told[:_MOST], f"{len(told) - _MOST} more: `ovcf evidence show {e.id}`"]
    return f"**{e.id}** {'; '.join(told)}" if told else ""


def _figure(figure: Figure, e: Evidence) -> str:
    other = "" if figure.mark is e.mark else f" ({figure.mark.value})"
    return f"{figure.name.replace('_', ' ')}: {figure.text}{other}"


def _readers(e: Evidence) -> str:
    cells = (f"`{e.id}`: {e.citation}", e.population, _figures(e), f"{e.mark.value} ({e.where})")
    return f"| {' | '.join(map(_cell, cells))} |"


def _contradiction(e: Evidence) -> str:
    of = ", ".join(f"`{id_}`" for id_ in e.about)
    told = (_cell(str(e[name])) for name in ("printed", "recomputed", "handling"))
    return f"| {e.id}<br>{of} | {' | '.join(told)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
