"""What a digital patient is made from: a seed, and whatever is not left to chance.

A recipe is a short TOML file (docs/phantoms.md). What it leaves out is drawn from the seed by :func:`completed`, so a
seed alone is a whole patient, and the same recipe always makes the same files, byte for byte.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

import numpy as np

from ovcf.anatomy import Level, VertebralColumn
from ovcf.errors import PhantomError
from ovcf.phantom.shape.transitional import Transitional
from ovcf.text_files import parse_toml, read_text
from ovcf.vocabulary import FractureShape, Sex, T2Pattern

CleftContent = Literal["none", "air", "fluid"]
#: How often a pattern is drawn.
_T2_CHANCE = {
    T2Pattern.NONE: 0.15,
    T2Pattern.CONFINED_HIGH: 0.15,
    T2Pattern.DIFFUSE_HIGH: 0.1,
    T2Pattern.CONFINED_LOW: 0.3,
    T2Pattern.DIFFUSE_LOW: 0.3,
}

#: Where osteoporotic fractures are, roughly: the thoracolumbar junction (levels of HAN 2025), some elsewhere.
_FRACTURE_SITES = {
    Level.T8: 0.04,
    Level.T11: 0.13,
    Level.T12: 0.2,
    Level.L1: 0.38,
    Level.L2: 0.17,
    Level.L3: 0.05,
    Level.L4: 0.03,
}
_OTHER_FINDINGS = (Level.T11, Level.T12, Level.L1, Level.L2, Level.L3, Level.L4)
_CONFIG = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FractureRecipe:
    """One fracture. ``edema_percent`` is the share of the body over all slices, ``t2_pattern`` Tsujio's; None is drawn.

    ``vhl_percent`` is HAN's height loss, ``grade`` Genant's (1 to 3); ``burst`` moves the posterior wall; with
    ``fragment`` a piece of the superior endplate stands apart.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _CONFIG

    level: Level
    shape: FractureShape = FractureShape.WEDGE
    vhl_percent: float | None = None
    grade: int | None = None
    burst: bool = False
    edema_percent: float | None = None
    t2_pattern: T2Pattern | None = None
    cleft: CleftContent = "none"
    cement: bool = False
    fragment: bool | None = None

    def __post_init__(self) -> None:
        if self.edema_percent is not None and not 0 <= self.edema_percent <= 100:
            raise PhantomError(
                f"edema of {self.level}", f"{self.edema_percent} is not a percentage", "Give edema_percent 0 to 100."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What has changed at the first fracture by a later visit; None stays as it was."""

    __pydantic_config__: ClassVar[dict[str, str]] = _CONFIG

    weeks: float
    vhl_percent: float | None = None
    kyphosis_deg: float | None = None
    edema_percent: float | None = None
    t2_pattern: T2Pattern | None = None
    cleft: CleftContent | None = None
    cement: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A digital patient. None, or an absent list, is left to chance; ``fractures = []`` in a file means none.

    ``vbq`` is the T1 signal of marrow over that of CSF; ``disc_degeneration`` runs from 0 (bright discs) to 1;
    ``scoliosis_deg`` is a Cobb angle in the coronal plane; ``centre`` the vertebra in the middle of the images;
    ``motion`` 0 to 1. ``limbus_vertebrae``, whose anterior superior corner stands apart, are not drawn unasked, nor is
    ``sclerosis``: dense bone to both sides of the disc below each of these vertebrae, which is worn (Modic 3; a broken
    body has none). With ``sacral_slope_deg``, how far the upper endplate of S1 slopes to anterior, the sacrum is whole
    (S1 to S5) and stands in a pelvis, which films show; without it, neither is drawn. ``transitional`` shapes the
    junction and counts nothing anew: the last lumbar vertebra is ``sacralised``, or S1 is ``lumbarised``.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _CONFIG

    seed: int = 1
    sex: Sex | None = None
    age_years: float | None = None
    t_score: float | None = None
    thoracic: int = 12
    lumbar: int = 5
    fractures: tuple[FractureRecipe, ...] | None = None
    kyphosis_deg: float | None = None
    vbq: float | None = None
    disc_degeneration: float | None = None
    osteophytes: float | None = None
    scoliosis_deg: float | None = None
    schmorl_nodes: tuple[Level, ...] | None = None
    limbus_vertebrae: tuple[Level, ...] | None = None
    haemangiomas: tuple[Level, ...] | None = None
    sclerosis: tuple[Level, ...] | None = None
    field_strength_t: float | None = None
    centre: Level | None = None
    motion: float | None = None
    sacral_slope_deg: float | None = None
    transitional: Transitional | None = None
    visits: tuple[Visit, ...] = ()

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise PhantomError("seed", f"{self.seed} is negative", "Give a whole number from 0 upwards.")
        ranges = {
            "age_years": (18, 110),
            "t_score": (-6, 3),
            "vbq": (1.4, 4.6),
            "disc_degeneration": (0, 1),
            "osteophytes": (0, 1),
            "scoliosis_deg": (-40, 40),
            "motion": (0, 1),
            "kyphosis_deg": (-30, 60),
            "sacral_slope_deg": (0, 75),
        }
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise PhantomError(name, f"{value:g} cannot be drawn", f"Give {low} to {high}.")
        if self.field_strength_t not in (None, 1.5, 3.0):
            raise PhantomError("field_strength_t", f"{self.field_strength_t:g} has no tissue times", "Give 1.5 or 3.0.")
        if self.transitional not in (None, *get_args(Transitional)):
            raise PhantomError(
                "transitional", f"{self.transitional!r} is unknown", f"Give {' or '.join(get_args(Transitional))}."
            )
        present = VertebralColumn(thoracic=self.thoracic, lumbar=self.lumbar).levels
        named = [f.level for f in self.fractures or ()]
        found = (self.schmorl_nodes, self.limbus_vertebrae, self.haemangiomas, self.sclerosis)
        for level in (*named, *(level for levels in found for level in levels or ())):
            if level not in present:
                raise PhantomError(
                    f"level {level}",
                    "is not part of this column",
                    f"State thoracic and lumbar, or give {present[7]} to {present[-2]}.",
                )
        for level in self.sclerosis or ():
            if level.region not in ("thoracic", "lumbar"):
                raise PhantomError(
                    f"sclerosis below {level}",
                    "cannot be drawn",
                    f"Give T1 to {present[-2]}: the vertebra above the disc.",
                )
        if len(set(named)) < len(named):
            raise PhantomError("fractures", "a level is named twice", "Give each fractured vertebra once.")
        weeks = [0.0, *(v.weeks for v in self.visits)]
        if sorted(set(weeks)) != weeks:
            raise PhantomError("visits", "the weeks do not rise from 0", "Order later visits by their weeks.")
        if self.visits and self.fractures == ():
            raise PhantomError("visits", "change a fracture, but there is none", "Name a fracture.")

    @property
    def index(self) -> FractureRecipe | None:
        """The first fracture, which is the one assessed."""
        return self.fractures[0] if self.fractures else None

    def at_visit(self, number: int) -> Recipe:
        """The recipe of visit ``number`` (0 the first), with the changes of every visit until then applied."""
        now = self
        for visit in self.visits[:number]:
            changes = {k: v for k, v in asdict(visit).items() if v is not None and k not in ("weeks", "kyphosis_deg")}
            if now.fractures is None:
                raise PhantomError("visits", "change a fracture that is not drawn yet", "Complete the recipe first.")
            if "vhl_percent" in changes:
                changes["grade"] = None
            first = replace(now.fractures[0], **changes)
            kyphosis = now.kyphosis_deg if visit.kyphosis_deg is None else visit.kyphosis_deg
            now = replace(now, fractures=(first, *now.fractures[1:]), kyphosis_deg=kyphosis)
        return now


def _normal(rng: np.random.Generator, mean: float, sd: float, low: float, high: float, digits: int) -> float:
    return round(float(np.clip(rng.normal(mean, sd), low, high)), digits)


def completed(recipe: Recipe) -> Recipe:
    """The recipe with everything it leaves to chance drawn from its seed; what is given stays as it is."""
    rng = np.random.default_rng([recipe.seed, 1])
    drawn: dict[str, Any] = {
        "sex": Sex.FEMALE if rng.random() < 0.75 else Sex.MALE,
        "age_years": _normal(rng, 74, 8, 60, 92, 1),
        "t_score": _normal(rng, -2.9, 0.8, -5, -1, 1),
        "disc_degeneration": round(float(rng.beta(2.5, 2)), 2),
        "osteophytes": round(float(rng.beta(1.2, 2.5)), 2),
        "scoliosis_deg": _normal(rng, 0, 6, -20, 20, 1),
        "field_strength_t": float(rng.choice([1.5, 3.0], p=[0.7, 0.3])),
        "motion": round(float(rng.beta(1, 8)), 2),
    }
    # VBQ runs lower at 3 T (Ehresman and later cohorts).
    tesla = recipe.field_strength_t or drawn["field_strength_t"]
    drawn["vbq"] = _normal(rng, *((3.3, 0.4, 2.4, 4.0) if tesla < 2 else (2.6, 0.35, 1.9, 3.4)), 2)
    free = VertebralColumn(recipe.thoracic, recipe.lumbar).levels
    drawn["fractures"] = _fractures(rng, free)
    present = [level for level in _OTHER_FINDINGS if level in free]
    extra = [present[int(i)] for i in rng.choice(len(present), 2, replace=False)]
    drawn["schmorl_nodes"] = tuple(extra[:1]) if rng.random() < 0.25 else ()
    drawn["haemangiomas"] = tuple(extra[1:]) if rng.random() < 0.15 else ()
    chance = rng.random()
    values = {name: value for name, value in drawn.items() if getattr(recipe, name) is None}
    recipe = replace(recipe, **values)
    fractures = tuple(_completed(f, recipe.seed, number) for number, f in enumerate(recipe.fractures or ()))
    broken = {f.level for f in fractures}
    centre = recipe.centre or (fractures[0].level if fractures else Level.L2)
    if centre not in free:
        raise PhantomError("centre", f"{centre} is not part of this column", "Give a vertebra that is there.")
    # Departments centre a lumbar examination below the junction, so that the sacrum counts the levels.
    if recipe.centre is None:
        last = free.index(Level.L3)
        centre = free[int(np.clip(free.index(centre) + 1 + int(chance * 2), free.index(Level.T10), last))]
    return replace(
        recipe,
        fractures=fractures,
        schmorl_nodes=tuple(level for level in recipe.schmorl_nodes or () if level not in broken),
        haemangiomas=tuple(level for level in recipe.haemangiomas or () if level not in broken),
        centre=centre,
    )


def _fractures(rng: np.random.Generator, present: tuple[Level, ...]) -> tuple[FractureRecipe, ...]:
    """One recent fracture, and in every fourth patient an old one elsewhere."""
    sites = [level for level in _FRACTURE_SITES if level in present]
    weight = np.array([_FRACTURE_SITES[level] for level in sites])
    first, second = (sites[int(i)] for i in rng.choice(len(sites), 2, replace=False, p=weight / weight.sum()))
    shapes = list(FractureShape)
    a, b = (shapes[int(i)] for i in rng.choice(3, 2, p=[0.6, 0.25, 0.15]))
    grades, chance = rng.choice([1, 2, 3], 2, p=[0.4, 0.4, 0.2]), rng.random(2)
    found = [FractureRecipe(level=first, shape=a, grade=int(grades[0]), burst=bool(chance[0] < 0.2))]
    # Neighbours of the recent fracture stay intact, so that it can be measured.
    if chance[1] < 0.25 and abs(first.rank - second.rank) > 3:
        found.append(
            FractureRecipe(level=second, shape=b, grade=int(grades[1]), edema_percent=0.0, t2_pattern=T2Pattern.NONE)
        )
    return tuple(found)


def _completed(fracture: FractureRecipe, seed: int, number: int) -> FractureRecipe:
    rng = np.random.default_rng([seed, 2, number])
    edema = fracture.edema_percent
    if edema is None:
        edema = round(float(rng.beta(1.6, 1.3) * 100), 1)
    pattern = fracture.t2_pattern
    if pattern is None:
        drawn = list(_T2_CHANCE)[int(rng.choice(5, p=list(_T2_CHANCE.values())))]
        pattern = drawn if edema >= 10 else T2Pattern.NONE
    grade = fracture.grade
    if grade is None and fracture.vhl_percent is None:
        grade = int(rng.choice([1, 2, 3]))
    return replace(fracture, edema_percent=edema, t2_pattern=pattern, grade=grade)


def read_recipe(path: Path | str) -> Recipe:
    """Read a recipe from TOML.

    Raises:
        MissingFileError, UnreadableFileError: no such file, or not TOML.
        PhantomError: a name or value that a recipe does not know; it names the field.
    """
    path, remedy = Path(path), "The format is described in docs/phantoms.md."
    return recipe_from_mapping(parse_toml(read_text(path, remedy=remedy), path, remedy=remedy), where=str(path))


def recipe_from_mapping(facts: dict[str, Any], *, where: str = "recipe") -> Recipe:
    """A recipe from plain values, as TOML gives them.

    Raises:
        PhantomError: a name or value that a recipe does not know.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Recipe).validate_python(facts)
    except ValidationError as error:
        first = error.errors()[0]
        place = " ".join(str(part) for part in first["loc"])
        raise PhantomError(
            f"{where}, {place}", f"{first['msg']} (got {str(first['input'])[:40]!r})", "See docs/phantoms.md."
        ) from error


