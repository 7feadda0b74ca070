"""HAN 2025 by hand, from the paper's words alone: nothing here is imported from what is tested."""

import math


def height_loss_percent(above, fractured, below):
    """(R - (a + b) / 2) / R, R the mean of the four heights of both neighbours; corners SA SP IA IP."""
    c, d = math.dist(above[0], above[2]), math.dist(above[1], above[3])
    a, b = math.dist(fractured[0], fractured[2]), math.dist(fractured[1], fractured[3])
    e, f = math.dist(below[0], below[2]), math.dist(below[1], below[3])
    reference = (c + d + e + f) / 4
    return 100 * (reference - (a + b) / 2) / reference


def kyphosis_deg(above, below):
    """Angle from the inferior endplate of the vertebra above to the superior endplate of the one below."""

    def slope(anterior, posterior):
        return math.degrees(math.atan2(posterior[1] - anterior[1], posterior[0] - anterior[0]))

    return slope(below[0], below[1]) - slope(above[2], above[3])


def total(*, burst, vhl, kyphosis, diffuse_low, t_score):
    """Table 1 of the paper: two points each, four for a T-score of -3.5 or less."""
    bone = 4 if t_score <= -3.5 else 2 if t_score <= -2.5 else 0
    return 2 * burst + 2 * (vhl >= 15) + 2 * (kyphosis >= 15) + 2 * diffuse_low + bone
