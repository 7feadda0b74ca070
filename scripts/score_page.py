"""Write docs/scores.md, the table of every declared score: ``python -m scripts.score_page docs/scores.md``."""

from __future__ import annotations

import sys
from pathlib import Path

from ovcf.guidance.evidence import evidence
from ovcf.scores.declare import Fact, Input, Item, Score
from ovcf.scores.registry import published

_HEAD = """# Scores

Made from the declarations in `src/ovcf/scores/` by `python -m scripts.score_page docs/scores.md`.
`ovcf score list --json` prints the same for a program: every input, threshold, point and group, enough to compute
each table elsewhere. [Add a score](how-to/add-a-score.md) says how to declare one.

A number on a limit counts as on it; two numbers within 1e-9 are the same. What is not known is never zero, unless the
source counts it so (marked \\*): the total is then a range.
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for _, entry in sorted(published().items()):
        parts += _score(entry.score, entry.totals)
    return "\n".join(parts)


def _score(score: Score, totals: tuple[float, ...]) -> list[str]:
    sources = "; ".join(f"`{id_}` ({evidence(id_).mark.value})" for id_ in score.evidence)
    lines = [f"## {score.title}\n", f"`ovcf score {score.id}`. {score.about}".strip() + "\n"]
    lines += [f"- Source: {sources}", f"- Population: {score.population}", f"- Not for: {score.not_for}"]
    if score.holds_for:
        lines.append(f"- Only for {score.holds_for}")
    if totals:
        lines.append(f"- Totals: {totals[0]:g} to {totals[-1]:g}")
    if score.formula:
        lines.append(f"- Rule: {score.formula}")
    lines += ["", "| Input | Option | Values | Clinical file |", "|---|---|---|---|"]
    lines += [_input(i) for i in score.inputs]
    if score.items:
        lines += ["", "| Item | Points |", "|---|---|", *map(_item, score.items)]
    if score.groups:
        lines += ["", f"Groups, in rising order: {', '.join(g.label for g in score.groups)}."]
    if score.classes:
        lines += ["", "| Class, the first that fits | Meaning |", "|---|---|"]
        lines += [f"| {c.label} | {c.meaning or 'as named'} |" for c in score.classes]
    if score.checks:
        lines += ["", "Not applicable where " + "; ".join(_open(c.otherwise) for c in score.checks) + "."]
    return [*lines, ""]


def _input(i: Input) -> str:
    values = {"flag": "yes, no", "level": "T12, L1 ...", "word": ", ".join(i.words)}.get(i.kind, i.kind)
    if i.low is not None and i.high is not None:
        values += f" {i.low:g} to {i.high:g}{i.unit.symbol if i.unit else ''}"
    option = f"`{i.typed_as}`" if i.place == "option" else f"`{i.option}`" if i.option else "in order"
    return f"| {i.name[0].upper()}{i.name[1:]} | {option} | {values} | {f'`{i.case_field}`' if i.case_field else ''} |"


def _item(item: Item) -> str:
    name = item.name + (f" ({item.when.values[0]})" if isinstance(item.when, Fact) else "")
    if item.parts:
        name += f": {', '.join(part for part, _ in item.parts)}"
    if item.zero_if_unknown:
        name += r" \*"
    cases = dict.fromkeys(("not scored" if c.points is None else f"{c.points:g}", c.label) for c in item.cases)
    return f"| {name} | {'; '.join(f'{points}: {label}' for points, label in cases)} |"


def _open(text: str) -> str:
    return text.replace("{level}", "the level").replace("{age_years}", "in years").replace("{", "").replace("}", "")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
