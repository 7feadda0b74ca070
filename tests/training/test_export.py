"""What the exported network says of L5 and S1 where they look alike."""

import numpy as np
import pytest

from ovcf.segmentation.network.inference import CLASSES, POINTS

BODY, SACRUM = CLASSES.index("body"), CLASSES.index("sacrum")


def test_doubt_moves_odds_between_body_and_sacrum_and_leaves_all_else() -> None:
    torch = pytest.importorskip("torch")
    from training.network.export import Probabilities

    logits = torch.randn(1, len(CLASSES) + len(POINTS), 6, 6, generator=torch.Generator().manual_seed(1))

    def net(_slices: object) -> object:
        return logits

    plain, doubting = (Probabilities(net, doubt)(None).float().numpy()[0] for doubt in (0.0, 4.0))
    others = [k for k in range(len(plain)) if k not in (BODY, SACRUM)]
    assert np.allclose(plain[others], doubting[others], atol=1e-3)
    assert np.allclose(plain[[BODY, SACRUM]].sum(0), doubting[[BODY, SACRUM]].sum(0), atol=2e-3)
    odds = [np.log(p[BODY] / p[SACRUM]) for p in (plain, doubting)]
    assert np.median(odds[1] - odds[0]) == pytest.approx(4, abs=0.1)
