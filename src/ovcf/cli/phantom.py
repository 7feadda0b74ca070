"""``ovcf phantom``: a digital patient with known truth, as a DICOM study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ovcf.cli.streams import say


def phantom(
    recipe: Path | None = None,
    /,
    *,
    seed: int | None = None,
    fracture: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    out: Path = Path("phantom"),
    fat_suppressed_t2: bool = False,
    enhanced: bool = False,
    replace: bool = False,
    quiet: bool = False,
) -> None:
    """Make a digital patient: sagittal T1, T2 and STIR, a lateral radiograph, and the truth beside them.

    The shape comes from a statistical model of real people, the signal from MR physics. Everything a recipe leaves out
    is drawn from the seed, and the same recipe always gives the same files. Not a patient, and marked so in every file.

    Try

        ovcf phantom --seed 7 --out phantom

        ovcf phantom --seed 7 --fracture L1:wedge:25 T11:biconcave --out phantom

        ovcf phantom recipe.toml --out phantom

        ovcf assess phantom/visit-1/study --clinical phantom/visit-1/case.toml --labels phantom/visit-1/truth/*.nii.gz

    Args:
        recipe: TOML with any of: sex, age_years, t_score, fractures, kyphosis_deg, vbq, scoliosis_deg, visits …
            (docs/phantoms.md); without it a patient of the seed alone.
        seed: Decides everything the recipe leaves out; overrides the recipe's.
        fracture: LEVEL:SHAPE[:VHL], e.g. L1:wedge:25 for a height loss (HAN) of 25 %; shapes: wedge, biconcave, crush.
            Replaces the recipe's fractures; `none` for a spine without.
        out: Folder for visit-1, visit-2 …
        fat_suppressed_t2: Add a fat-suppressed T2 series.
        enhanced: Write each stack as one multi-frame DICOM object (Enhanced MR) instead of slice by slice.
        replace: Put it in the place of an earlier digital patient that nobody touched since.
        quiet: Print nothing but errors.
    """
    import dataclasses

    from rich.progress import Progress

    from ovcf.cli.terminal import Terminal
    from ovcf.files.result_folder import ResultFolder
    from ovcf.phantom.patient import KIND, make_patient
    from ovcf.phantom.recipe import Recipe, parse_fracture, read_recipe
    from ovcf.phantom.render import CONTRASTS

    folder = ResultFolder.at(out, KIND, [recipe] if recipe else [])
    wanted = Recipe() if recipe is None else read_recipe(recipe)
    if seed is not None:
        wanted = dataclasses.replace(wanted, seed=seed)
    if fracture:
        wanted = dataclasses.replace(
            wanted, fractures=tuple(parse_fracture(f) for f in fracture if f.lower() != "none")
        )
    with Progress(console=Terminal(), transient=True, disable=quiet) as bar:
        task = bar.add_task("", total=1.0)
        folders = make_patient(
            wanted,
            folder,
            contrasts=(*CONTRASTS, "FS T2") if fat_suppressed_t2 else CONTRASTS,
            enhanced=enhanced,
            replace=replace,
            progress=lambda what, share: bar.update(task, description=what, completed=share),
        )
    if not quiet:
        say("\n".join(str(folder) for folder in folders))
        say("A digital phantom, not a patient: study/ are its images, truth/ what was drawn.")
