"""The scanner obeys the textbook."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ovcf.errors import PhantomError
from ovcf.phantom import mr
from ovcf.phantom.body import tissue
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.raster import Grid, fill, inset, intervals

T2 = mr.Protocol(contrast="T2", tesla=1.5, tr_ms=3500, te_ms=100, noise=0.0, acquired=1.0)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_spin_echo_signal_follows_the_bloch_equations() -> None:
    # CSF at 1.5 T: T1 4000 ms, T2 1800 ms, density 1; (1 - exp(-3500/4000)) exp(-100/1800) = 0.583138 x 0.945959.
    water, _ = T2.signals()
    assert water[Tissue.CSF] == pytest.approx(0.55163, abs=1e-4)


@pytest.mark.parametrize("tesla", [1.5, 3.0])
@pytest.mark.parametrize("seed", range(5))
def test_stir_nulls_fat_and_t1_shows_it_brightest(tesla: float, seed: int) -> None:
    stir, t1 = (mr.draw_protocol(c, tesla, np.random.default_rng(seed)) for c in ("STIR", "T1"))
    water, fat = stir.signals()
    assert abs(fat[Tissue.FAT]) < 0.05 * abs(water[Tissue.CSF])
    water, fat = t1.signals()
    assert fat[Tissue.FAT] > 2 * water[Tissue.MUSCLE] > 2 * water[Tissue.CSF]


def test_fat_saturation_leaves_a_tenth_at_most() -> None:
    saturated = mr.draw_protocol("FS T2", 1.5, rng())
    assert saturated.signals()[1][Tissue.FAT] <= 0.1 * replace(saturated, fat_left=1.0).signals()[1][Tissue.FAT] + 1e-9


def test_an_unknown_contrast_is_refused() -> None:
    with pytest.raises(PhantomError, match="DWI"):
        mr.draw_protocol("DWI", 1.5, rng())


@pytest.mark.parametrize(("towards", "expected"), [("P", (0, 2)), ("A", (0, -2)), ("F", (2, 0)), ("H", (-2, 0))])
def test_fat_is_shifted_along_the_read_out_by_its_frequency(towards: str, expected: tuple[int, int]) -> None:
    """Rows run from head to feet, columns from front to back."""
    # 3.4 ppm of 42.577 MHz/T x 1.5 T is 217.1 Hz; at 108.57 Hz per pixel, two pixels.
    protocol = replace(T2, bandwidth_hz=217.14 / 2, fat_towards=towards)
    block = np.zeros((64, 64), np.float32)
    block[20:40, 20:40] = 1.0
    none, flat = np.zeros_like(block), np.ones_like(block)
    water, fat = (mr.acquire(*pools, protocol, flat, rng()) for pools in ((block, none), (none, block)))
    places = np.indices(block.shape)
    shift = ((fat * places).sum(axis=(1, 2)) / fat.sum()) - ((water * places).sum(axis=(1, 2)) / water.sum())
    assert shift == pytest.approx(expected, abs=0.1)


def test_breathing_makes_ghosts_along_the_phases() -> None:
    block = np.zeros((64, 64), np.float32)
    block[24:40, 24:40] = 1.0
    beside = {"P": np.s_[:16, 28:36], "F": np.s_[28:36, :16]}
    for towards, ghosts in beside.items():
        image = mr.acquire(
            block, np.zeros_like(block), replace(T2, fat_towards=towards), np.ones_like(block), rng(), motion=2.0
        )
        assert image[ghosts].mean() > 3 * image.T[ghosts].mean()


def test_noise_in_air_is_rayleigh_distributed() -> None:
    protocol = replace(T2, noise=0.02)
    none = np.zeros((256, 256), np.float32)
    air = mr.acquire(none, none, protocol, np.ones_like(none), rng())
    # Mean over SD of a Rayleigh distribution: sqrt(pi / (4 - pi)).
    assert air.mean() / air.std() == pytest.approx(np.sqrt(np.pi / (4 - np.pi)), rel=0.03)


@pytest.mark.parametrize(("tesla", "vbq"), [(1.5, 2.6), (1.5, 3.6), (3.0, 2.2)])
def test_marrow_is_mixed_to_the_wanted_vbq(tesla: float, vbq: float) -> None:
    water, fat = mr.draw_protocol("T1", tesla, rng()).signals()
    signal = float(water[Tissue.MARROW]), float(fat[Tissue.MARROW]), float(water[Tissue.CSF])
    share = tissue.fat_fraction_for_vbq(vbq, tesla, signal)
    mixed = (1 - share) * water[Tissue.MARROW] + share * fat[Tissue.MARROW]
    assert mixed / water[Tissue.CSF] == pytest.approx(vbq, rel=1e-5)


def test_a_vbq_that_no_marrow_has_is_refused_with_the_range() -> None:
    with pytest.raises(PhantomError, match=r"Give \d"):
        tissue.fat_fraction_for_vbq(9.0, 1.5, (0.25, 0.7, 0.12))


def test_filled_pixels_are_those_whose_centres_lie_inside() -> None:
    grid = Grid(-10.0, -10.0, 0.1, 200, 200)
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = 6.0 * np.column_stack([np.cos(angle), np.sin(angle)])
    patch = fill(circle, grid)
    assert patch is not None
    x, y = grid.x[patch.columns][None, :], grid.y[patch.rows][:, None]
    clear = np.abs(np.hypot(x, y) - 6.0) > 0.002
    assert np.array_equal(patch.mask[clear], (np.hypot(x, y) < 6.0)[clear])
    low, high = intervals(circle, grid)
    assert high[100] - low[100] == pytest.approx(12.0, abs=0.01)
    assert np.hypot(*inset(circle, 1.0).T) == pytest.approx(5.0, abs=0.01)
    assert fill(circle + 100, grid) is None