def toml_text(facts: dict[str, Any]) -> str:
    """Plain values, lists of tables included, as TOML; None is left out."""
    lines, tables = [], []
    for name, value in facts.items():
        if value is None:
            continue
        if isinstance(value, dict):
            tables.append(f"[{name}]\n{toml_text(value)}")
        elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
            tables += [f"[[{name}]]\n{toml_text(row)}" for row in value]
        else:
            # JSON's text, numbers, booleans and lists are TOML's too.
            lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join([*lines, *(f"\n{table}" for table in tables)]) + "\n"


def recipe_text(recipe: Recipe) -> str:
    """A recipe as the TOML that :func:`read_recipe` reads back unchanged."""
    return re.sub(r"\n{3,}", "\n\n", toml_text(asdict(recipe)))


def parse_fracture(text: str) -> FractureRecipe:
    """A fracture as written on the command line: ``L1:wedge:25`` (height loss by HAN in percent), ``T12:crush``.

    Raises:
        PhantomError: it is not LEVEL:SHAPE:VHL. LevelError: no such level.
    """
    level, shape, vhl, *rest = (*text.split(":"), "", "")
    if any(rest) or shape not in ("", *FractureShape) or not re.fullmatch(r"(\d+(\.\d+)?)?", vhl):
        raise PhantomError(f"fracture {text!r}", "is not LEVEL:SHAPE:VHL", "Write it like L1:wedge:25 or T12:crush.")
    return FractureRecipe(
        level=Level.parse(level),
        shape=FractureShape(shape or FractureShape.WEDGE),
        vhl_percent=float(vhl) if vhl else None,
    )
