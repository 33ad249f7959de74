"""The metric of localization by class maps."""

from collections.abc import Sequence

import numpy as np
from mmengine.dist import (
    broadcast_object_list,
    collect_results,
    is_main_process,
)
from mmengine.evaluator import BaseMetric

from mmsca.evaluation.boxes import resize_boxes
from mmsca.evaluation.map_scores import (
    THRESHOLDS,
    V2_IOUS,
    box_hits,
    energy_inside,
    points_at,
)
from mmsca.registry import METRICS
from mmsca.utils.errors import InputError

# Fields of a result beside the hits.
KEPT = ('label', 'top1', 'top5', 'points', 'energy')


@METRICS.register_module()
class CAMLocalization(BaseMetric):
    """Localization by class maps, with the threshold chosen on other images.

    A map becomes boxes at a threshold, a fraction of its maximum, which is
    one for the whole data set. Where it comes from decides what a number
    means, so the results name it (`threshold_from`). Reported, in percent:

    * `MaxBoxAcc`: the box of the largest contour has IoU >= 0.5 with a
      ground truth box.
    * `MaxBoxAccV2`: mean of `IoU30`, `IoU50`, `IoU70`, where any contour may
      hit, each with a threshold of its own.
    * `GT-known_Loc`: `MaxBoxAcc` by its name in the literature, where the
      map is given the true class; `Top-1_Loc` and `Top-5_Loc` also ask that
      the class is among the first 1 or 5 of the scores.
    * `pointing`: mean over classes of the pointing game.
    * `energy`: mean share of the map inside the boxes.
    * `oracle_MaxBoxAcc`, `oracle_MaxBoxAccV2`: with the best threshold for
      the evaluated images themselves. Published WSOL numbers are of this
      kind; a comparison of methods should not be.

    Definitions: Choe et al., CVPR 2020 (see `mmsca.evaluation.boxes`).
    Needs `pred_cam`, `cam_label`, `pred_score` of `mmsca.CAMClassifier` and
    `gt_label`, `ori_gt_bboxes`, `ori_size` of `mmsca.WSOLDataset`; the
    pipeline may resize the image, not crop it.

    Args:
        threshold (str | float): 'val': chosen by `calibrate`, which
            `mmsca.CalibratedTestLoop` calls; 'oracle': the best for the
            evaluated images; or a number in [0, 1). Defaults to 'val'.
        pointing_tolerance (float): Distance in pixels of the input at which
            the pointing game still counts a hit. Defaults to 15.
        **kwargs: See `mmengine.evaluator.BaseMetric`.
    """

    default_prefix = 'cam'

    def __init__(
        self,
        threshold: str | float = 'val',
        pointing_tolerance: float = 15,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.chosen: np.ndarray | None = None  # (4,), indices of THRESHOLDS
        if threshold in ('val', 'oracle'):
            self.threshold_from = threshold
        elif isinstance(threshold, (int, float)) and 0 <= threshold < 1:
            self.threshold_from = 'given'
            nearest = int(np.abs(THRESHOLDS - threshold).argmin())
            self.chosen = np.full(1 + len(V2_IOUS), nearest)
        else:
            raise InputError(
                "`threshold` of CAMLocalization must be 'val', 'oracle' or a "
                f'number in [0, 1), not {threshold!r}.'
            )
        self.pointing_tolerance = pointing_tolerance

    @property
    def box_threshold(self) -> float | None:
        """Threshold of the largest box, if known before all is evaluated."""
        return None if self.chosen is None else THRESHOLDS[self.chosen[0]]

    def process(self, data_batch, data_samples: Sequence[dict]) -> None:
        """Reduce each sample to its hits; no map is kept.

        Args:
            data_batch: Not used.
            data_samples (Sequence[dict]): Predictions with annotations.
        """
        for sample in data_samples:
            label = int(sample['gt_label'])
            if int(sample['cam_label']) != label:
                raise InputError(
                    'CAMLocalization needs maps of the annotated class; set '
                    "cam_target='gt' in the model."
                )
            cam = sample['pred_cam'].float().cpu().numpy()
            gt_boxes = boxes_on_input(sample, cam.shape)
            scores = sample['pred_score']
            top = scores.topk(min(5, len(scores))).indices.tolist()
            self.results.append(
                dict(
                    hits=np.packbits(box_hits(cam, gt_boxes), axis=1),
                    label=label,
                    top1=label == top[0],
                    top5=label in top,
                    points=points_at(cam, gt_boxes, self.pointing_tolerance),
                    energy=energy_inside(cam, gt_boxes),
                )
            )

    def calibrate(self, size: int) -> None:
        """Choose the thresholds on the samples processed, then forget them.

        Of several thresholds that are equally good the lowest is taken.

        Args:
            size (int): Number of images; samples beyond it are padding.
        """
        results = collect_results(
            self.results, size, self.collect_device, self.collect_dir
        )
        chosen = [None]
        if is_main_process():
            chosen = [unpack_hits(results).mean(axis=0).argmax(axis=1)]
        broadcast_object_list(chosen)
        self.chosen = chosen[0]
        self.results.clear()

    def compute_metrics(self, results: list[dict]) -> dict:
        """Metrics of the whole set.

        Args:
            results (list[dict]): One result per image, of `process`.

        Returns:
            dict: Percentages, the thresholds used and where they come from.
        """
        hits = unpack_hits(results)  # (N, 4, T)
        accuracy = 100 * hits.mean(axis=0)  # (4, T)
        chosen = self.chosen
        if self.threshold_from == 'oracle':
            chosen = accuracy.argmax(axis=1)
        if chosen is None:
            raise InputError(
                "CAMLocalization(threshold='val') was asked for results "
                'before thresholds were chosen. Test with test_cfg=dict(type='
                "'mmsca.CalibratedTestLoop', calibration_dataloader=...), or "
                "set `threshold` to a number or to 'oracle'."
            )
        rows = np.arange(len(accuracy))
        reached = accuracy[rows, chosen]  # (4,)
        best = accuracy.max(axis=1)
        localized = hits[:, 0, chosen[0]]  # (N,)
        columns = {key: np.array([r[key] for r in results]) for key in KEPT}
        per_class = [
            columns['points'][columns['label'] == label].mean()
            for label in np.unique(columns['label'])
        ]

        metrics = {'MaxBoxAcc': reached[0], 'MaxBoxAccV2': reached[1:].mean()}
        for iou, value in zip(V2_IOUS, reached[1:], strict=True):
            metrics[f'IoU{round(100 * iou)}'] = value
        metrics['GT-known_Loc'] = reached[0]
        metrics['Top-1_Loc'] = 100 * (localized & columns['top1']).mean()
        metrics['Top-5_Loc'] = 100 * (localized & columns['top5']).mean()
        metrics['pointing'] = 100 * np.mean(per_class)
        metrics['energy'] = 100 * columns['energy'].mean()
        metrics['oracle_MaxBoxAcc'] = best[0]
        metrics['oracle_MaxBoxAccV2'] = best[1:].mean()
        metrics['threshold'] = THRESHOLDS[chosen[0]]
        for iou, index in zip(V2_IOUS, chosen[1:], strict=True):
            metrics[f'threshold_IoU{round(100 * iou)}'] = THRESHOLDS[index]
        metrics = {key: float(value) for key, value in metrics.items()}
        return {**metrics, 'threshold_from': self.threshold_from}


def unpack_hits(results: list[dict]) -> np.ndarray:
    """Tables of hits of all images, bool, (N, 4, T)."""
    packed = np.stack([result['hits'] for result in results])
    unpacked = np.unpackbits(packed, axis=2, count=len(THRESHOLDS))
    return unpacked.view(bool)


def boxes_on_input(sample: dict, shape: tuple[int, int]) -> np.ndarray:
    """Ground truth boxes in pixels of the input of the model.

    Args:
        sample (dict): Data sample with `ori_gt_bboxes` (n, 4), `ori_size`
            (width, height), `ori_shape`, `img_shape` and `scale_factor`, if
            the image was resized.
        shape (tuple[int, int]): Height and width of the input.

    Returns:
        np.ndarray: Integers, (n, 4).

    Raises:
        InputError: If the input does not show the whole image.
    """
    height, width = sample['ori_shape'][:2]
    factors = sample.get('scale_factor', (1.0, 1.0))
    resized = (round(height * factors[1]), round(width * factors[0]))
    if not resized == tuple(sample['img_shape'][:2]) == tuple(shape):
        raise InputError(
            f'CAMLocalization needs inputs that show the whole image, but '
            f'{sample.get("img_path", "an image")} of height and width '
            f'{(height, width)} became {resized} by resizing and '
            f'{tuple(shape)} in the end. Use Resize(scale=..., '
            'keep_ratio=False) and no crop or padding.'
        )
    return resize_boxes(
        sample['ori_gt_bboxes'], sample['ori_size'], shape[::-1]
    )
