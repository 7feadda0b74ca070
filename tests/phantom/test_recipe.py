"""A recipe is short, complete from its seed, and refuses what cannot be drawn."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.errors import LevelError, MissingFileError, PhantomError, UnreadableFileError
from ovcf.phantom.recipe import (
    FractureRecipe,
    Recipe,
    Visit,
    completed,
    parse_fracture,
    read_recipe,
    recipe_from_mapping,
    recipe_text,
)
from ovcf.vocabulary import Sex


@given(seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_a_seed_alone_is_a_whole_patient(seed: int) -> None:
    recipe = completed(Recipe(seed=seed))
    assert all(
        getattr(recipe, name) is not None for name in ("sex", "age_years", "t_score", "vbq", "fractures", "centre")
    )
    assert completed(recipe) == recipe
    assert completed(Recipe(seed=seed)) == recipe


@given(seed=st.integers(0, 10_000), weeks=st.floats(1, 200))
@settings(max_examples=40, deadline=None)
def test_the_text_of_a_recipe_reads_back_unchanged(
    seed: int, weeks: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    recipe = completed(Recipe(seed=seed, visits=(Visit(weeks=weeks, vhl_percent=30.0),)))
    file = tmp_path_factory.mktemp("recipe") / "recipe.toml"
    file.write_text(recipe_text(recipe), encoding="utf-8")
    assert read_recipe(file) == recipe


@pytest.mark.parametrize(("thoracic", "lumbar"), [(11, 5), (12, 4), (13, 5), (12, 6)])
def test_every_variant_of_the_column_can_be_drawn(thoracic: int, lumbar: int) -> None:
    for seed in range(20):
        recipe = completed(Recipe(seed=seed, thoracic=thoracic, lumbar=lumbar))
        assert recipe.fractures
        assert recipe.centre is not None


def test_what_is_given_is_not_drawn() -> None:
    given_facts = Recipe(seed=3, sex=Sex.MALE, age_years=81.0, fractures=(), schmorl_nodes=(Level.L2,))
    recipe = completed(given_facts)
    assert (recipe.sex, recipe.age_years, recipe.fractures) == (Sex.MALE, 81.0, ())
    assert recipe.schmorl_nodes == (Level.L2,)


def test_visits_add_up_and_leave_the_rest_alone() -> None:
    first = FractureRecipe(level=Level.T12, vhl_percent=15.0, edema_percent=90.0, t2_pattern="none")
    recipe = Recipe(
        fractures=(first, FractureRecipe(level=Level.L4)),
        kyphosis_deg=8.0,
        visits=(Visit(weeks=12, vhl_percent=25.0), Visit(weeks=52, edema_percent=5.0, kyphosis_deg=20.0)),
    )
    last = recipe.at_visit(2)
    assert last.fractures is not None
    assert last.fractures[0] == replace(first, vhl_percent=25.0, edema_percent=5.0)
    assert last.fractures[1].level is Level.L4
    assert (recipe.at_visit(1).kyphosis_deg, last.kyphosis_deg) == (8.0, 20.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L1:wedge:25", FractureRecipe(level=Level.L1, shape="wedge", vhl_percent=25.0)),
        ("th12:crush", FractureRecipe(level=Level.T12, shape="crush")),
        ("L2", FractureRecipe(level=Level.L2)),
    ],
)
def test_a_fracture_can_be_written_in_one_word(text: str, expected: FractureRecipe) -> None:
    assert parse_fracture(text) == expected


@pytest.mark.parametrize("text", ["L1:bend", "L1:wedge:much", "L1:wedge:25:30"])
def test_a_misspelt_fracture_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(PhantomError, match="L1:wedge:25"):
        parse_fracture(text)


def test_a_fracture_of_no_vertebra_is_refused() -> None:
    with pytest.raises(LevelError):
        parse_fracture("Q7:wedge")


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ({"sed": 1}, "sed"),
        ({"seed": -1}, "seed"),
        ({"vbq": 9.0}, "vbq"),
        ({"field_strength_t": 7.0}, "field_strength_t"),
        ({"fractures": [{"level": "L1", "edema_percent": 130}]}, "edema of L1"),
        ({"fractures": [{"level": "L1"}, {"level": "L1"}]}, "fractures"),
        ({"fractures": [{"level": "L6"}]}, "L6"),
        ({"visits": [{"weeks": 10}, {"weeks": 5}]}, "visits"),
        ({"fractures": [], "visits": [{"weeks": 10}]}, "visits"),
    ],
)
def test_what_cannot_be_drawn_is_named(facts: dict[str, object], where: str) -> None:
    with pytest.raises(PhantomError, match=where):
        recipe_from_mapping(facts)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="nowhere"):
        read_recipe(tmp_path / "nowhere.toml")
    (tmp_path / "broken.toml").write_text("seed = = 1")
    with pytest.raises(UnreadableFileError, match="broken"):
        read_recipe(tmp_path / "broken.toml")


def test_the_recipe_in_the_documentation_is_one() -> None:
    page = Path(__file__).parents[2] / "docs" / "phantoms.md"
    text = page.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    recipe = completed(recipe_from_mapping(tomllib.loads(text)))
    assert recipe.visits[0].weeks == 26
    assert recipe.at_visit(1).fractures is not None
