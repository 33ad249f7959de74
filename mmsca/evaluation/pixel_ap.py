"""The metric of class maps against masks."""

import zlib
from collections.abc import Sequence

import numpy as np
from mmengine.evaluator import BaseMetric

from mmsca.evaluation.baselines import centre_slices, warn_if_not_above
from mmsca.evaluation.map_scores import THRESHOLDS
from mmsca.registry import METRICS
from mmsca.utils.errors import InputError

# Values of the map fall between these; the last two bins are those of values
# equal to 1, and of none, where recall starts from 0.
EDGES = np.append(THRESHOLDS, [1.0, 2.0, 3.0])
NUM_BINS = len(EDGES) - 1
OBJECT, IGNORED = 1, 255


@METRICS.register_module()
class CAMPixelAP(BaseMetric):
    """Average precision of single pixels, PxAP of the WSOL benchmark.

    Pixels of all images are pooled; a pixel is found at a threshold if the
    map reaches it, and right if it lies on the object. `PxAP`, in percent, is
    the area under precision over recall. There is no threshold to choose,
    and an image counts by its pixels. Images without a mask for each object,
    whose `gt_mask` counts no pixel, are left out; `PxAP_skipped` is their
    number. `whole_image_PxAP` and `centre_box_PxAP` need no map, see
    `mmsca.evaluation.baselines`. Definition: "Evaluating Weakly
    Supervised Object Localization Methods Right" (Choe et al., CVPR 2020).

    Needs `pred_cam` of `mmsca.CAMClassifier` or `mmsca.LabelFreeCAM` and
    `gt_mask` of `mmsca.LoadObjectMask`. A map of one class is compared with
    the objects of that class, as the data set lists them.
    """

    default_prefix = 'cam'

    def process(self, data_batch, data_samples: Sequence[dict]) -> None:
        """Reduce each sample to two histograms; no map is kept."""
        for sample in data_samples:
            if 'gt_mask' not in sample:
                raise InputError(
                    'CAMPixelAP needs masks: put mmsca.LoadObjectMask before '
                    "PackInputs and 'gt_mask' in its algorithm_keys, with a "
                    'data set that has masks.'
                )
            cam = sample['pred_cam'].float().cpu().numpy()
            mask = np.asarray(sample['gt_mask'])
            # One result per image, so that padding can be told.
            if (mask == IGNORED).all():
                self.results.append(None)
                continue
            counts = pixel_histograms(cam, mask)
            # Packed, as it is the largest thing that is kept of an image.
            packed = zlib.compress(counts.astype(np.uint32).tobytes(), 1)
            inside = mask[centre_slices(mask.shape)]
            centre = [(inside == value).sum() for value in (OBJECT, 0)]
            self.results.append((packed, centre))

    def compute_metrics(self, results: list[tuple | None]) -> dict:
        """PxAP of the whole set, and those of the baselines.

        They are in percent, NaN if no pixel is on an object.

        Raises:
            InputError: If no image has masks.
        """
        kept = [result for result in results if result is not None]
        if not kept:
            raise InputError(
                'no image has a mask for each of its objects, so there is no '
                'PxAP. Give a data set with masks, or take mmsca.CAMPixelAP '
                'out of `test_evaluator`.'
            )
        counts = np.zeros((2, NUM_BINS), dtype=np.int64)
        inside = np.zeros(2, dtype=np.int64)
        for packed, centre in kept:
            one = np.frombuffer(zlib.decompress(packed), dtype=np.uint32)
            counts += one.reshape(counts.shape)
            inside += centre
        total = counts.sum(axis=1)
        nothing = np.zeros_like(total)  # the bin where recall starts
        ascending = {
            'PxAP': counts,
            'whole_image_PxAP': np.stack([total, nothing], 1),
            'centre_box_PxAP': np.stack([total - inside, inside, nothing], 1),
        }
        metrics = {k: 100 * pixel_ap(*v) for k, v in ascending.items()}
        metrics['PxAP_skipped'] = float(len(results) - len(kept))
        warn_if_not_above(metrics, ['PxAP'])
        return metrics


def pixel_histograms(cam: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Histograms of a map on the object and beside it, (2, NUM_BINS).

    Args:
        cam (np.ndarray): Map in [0, 1], (H, W).
        mask (np.ndarray): uint8, (H, W): 1 on objects, 255 where pixels do
            not count, else 0.
    """
    cam = cam.astype(np.float64)
    # Guess the bin, then correct what rounding did next to an edge.
    bins = (cam * len(THRESHOLDS)).astype(np.int64)
    bins -= cam < EDGES[bins]
    bins += cam >= EDGES[bins + 1]
    return np.stack(
        [
            np.bincount(bins[mask == value], minlength=NUM_BINS)
            for value in (OBJECT, 0)
        ]
    )


def pixel_ap(on_object: np.ndarray, beside: np.ndarray) -> float:
    """Area under precision over recall, NaN if no pixel is on an object.

    Args:
        on_object (np.ndarray): Counts of pixels per bin, ascending, (B,).
        beside (np.ndarray): The same for pixels beside objects, (B,).
    """
    right = on_object[::-1].cumsum()
    found = right + beside[::-1].cumsum()
    if right[-1] == 0:
        return float('nan')
    precision = right / np.maximum(found, 1)
    recall = right / right[-1]
    return float((precision[1:] * np.diff(recall)).sum())
