"""Short ways to write edits in tests."""

from itertools import count

from ovcf.reading.editing import edits as e

_COUNTER = count(1)


def edit(kind, reader="AB", **fields):
    """An edit with an id of its own."""
    return getattr(e, kind)(id=f"e{next(_COUNTER)}", reader=reader, at="2026-01-05T08:00:00+00:00", **fields)


def vertebra(seen, level, landmark_set=0):
    """The observed vertebra of this name."""
    return next(v for v in seen.landmarks[landmark_set] if v.level == level)


def moved(seen, level, point="superior_anterior", by=(0.0, 0.0), reader="AB"):
    """A point of a vertebra moved by so much from where it was observed."""
    from ovcf.landmarks import POINTS

    v = vertebra(seen, level)
    x, y = v.points[POINTS.index(point)]
    return edit("MovePoint", reader, vertebra=v.id, point=point, to=(x + by[0], y + by[1]))
