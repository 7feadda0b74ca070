"""Radiographs under a chest that figures are measured on: whole, and with landmarks where the bodies are."""

import numpy as np

from training.films.chest_radiographs import chest_radiograph


def test_a_seed_gives_the_same_radiograph_again() -> None:
    one, again = chest_radiograph(77_000_010), chest_radiograph(77_000_010)
    assert np.array_equal(one.pixels, again.pixels)
    assert one.landmarks == again.landmarks


def test_bodies_follow_each_other_caudally_and_have_the_size_of_vertebrae() -> None:
    for seed in range(77_000_010, 77_000_013):
        made = chest_radiograph(seed)
        bodies = [v.array for v in made.landmarks if v.level.region != "sacral"]
        assert len(bodies) + len(made.hidden) > 10
        middles = np.array([six[:4].mean(axis=0) for six in bodies])
        assert (np.diff(middles[:, 1]) > 0).all()
        depths = [np.linalg.norm(six[1] - six[0]) * made.mm for six in bodies]
        assert min(depths) > 12
        assert max(depths) < 50
