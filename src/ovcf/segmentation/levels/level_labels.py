"""Which vertebra is which, as one probability over labellings, from all that is seen.

Seen are sizes, wedging and curvature of the bodies, the sacrum below them, and what the scanner wrote about the field
of view; :mod:`ovcf.segmentation.levels.level_evidence` says what each is worth. Where no labelling is likely enough one
anchor is asked for: nothing is guessed silently. Ribs and C2, by which a radiologist counts, are not among the classes
of the built-in model, so a sixth lumbar vertebra cannot be told from a fifth in a lumbar image: what else it could be
is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.errors import LabelSchemeError, Remedy, RemedyCode
from ovcf.imaging.field_of_view import FieldOfView
from ovcf.language.worded import joined, say
from ovcf.segmentation.levels.level_evidence import by_field, by_sacrum, by_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.segmentation.film.radiograph_reading import RadiographReading
    from ovcf.segmentation.label_map import VertebralBodies
    from ovcf.segmentation.levels.level_evidence import ColumnSeen

CONFIDENT = 0.95
"""Below this probability of the whole labelling, were the number of vertebrae the usual one, an anchor is asked for."""
MIN_OVER_ALL = 0.85
"""The same over all numbers of vertebrae. An image of the lower spine cannot tell a sixth lumbar vertebra from a fifth:
variants keep their share of :data:`COLUMNS` whatever is seen, and are said. Where more speaks for one, it is asked."""
COLUMNS = {(12, 5): 0.91, (12, 6): 0.04, (12, 4): 0.03, (13, 5): 0.01, (11, 5): 0.01}
"""How often people have so many thoracic and lumbar vertebrae: numeric variants of the lumbar spine in some 3 to 8 % of
adults, varying with the definition (a rounded choice, to be verified)."""
WORTH_SAYING, NAMED = 0.005, 4
"""From this probability, and so many, other labellings are named: an image seldom excludes a variant of number."""
TO_CHECK = (
    "count from C2 on a localizer of the whole spine, or look for the last rib, the iliolumbar ligament (L5) and the "
    "shape of the lumbosacral disc"
)


@dataclass(frozen=True, slots=True)
class Labelling:
    """Levels of the bodies, cranial to caudal, in a column, and the probability of these levels.

    ``column`` is the likeliest column with these levels. ``usual`` is their probability in a person with the usual
    number of vertebrae.
    """

    levels: tuple[Level, ...]
    column: VertebralColumn
    probability: float
    usual: float = 0.0

    @property
    def sure(self) -> bool:
        """Whether it may stand without asking."""
        return self.usual >= CONFIDENT and self.probability >= MIN_OVER_ALL

    def __str__(self) -> str:
        return say("{levels} to {levels_2}", levels=self.levels[0], levels_2=self.levels[-1])


class LevelsUncertainError(LabelSchemeError):
    """No labelling is likely enough: one body has to be named.

    ``likely`` are the likeliest labellings, the best first; ``seen`` what was found, its levels those of the best one,
    which stand for numbers only.
    """

    def __init__(
        self,
        where: object,
        problem: str,
        remedy: str | Remedy,
        *,
        likely: tuple[Labelling, ...] = (),
        seen: VertebralBodies | RadiographReading | None = None,
    ) -> None:
        super().__init__(where, problem, remedy)
        self.likely, self.seen = likely, seen

    def showing(self, seen: VertebralBodies | RadiographReading) -> LevelsUncertainError:
        """The same question with what was found."""
        return LevelsUncertainError(self.where, self.problem, self.remedy, likely=self.likely, seen=seen)

    def answered_by(self, remedy: Remedy) -> LevelsUncertainError:
        """The same question with another word on how to answer it."""
        return LevelsUncertainError(self.where, self.problem, remedy, likely=self.likely, seen=self.seen)


def labellings(
    seen: ColumnSeen, field: FieldOfView | None = None, *, temper: float | None = None
) -> tuple[Labelling, ...]:
    """Every labelling of the bodies seen, the likeliest first; probabilities sum to 1, or there is none.

    ``temper`` stands in for the fitted worth of shape.
    """
    n, features = len(seen), seen.features if len(seen) else np.zeros((0, 4))
    field = field or FieldOfView()
    weights: dict[tuple[Level, ...], list[tuple[float, VertebralColumn]]] = {}
    for (thoracic, lumbar), share in COLUMNS.items() if n else ():
        column = VertebralColumn(thoracic, lumbar)
        free = column.levels[2:]
        for start in range(len(free) - n + 1):
            levels = free[start : start + n]
            weight = float(np.log(share / len(free))) + by_shape(levels, column, features, temper)
            weight += by_sacrum(levels[-1], column, seen.below) + by_field(levels, column, field)
            weights.setdefault(levels, []).append((weight, column))
    if not weights:
        return ()
    top = max(w for found in weights.values() for w, _ in found)
    sums = {levels: sum(float(np.exp(w - top)) for w, _ in found) for levels, found in weights.items()}
    usual = {
        levels: sum(float(np.exp(w - top)) for w, column in found if column == STANDARD_COLUMN)
        for levels, found in weights.items()
    }
    total, total_usual = sum(sums.values()), sum(usual.values()) or 1.0
    ranked = sorted(sums, key=lambda levels: -sums[levels])
    return tuple(
        Labelling(
            levels, max(weights[levels], key=lambda item: item[0])[1], sums[levels] / total, usual[levels] / total_usual
        )
        for levels in ranked
    )


def decided(
    found: Sequence[Labelling], name: str, field: FieldOfView | None = None
) -> tuple[dict[int, Level], VertebralColumn, tuple[str, ...]]:
    """The anchor (label of the last body and its level), the column and notes of a labelling that is sure enough.

    Labels count the bodies from 1, cranial to caudal.

    Raises:
        LabelSchemeError: there is no labelling at all.
        LevelsUncertainError: none is likely enough; it names the likeliest and asks for one anchor.
    """
    if not found:
        raise LabelSchemeError(name, "shows no column of vertebrae that could be labelled", "Give a label map.")
    best, n = found[0], len(found[0].levels)
    if not best.sure:
        likely = joined(
            ", ",
            (
                say(
                    "{levels}-{levels_2} {probability:.0%}",
                    levels=x.levels[0],
                    levels_2=x.levels[-1],
                    probability=x.probability,
                )
                for x in found[:3]
            ),
        )
        raise LevelsUncertainError(
            name,
            say(
                "shows {n} vertebral bodies whose levels are uncertain ({likely}; {confident:.0%} is required)",
                n=n,
                likely=likely,
                confident=CONFIDENT,
            ),
            Remedy(
                say("State the level of one: bodies are counted 1 to {n} from cranial to caudal.", n=n),
                RemedyCode.NAME_A_LEVEL,
            ).having(label=n),
            likely=tuple(found[:3]),
        )
    said = say(" and the scanner's {join}", join=joined(", ", field.said)) if field and field.said else ""
    usual = say("{usual:.0%} with the usual number of vertebrae", usual=best.usual)
    notes = [
        say(
            "levels {best} by sacrum, shape{said}, probability {probability:.0%} ({usual})",
            best=best,
            said=said,
            probability=best.probability,
            usual=usual,
        )
    ]
    if best.column != STANDARD_COLUMN:
        notes.append(
            say(
                "transitional anatomy: {column} are likelier than the usual 12 and 5: {to_check}",
                column=best.column,
                to_check=TO_CHECK,
            )
        )
    others = [x for x in found[1:] if x.probability >= WORTH_SAYING][:NAMED]
    if others:
        could = joined(
            ", ",
            (say("{x} ({column}) {probability:.1%}", x=x, column=x.column, probability=x.probability) for x in others),
        )
        notes.append(say("could also be {could}. To be sure, {to_check}", could=could, to_check=TO_CHECK))
    return {n: best.levels[-1]}, best.column, tuple(notes)
