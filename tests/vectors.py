"""Landmark vectors worked out by hand, A to D: cranial, fractured, caudal body; corners SA SP IA IP."""

from ovcf.anatomy import Level
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks

TV3 = {
    "A": [
        [(0, 0), (36, 0), (0, 27), (36, 27)],
        [(0, 35), (36, 35), (0, 63), (36, 63)],
        [(0, 71), (36, 71), (0, 100), (36, 100)],
    ],
    "B": [
        [(0, -24), (40, -36), (0, 4), (40, -8)],
        [(0, 10), (40, 0), (0, 30), (40, 30)],
        [(0, 36), (40, 39), (0, 66), (40, 69)],
    ],
    "C": [
        [(0, 0), (35, 0), (0, 28), (35, 28)],
        [(0, 34), (35, 34), (0, 60), (35, 58)],
        [(0, 70), (35, 66), (0, 99), (35, 95)],
    ],
    "D": [
        [(0, 0), (30, 0), (0, 20), (30, 20)],
        [(0, 26), (30, 23), (0, 40), (30, 43)],
        [(0, 46), (30, 46), (0, 66), (30, 66)],
    ],
}
TRIPLE = (Level.T12, Level.L1, Level.L2)


def spine(corners, transform=None, sd=None):
    """T12-L2 from three lists of corners, with an optional transform of the points and landmark SD."""
    made = [VertebraLandmarks.from_array(level, points, sd=sd) for level, points in zip(TRIPLE, corners, strict=True)]
    return SpineLandmarks(vertebrae=tuple(v.moved(transform) if transform else v for v in made))
