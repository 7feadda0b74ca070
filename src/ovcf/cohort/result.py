"""What every analysis gives back: its figures as tables, and how they were come by.

A result never prints by itself. ``str(result)`` is text; ``to_html``, ``to_latex`` and ``to_docx`` write the same
cells, ``tidy`` gives the unrounded numbers.
"""

from __future__ import annotations

import html
import io
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.show import embedded, picture, shown_axes
from ovcf.cohort.wording import format_cell
from ovcf.files.result_file import write_file
from ovcf.language.worded import Worded, joined, say
from ovcf.plain_text import clean

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; ``standard_error`` is None where the interval does not come from one."""

    value: float
    low: float
    high: float
    standard_error: float | None = None
    coverage: float = 0.95

    @classmethod
    def around(cls, value: float, standard_error: float, coverage: float = 0.95) -> Estimate:
        """A figure with the interval of the normal distribution around it."""
        half = NormalDist().inv_cdf(0.5 + coverage / 2) * standard_error
        return cls(value, value - half, value + half, standard_error, coverage)

    def __str__(self) -> str:
        return say(
            "{value:.3f} ({coverage:g}% CI {low:.3f} to {high:.3f})",
            value=self.value,
            coverage=100 * self.coverage,
            low=self.low,
            high=self.high,
        )

    def __format__(self, spec: str) -> str:
        """As a cell is printed, value and interval by the same format: ``0.644 (0.603 to 0.772)``."""
        if not spec:
            return str(self)
        value, low, high = (format(x, spec) for x in (self.value, self.low, self.high))
        return say("{value} ({low} to {high})", value=value, low=low, high=high)

    def parts(self) -> dict[str, float]:
        """Its columns in tidy data: ``x``, ``x_low``, ``x_high``."""
        return {"": self.value, "_low": self.low, "_high": self.high}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``name`` in tidy data, ``label`` in print, ``style`` a format such as ``.2f``, or ``p`` for P.

    ``absent`` is what None prints as.
    """

    name: str
    label: str
    style: str = ""
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Tidy rows of unrounded values, with what is needed to print them.

    None prints as its column says; a cell with ``parts``, such as an `Estimate`, is several columns in tidy data. What
    is ``in_figure`` stands in the figure of its analysis, and a report prints it once.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    in_figure: bool = False

    def cells(self) -> list[list[str]]:
        """Every cell as printed, row by row."""
        return [
            [
                c.absent if value is None else format_cell(value, c.style)
                for value, c in zip(row, self.columns, strict=True)
            ]
            for row in self.rows
        ]

    def headings(self) -> list[str]:
        """The labels of the columns as printed; ``(interval)`` names the coverage of the intervals that stand there."""
        found = []
        for i, c in enumerate(self.columns):
            covered = {row[i].coverage for row in self.rows if isinstance(row[i], Estimate)}
            if "(interval)" in c.label and len(covered) == 1:
                template, values = (c.label.template, c.label.values) if isinstance(c.label, Worded) else (c.label, {})
                covers = template.replace("(interval)", "({coverage:g}% CI)")
                found.append(say(covers, **values, coverage=100 * covered.pop()))
            else:
                found.append(c.label)
        return found

    def frame(self) -> pd.DataFrame:
        """The unrounded values as a data frame; a cell of several figures is a column for each, as ``parts`` names."""
        data: dict[str, list[Any]] = {}
        for i, c in enumerate(self.columns):
            cells = [row[i].parts() if hasattr(row[i], "parts") else {"": row[i]} for row in self.rows]
            for part in dict.fromkeys(name for cell in cells for name in cell) or {"": None}:
                data[f"{c.name}{part}"] = [cell.get(part) for cell in cells]
        return optional_import("pandas").DataFrame(data)

    def __str__(self) -> str:
        lines = [self.headings(), *self.cells()]
        widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
        left = [not c.style for c in self.columns]
        text = [
            "  ".join(
                f"{cell:<{w}}" if to_left else f"{cell:>{w}}"
                for cell, w, to_left in zip(row, widths, left, strict=True)
            )
            for row in lines
        ]
        rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
        return "\n".join(line.rstrip() for line in [self.title, rule, text[0], rule, *text[1:], rule])


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisResult:
    """An analysis that was made.

    ``n`` counts the patients analysed, ``missing`` the values missing per variable, ``assumptions`` says what was
    checked and with what outcome, ``references`` are citations of the method.
    """

    title: str
    method: str
    references: tuple[str, ...] = ()
    n: int
    missing: tuple[tuple[str, int], ...] = ()
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = field(default=(), repr=False)

    def remarks_by_kind(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What a reader must know beside the tables: method, n, missing values, assumptions, notes, references."""
        absent = joined(", ", (joined(" ", (name, str(count))) for name, count in self.missing if count))
        said = (
            ("Method", (self.method,)),
            ("n", (str(self.n),)),
            ("Missing", (absent,) if absent else ()),
            ("Checked", self.assumptions),
            ("Note", self.notes),
            ("Reference", self.references),
        )
        return tuple((label, texts) for label, texts in said if texts)

    def remarks(self) -> tuple[str, ...]:
        """The same, each on a line with its kind."""
        return tuple(f"{label}: {text}" for label, texts in self.remarks_by_kind() for text in texts)

    def __str__(self) -> str:
        return clean("\n\n".join([self.title, *(str(t) for t in self.tables), "\n".join(self.remarks())]))

    def tidy(self) -> pd.DataFrame:
        """The first table, unrounded; every other is reached as ``result.tables[i].frame()``."""
        return self.tables[0].frame()

    def to_html(self) -> str:
        """A fragment of HTML: heading, tables with captions, remarks."""
        parts = [f"<section><h2>{html.escape(self.title)}</h2>"]
        for table in self.tables:
            parts.append(f"<table><caption>{html.escape(table.title)}</caption><thead><tr>")
            parts += [f'<th scope="col">{html.escape(text)}</th>' for text in table.headings()]
            parts.append("</tr></thead><tbody>")
            for row in table.cells():
                tags = ['<th scope="row">{}</th>' if i == 0 else "<td>{}</td>" for i in range(len(row))]
                parts.append(
                    "<tr>" + "".join(t.format(html.escape(v)) for t, v in zip(tags, row, strict=True)) + "</tr>"
                )
            parts.append("</tbody></table>")
        parts.append("<ul>" + "".join(f"<li>{html.escape(r)}</li>" for r in self.remarks()) + "</ul></section>")
        return clean("\n".join(parts))

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return self.to_html()

    def to_latex(self) -> str:
        """Tables for the ``booktabs`` package, the remarks below them."""
        parts = []
        for table in self.tables:
            align = "".join("r" if c.style else "l" for c in table.columns)
            lines = [" & ".join(_latex(cell) for cell in row) + r" \\" for row in table.cells()]
            head = " & ".join(_latex(text) for text in table.headings()) + r" \\"
            top = rf"\caption{{{_latex(table.title)}}}" + "\n" + rf"\begin{{tabular}}{{{align}}}"
            rows = "\n".join([r"\toprule", head, r"\midrule", *lines, r"\bottomrule"])
            parts.append("\n".join([r"\begin{table}", top, rows, r"\end{tabular}", r"\end{table}"]))
        return "\n\n".join([*parts, "\n\n".join(_latex(r) for r in self.remarks())]) + "\n"

    def to_docx(self, target: Any, *, replace: bool = False) -> Any:
        """Write editable Word tables to a path, or append them to a ``docx.Document``; gives the document.

        Raises:
            OutputError: there is a file at the path and ``replace`` is not asked for, or it cannot be written.
        """
        document = optional_import("docx").Document() if isinstance(target, str | Path) else target
        document.add_heading(clean(self.title), level=1)
        for table in self.tables:
            document.add_paragraph(clean(table.title), style="Caption")
            lines = [table.headings(), *table.cells()]
            grid = document.add_table(rows=len(lines), cols=len(table.columns), style="Table Grid")
            for cells, line in zip(grid.rows, lines, strict=True):
                for cell, text in zip(cells.cells, line, strict=True):
                    cell.text = clean(text)
            for cell in grid.rows[0].cells:
                cell.paragraphs[0].runs[0].bold = True
        for remark in self.remarks():
            document.add_paragraph(clean(remark))
        if isinstance(target, str | Path):
            made = io.BytesIO()
            document.save(made)
            write_file(target, made.getvalue(), replace=replace)
        return document


@dataclass(frozen=True, slots=True, kw_only=True)
class PlottedResult(AnalysisResult, ABC):
    """An analysis that can be drawn."""

    @abstractmethod
    def plot(self, ax: Any = None) -> Any:
        """Draw the result on a matplotlib axes (a new one, which notebooks show, if None) and give the axes back."""

    def save_plot(self, path: str | Path, *, replace: bool = False) -> None:
        """Draw the result into a file; its suffix says which kind (svg, png, pdf).

        Raises:
            OutputError: there is a file and ``replace`` is not asked for, or it cannot be written.
        """
        write_file(path, picture(self.plot(), Path(path).suffix[1:] or "png", dpi=300), replace=replace)

    def _repr_html_(self) -> str:
        """What a notebook shows: the tables, and the plot below them."""
        return f"{self.to_html()}\n{embedded(self.plot())}"


_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}
_LATEX |= {c: f"\\{c}" for c in "&%$#_{}"} | {"±": r"$\pm$", "−": "$-$", "²": r"$^2$", "χ": r"$\chi$", "κ": r"$\kappa$"}


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in text)


COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Those of Okabe and Ito, which colour-blind readers tell apart."""


def new_axes(ax: Any = None, *, size: tuple[float, float] = (4.2, 4.0)) -> Any:
    """The axes given, or new ones with a clean frame and no window."""
    if ax is not None:
        return ax
    figure = optional_import("matplotlib.figure").Figure(figsize=size, layout="constrained")
    axes = figure.subplots(subplot_kw={"axes_class": shown_axes()})
    axes.spines[["top", "right"]].set_visible(False)
    return axes
