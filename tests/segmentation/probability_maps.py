"""What a sure network would say of bodies drawn as outlines."""

import numpy as np
from scipy.ndimage import gaussian_filter

from ovcf.segmentation.network.inference import CLASSES, POINTS, SliceMaps

#: Where the first pixel of the maps lies in the plane of the outlines (anterior to posterior, cranial to caudal), mm.
CORNER = (-60.0, -40.0)
ROWS, COLUMNS, SLICES, THICKNESS = 340, 150, 9, 4.0


def filled(ring, shape=(ROWS, COLUMNS)):
    from skimage.measure import points_in_poly

    y, x = np.mgrid[: shape[0], : shape[1]]
    grid = np.stack([x + CORNER[0], y + CORNER[1]], axis=-1).reshape(-1, 2)
    return points_in_poly(grid, ring).reshape(shape)


def maps_of(rings, *, canal=True, sacrum=None, slices=SLICES, blur=0.6, disc_gap=True):
    """Maps in which every outline is a body on the seven middle slices, with a canal 4 mm behind and discs between."""
    sheet = {name: np.zeros((ROWS, COLUMNS)) for name in CLASSES}
    for ring in rings:
        sheet["body"][filled(ring)] = 1
    if canal:
        back = max(float(ring[:, 0].max()) for ring in rings) + 4 - CORNER[0]
        sheet["canal"][:, round(back) : round(back) + 14] = 1
    if sacrum is not None:
        sheet["sacrum"][filled(sacrum)] = 1
    if disc_gap:
        between = gaussian_filter(sheet["body"], 5) > 0.25
        sheet["disc"][between & (sum(sheet.values()) == 0)] = 0.9
    stack = np.zeros((len(CLASSES), slices, ROWS, COLUMNS))
    for k, name in enumerate(CLASSES):
        stack[k, 1:-1] = gaussian_filter(sheet[name], blur)
    stack[0] = np.clip(1 - stack[1:].sum(axis=0), 0, 1)
    stack /= stack.sum(axis=0)
    affine = np.array(
        [[-THICKNESS, 0, 0, THICKNESS * (slices - 1) / 2], [0, 0, 1, CORNER[0]], [0, -1, 0, -CORNER[1]], [0, 0, 0, 1.0]]
    )
    return SliceMaps(stack.astype(np.float16), np.zeros((len(POINTS), *stack.shape[1:]), np.float16), affine)
