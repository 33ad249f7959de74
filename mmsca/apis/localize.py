"""Where a classifier sees a class in an image."""

from copy import deepcopy
from typing import NamedTuple

import cv2
import numpy as np
import torch
from mmengine.dataset import default_collate
from mmpretrain.models import ImageClassifier

from mmsca.apis.images import AnyImage, Images, pixels_of
from mmsca.evaluation.boxes import largest_box
from mmsca.evaluation.view import View, view_of
from mmsca.models import CAMClassifier
from mmsca.utils.errors import InputError


class Localization(NamedTuple):
    """What :func:`localize` returns; H and W are those of the image.

    Attributes:
        map (np.ndarray): Class map, float32, (H, W), in [0, 1]; 0 where the
            model does not look, as beside a central crop.
        box (np.ndarray): x0, y0, x1, y1 in pixels, integers, (4,).
        label (int): Index of the class that is explained.
        name (str, optional): Its name, if the checkpoint has names.
        score (float): Its probability, in [0, 1].
    """

    map: np.ndarray
    box: np.ndarray
    label: int
    name: str | None
    score: float


def localize(
    classifier: ImageClassifier,
    image: AnyImage,
    label: int | None = None,
    threshold: float = 0.2,
    method: str = 'gradcam',
) -> Localization:
    """Class map of an image, and the box of its largest part.

    Map and box are those of the configs of localization.

    Args:
        classifier (ImageClassifier): Of `mmsca.load_model`.
        image (AnyImage): Path, picture of Pillow, or an array in RGB, uint8,
            (H, W, 3).
        label (int, optional): Class to explain. Defaults to None, the one of
            the highest score.
        threshold (float): Fraction of the maximum of the map that the box
            goes around, in [0, 1). `mmsca test` chooses one on the val
            split.
        method (str): See `cam_method` of :class:`mmsca.CAMClassifier`.

    Returns:
        Localization: Map, box and class.

    Raises:
        InputError: The image cannot be read, there is no such class, or the
            model is no classifier.
    """
    if not 0 <= threshold < 1:
        raise InputError(f'threshold is {threshold}. Expected one in [0, 1).')
    model = with_maps(classifier, method, label)
    pixels = pixels_of(image)
    pipeline = with_windows(model.cfg.test_dataloader.dataset.pipeline)
    batch = default_collate([Images([pixels], pipeline)[0]])
    if label is not None:
        batch['data_samples'][0].set_gt_label(label)
    with torch.no_grad():
        (sample,) = model.test_step(batch)
    view = view_of(sample.to_dict())
    cam = sample.pred_cam.numpy(force=True)
    label = int(sample.cam_label)
    return Localization(
        map=map_of_image(cam, view, pixels.shape[:2]),
        box=box_of_image(largest_box(cam, threshold), view, pixels.shape[:2]),
        label=label,
        name=model.classes[label] if model.classes else None,
        score=float(sample.pred_score[label]),
    )


def with_maps(
    classifier: ImageClassifier, method: str, label: int | None
) -> CAMClassifier:
    """The same network with predictions that have class maps."""
    if not isinstance(classifier, ImageClassifier):
        raise InputError(
            f'A {type(classifier).__name__} has no classes to localize. '
            'Expected what mmsca.load_model makes of the checkpoint of a '
            'linear classifier.'
        )
    number = classifier.head.num_classes
    if label is not None and not 0 <= label < number:
        raise InputError(
            f'label is {label}, but the classes are 0 to {number - 1}.'
        )
    model = CAMClassifier(
        backbone=classifier.backbone,
        neck=classifier.neck if classifier.with_neck else None,
        head=classifier.head,
        data_preprocessor=classifier.data_preprocessor,
        cam_method=method,
        cam_target='pred' if label is None else 'gt',
    )
    model.cfg = classifier.cfg
    model.classes = getattr(classifier, 'classes', None)
    return model.eval()


def with_windows(pipeline: list) -> list:
    """A test pipeline whose samples say what became of the image."""
    pipeline = deepcopy(pipeline)
    for transform in pipeline:
        if transform['type'] == 'CenterCrop':
            transform['type'] = 'mmsca.CenterCrop'
        elif transform['type'] == 'PackInputs':
            keys = transform.get('algorithm_keys', ())
            transform['algorithm_keys'] = (*keys, 'crop_window')
    return pipeline


def map_of_image(
    cam: np.ndarray, view: View, size: tuple[int, int]
) -> np.ndarray:
    """Carry a map of the input to the image, of height and width `size`."""
    (x, y), (h, w) = view.offset, view.shape
    whole = np.zeros(view.resized, np.float32)
    whole[y : y + h, x : x + w] = cam
    if view.resized == size:
        return whole
    return cv2.resize(whole, size[::-1], interpolation=cv2.INTER_LINEAR)


def box_of_image(
    box: np.ndarray, view: View, size: tuple[int, int]
) -> np.ndarray:
    """Carry a box of the input to the image, of height and width `size`."""
    factors = np.divide(size[::-1], view.resized[::-1])
    box = (box + np.tile(view.offset, 2)) * np.tile(factors, 2)
    return box.round().astype(int)
