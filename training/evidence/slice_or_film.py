"""What tells a slice of MRI from a radiograph, where no tags do: ``python -m training.evidence.slice_or_film DATA``.

``DATA`` is the folder with the real MRI that may be trained on (``mri-lumbar-unlabelled``, ``mri-t1-polygons``,
``mri-t2-space``). No radiograph of a person may be, and there is no STIR or fat-suppressed T2 among it: films and these
are those of digital patients, sent on in every way (window, sharpening, noise, inversion, turning, borders,
compression), as slices are. Prints how many of each kind are taken for a slice by models that saw none of the same
patient: as they are, lying and inverted, and sent on. Then the weights for :mod:`ovcf.imaging.files.picture_content`,
to be set there by hand. Needs scikit-learn and scikit-image.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image as Picture

from ovcf.imaging.files.picture_content import LOOKS_LIKE_A_SLICE, figures
from ovcf.imaging.read import read_study
from ovcf.imaging.volume import Volume
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.recipe import Recipe, completed
from ovcf.phantom.render import build
from ovcf.phantom.scanner import Scanner, draw_stack
from training.films.chest_radiographs import chest_radiograph
from training.films.lumbar_radiographs import lumbar_radiograph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FIRST_FILM, FIRST_WITHOUT_FAT = 9000, 9500
_OTHER_WATER, _OTHER_FAT = 0.45, 0.35
"""SD of the logarithm by which a tissue is brighter or darker than physics has it, as in ``training/mri/looks.py``."""
_WAYS = ("as they are", "lying and inverted", "sent on")
_COPIES = {"film": 5, "slice": 1}
"""How often each is sent on."""
_FILMS = 1.25
"""How much more all films weigh than all slices: as little as holds up fewer than 1 % of the digital films."""
_LARGE = 384
"""From this side on a picture is halved: the figures are taken from half of it anyway."""


class Shown(NamedTuple):
    """One picture: its kind, whether it is a slice, whose it is, and its grey values."""

    kind: str
    is_slice: bool
    person: str
    pixels: NDArray[np.generic]


def real_slices(data: Path) -> Iterator[Shown]:
    """The real MRI that may be trained on; one patient may have several contrasts."""
    for folder, every in (("mri-lumbar-unlabelled", 1), ("mri-t1-polygons", 2), ("mri-t2-space", 10)):
        for path in sorted((data / folder / "images").iterdir())[::every]:
            person = path.stem.split("_")[1 if folder == "mri-t1-polygons" else 0]
            yield Shown(folder, True, f"{folder == 'mri-t1-polygons'} {person}", _grey(path))


def digital_films(count: int) -> Iterator[Shown]:
    """Lumbar films in a pelvis, and half as many under a chest."""
    for seed in range(FIRST_FILM, FIRST_FILM + count):
        yield Shown("digital lumbar films", False, f"lumbar {seed}", lumbar_radiograph(seed).pixels)
        if seed % 2 == 0:
            yield Shown("digital chest films", False, f"chest {seed}", chest_radiograph(seed).pixels)


def digital_patients(folder: Path) -> Iterator[Shown]:
    """Two slices of every series, and the film, of digital patients that lie in a folder (``ovcf phantom``)."""
    for path in sorted(folder.glob("*/visit-1/study")):
        person = path.parents[1].name
        for series in read_study(path).series:
            if not isinstance(series.image, Volume):
                yield Shown("digital patients' films", False, person, series.image.pixels)
                continue
            middle = len(series.image.voxels) // 2
            for n in (middle, middle + 2):
                yield Shown("digital patients' slices", True, person, series.image.voxels[n])


def digital_without_fat(count: int) -> Iterator[Shown]:
    """STIR and fat-suppressed T2, whole slices near the middle, of more digital patients, each in other greys as well.

    The real MRI that may be trained on holds neither.
    """
    contrasts = ("STIR", "FS T2")
    for seed in range(FIRST_WITHOUT_FAT, FIRST_WITHOUT_FAT + count):
        rng = np.random.default_rng([seed, 31])
        recipe, patient = build(completed(Recipe(seed=seed)))
        stack = draw_stack(recipe, patient)
        at = stack.middle + int(rng.integers(-1, 2))
        patient.calibrate(stack.grid, stack.laterals[at - 1 : at + 2])
        middle = patient.plane(stack.laterals[at], stack.grid).tissue
        scanner = Scanner(recipe, patient, contrasts)
        shown = list(scanner.scan(stack, at, middle).values())
        for contrast, (water, fat) in scanner.pools.items():
            other = (np.exp(rng.normal(0, sd, len(Tissue))).astype(np.float32) for sd in (_OTHER_WATER, _OTHER_FAT))
            scanner.pools[contrast] = (water * next(other), fat * next(other))
        shown += scanner.scan(stack, at, middle).values()
        yield from (Shown("digital STIR and fat-suppressed T2", True, f"without fat {seed}", one) for one in shown)


def sent_on(rng: np.random.Generator, pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    """A picture as somebody may send it: cut out, sharpened, noisy, windowed, turned, inverted, framed, compressed."""
    from scipy.ndimage import gaussian_filter
    from skimage.exposure import equalize_adapthist

    grey = _stretched(pixels.astype(np.float32), 0.001, 0.999)
    if rng.random() < 0.5:
        high, wide = (round(rng.uniform(0.5, 1) * n) for n in grey.shape)
        top, left = (round(rng.uniform(0, 1) * (n - m)) for n, m in zip(grey.shape, (high, wide), strict=True))
        grey = grey[top : top + high, left : left + wide]
    if rng.random() < 0.3:
        broad = gaussian_filter(grey, rng.uniform(0.01, 0.06) * len(grey))
        grey = np.clip(grey + rng.uniform(0.3, 2.0) * (grey - broad), 0, 1)
    if rng.random() < 0.2:
        grey = equalize_adapthist(grey, clip_limit=rng.uniform(0.005, 0.03)).astype(np.float32)
    if rng.random() < 0.3:
        grey = np.clip(grey + rng.normal(0, rng.uniform(0.005, 0.04), grey.shape), 0, 1).astype(np.float32)
    grey = grey ** np.float32(np.exp(rng.normal(0, 0.3)))
    if rng.random() < 0.3:
        grey = _stretched(grey, rng.uniform(0, 0.1), rng.uniform(0.9, 1))
    grey = np.rot90(grey, int(rng.integers(4)))
    if rng.random() < 0.5:
        grey = 1 - grey
    if rng.random() < 0.25:
        frame = [(round(rng.uniform(0, m) * n),) * 2 for n, m in zip(grey.shape, (0.2, 0.3), strict=True)]
        grey = np.pad(grey, frame, constant_values=float(rng.choice([0, 0, 1])))
    picture = Picture.fromarray((255 * grey).astype(np.uint8))
    if rng.random() < 0.5:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=int(rng.integers(40, 95)))
        picture = Picture.open(file)
    return np.asarray(picture)


def _stretched(grey: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    bottom, top = np.quantile(grey, (low, high))
    return np.asarray(np.clip((grey - bottom) / max(float(top - bottom), 1e-6), 0, 1), np.float32)


def lying_and_inverted(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    """A picture on its side, with black for white."""
    return np.rot90(float(pixels.max()) - pixels)


def _grey(path: Path) -> NDArray[np.generic]:
    picture = Picture.open(path).convert("L")
    return np.asarray(picture.reduce(2) if min(picture.size) >= _LARGE else picture)


def main() -> None:
    """Fit, and print rates and weights."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--films", type=int, default=160)
    parser.add_argument("--without-fat", type=int, default=20, help="digital patients in STIR and fat-suppressed T2")
    parser.add_argument("--patients", type=Path, help="folder of digital patients")
    asked = parser.parse_args()
    rng = np.random.default_rng(3)
    shown = [*real_slices(asked.data), *digital_films(asked.films)]
    shown += digital_patients(asked.patients) if asked.patients else ()
    shown += digital_without_fat(asked.without_fat)
    rows, kinds, truth, people, ways = [], [], [], [], []
    for one in shown:
        copies = _COPIES["slice" if one.is_slice else "film"]
        pictures = [one.pixels, lying_and_inverted(one.pixels), *(sent_on(rng, one.pixels) for _ in range(copies))]
        rows += [list(figures(pixels).values()) for pixels in pictures]
        kinds += [one.kind] * len(pictures)
        truth += [one.is_slice] * len(pictures)
        people += [one.person] * len(pictures)
        ways += [*_WAYS[:2], *[_WAYS[2]] * copies]
    x, y = np.array(rows), np.array(truth)
    share = {True: 0.5 / y.mean(), False: 0.5 * _FILMS / (1 - y.mean())}
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, class_weight=share, max_iter=5000))
    p = cross_val_predict(model, x, y, groups=np.array(people), cv=GroupKFold(5), method="predict_proba")[:, 1]
    print("| kind | " + " | ".join(f"{way} | taken for a slice" for way in _WAYS) + " |")
    print("|---|" + "---:|" * 2 * len(_WAYS))
    for kind in dict.fromkeys(kinds):
        cells = [kind]
        for way in _WAYS:
            of = p[[k == kind and w == way for k, w in zip(kinds, ways, strict=True)]]
            cells += [str(len(of)), f"{(of >= LOOKS_LIKE_A_SLICE).mean():.1%}"]
        print("| " + " | ".join(cells) + " |")
    scaler, fitted = model.fit(x, y)
    weights = fitted.coef_[0] / scaler.scale_
    names = figures(shown[0].pixels)
    print({name: round(float(w), 3) for name, w in zip(names, weights, strict=True)})
    print(round(float(fitted.intercept_[0] - weights @ scaler.mean_), 3))


if __name__ == "__main__":
    main()
