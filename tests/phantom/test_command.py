"""``ovcf phantom`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovcf.anatomy import Level
from ovcf.cli.phantom import phantom
from ovcf.errors import OutputError, PhantomError
from ovcf.phantom.recipe import FractureRecipe, read_recipe


def test_a_seed_and_a_fracture_make_a_patient(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    phantom(seed=5, fracture=("T12:biconcave:15",), out=tmp_path)
    visit = tmp_path / "visit-1"
    assert str(visit) in capsys.readouterr().out
    recipe = read_recipe(visit / "recipe.toml")
    assert recipe.seed == 5
    assert recipe.fractures is not None
    assert isinstance(recipe.fractures[0], FractureRecipe)
    assert (recipe.fractures[0].level, recipe.fractures[0].vhl_percent) == (Level.T12, 15.0)
    assert "Not a patient" in (visit / "README.txt").read_text()
    with pytest.raises(OutputError):
        phantom(seed=5, out=tmp_path)
    phantom(seed=6, out=tmp_path, replace=True, quiet=True)
    assert read_recipe(visit / "recipe.toml").seed == 6


def test_what_cannot_be_drawn_leaves_nothing_behind(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        'seed = 2\n[[fractures]]\nlevel = "L1"\ngrade = 1\n[[visits]]\nweeks = 8\nvhl_percent = 74\nkyphosis_deg = 55\n'
    )
    with pytest.raises(PhantomError, match="L1"):
        phantom(recipe, out=tmp_path / "out", quiet=True)
    assert not (tmp_path / "out").exists()
