"""Scenes: objects filled with one photograph before another one."""

from typing import NamedTuple

import cv2
import numpy as np

from mmsca.datasets.material_scenes.outlines import (
    coverage,
    place_outline,
    random_outline,
    tight_box,
)
from mmsca.datasets.material_scenes.photographs import (
    BACKGROUNDS,
    CLASSES,
    MATERIALS,
    SPLITS,
    load_region,
)
from mmsca.datasets.material_scenes.settings import Settings

# Patches are sampled finer than the scene and averaged, against aliasing.
SUPERSAMPLING = 2
# Random colours are greyish, and keep room for the texture on both sides: two
# crops share a vivid colour more easily than a texture, so that SwAV would
# cluster the colours.
COLOUR_RANGE = (80, 175)
SATURATION = 0.15
MAX_TRIES = 50


class Scene(NamedTuple):
    """An image and the objects in it.

    Args:
        image (np.ndarray): (S, S, 3) RGB, uint8.
        masks (np.ndarray): (N, S, S) bool, the visible pixels of the objects;
            no pixel belongs to two.
        labels (np.ndarray): (N, ) int64, indices into :data:`CLASSES`.
    """

    image: np.ndarray
    masks: np.ndarray
    labels: np.ndarray


def make_scene(
    settings: Settings, split: str, index: int, detection: bool
) -> Scene:
    """Draw one scene.

    A scene depends on its own split, index and kind only, not on how many
    others there are. Classes take turns: the first object of scene `index`
    has label `index % 10`.

    Args:
        settings (Settings): Parameters of the data set.
        split (str): `train`, `val` or `test`.
        index (int): Index of the scene in its split.
        detection (bool): Draw several objects instead of one.
    """
    rng = np.random.default_rng(
        [settings.seed, SPLITS.index(split), index, int(detection)]
    )
    labels = np.array([index % len(CLASSES)])
    side, object_size = settings.size, settings.object_size
    if detection:
        side = settings.detection_size
        object_size = settings.detection_object_size
        low, high = settings.num_objects
        others = rng.integers(len(CLASSES), size=rng.integers(low, high + 1))
        labels = np.concatenate([labels, others[1:]])

    alphas, masks, labels = _place_objects(
        labels, object_size, side, settings.min_visible, rng
    )
    image = _background(split, side, settings, rng)
    for alpha, label in zip(alphas, labels, strict=True):
        x0, y0, x1, y1 = tight_box(alpha > 0)
        material = _material(
            CLASSES[label], split, (x1 - x0, y1 - y0), settings, rng
        )
        behind, alpha = image[y0:y1, x0:x1], alpha[y0:y1, x0:x1, None]
        image[y0:y1, x0:x1] = behind * (1 - alpha) + material * alpha
    return Scene(np.rint(image).astype(np.uint8), masks, labels)


def _place_objects(labels, object_size, side, min_visible, rng):
    """Outlines in drawing order; later ones lie in front of earlier ones."""
    alphas, full, visible, kept = [], [], [], []
    for label in labels:
        outline = random_outline(rng)
        extent = rng.uniform(*object_size) * side
        for _ in range(MAX_TRIES):
            alpha = coverage(place_outline(outline, extent, side, rng), side)
            mask = alpha >= 0.5
            left = [old & ~mask for old in visible]
            if all(
                now.sum() >= min_visible * area
                for now, area in zip(left, full, strict=True)
            ):
                alphas.append(alpha)
                full.append(mask.sum())
                visible = [*left, mask]
                kept.append(label)
                break
    return alphas, np.stack(visible), np.array(kept)


def _patch(region, size, scale_range, rng):
    """A random crop of a region, (h, w, 3) fp32, scaled, rotated and flipped.

    Where the crop leaves the region it is mirrored, so no pixel of another
    split gets in.

    Args:
        region (np.ndarray): (H, W, 3) uint8.
        size (tuple[int, int]): Width w and height h of the patch in pixels.
        scale_range (tuple[float, float]): Patch pixels per region pixel.
        rng (np.random.Generator): Source of randomness.
    """
    scale = np.exp(rng.uniform(*np.log(scale_range)))
    angle = rng.uniform(0, 2 * np.pi)
    flip = rng.choice([-1.0, 1.0])
    # Mirror little, but let even a narrow region give many crops.
    extent = np.array(region.shape[1::-1])
    margin = np.minimum(max(size) / scale / 2, extent / 4)
    centre = rng.uniform(margin, extent - margin)

    fine = np.array(size) * SUPERSAMPLING
    cos, sin = np.cos(angle), np.sin(angle)
    # From patch to region, as WARP_INVERSE_MAP expects.
    linear = np.array([[cos, -sin], [sin, cos]]) @ np.diag([flip, 1.0])
    linear /= scale * SUPERSAMPLING
    offset = centre - linear @ (fine / 2)
    warped = cv2.warpAffine(
        region,
        np.column_stack([linear, offset]),
        fine.tolist(),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT,
    )
    return cv2.resize(
        warped.astype(np.float32), size, interpolation=cv2.INTER_AREA
    )


def _mean_colour(image):
    # Many times as fast as `image.mean((0, 1))`.
    return np.array(cv2.mean(image)[:3])


def _shift_colour(patch, mean, target, gain):
    """Move the mean colour to a target and scale deviations from it."""
    offset = (target - gain * mean).astype(np.float32)
    return (patch * np.float32(gain) + offset).clip(0, 255)


def _random_colour(rng):
    colour = rng.uniform(*COLOUR_RANGE, 3)
    return colour.mean() + SATURATION * (colour - colour.mean())


def _background(split, side, settings, rng):
    """Photograph of no class at reduced contrast around a random colour."""
    name = sorted(BACKGROUNDS)[rng.integers(len(BACKGROUNDS))]
    region = load_region(BACKGROUNDS[name], split)
    patch = _patch(region, (side, side), settings.scale, rng)
    colour = _random_colour(rng)
    return _shift_colour(
        patch, _mean_colour(patch), colour, settings.background_contrast
    )


def _material(name, split, size, settings, rng):
    """Photograph of a class with its colour and contrast shifted."""
    region = load_region(MATERIALS[name], split)
    patch = _patch(region, size, settings.scale, rng)
    mean = _mean_colour(region)
    colour = _random_colour(rng)
    gain = np.exp(rng.uniform(-0.3, 0.3)) * rng.uniform(0.85, 1.15, 3)
    target = mean + settings.tint * (colour - mean)
    return _shift_colour(patch, mean, target, gain)
