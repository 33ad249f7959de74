"""The metric of localization by class maps."""

from collections.abc import Sequence

import numpy as np
from mmengine.dist import (
    broadcast_object_list,
    collect_results,
    is_main_process,
)
from mmengine.evaluator import BaseMetric

from mmsca.evaluation.baselines import baseline_scores, warn_if_not_above
from mmsca.evaluation.map_scores import (
    NUM_ROWS,
    V2_IOUS,
    box_hits,
    energy_inside,
    points_at,
)
from mmsca.evaluation.map_totals import (
    class_mean,
    column_of_hits,
    hit_rates,
    mean_baselines,
    without_skipped,
)
from mmsca.evaluation.view import boxes_on_input, largest_share
from mmsca.registry import METRICS
from mmsca.utils.errors import InputError

# Fields of a result beside the hits.
FIELDS = ('label', 'top1', 'top5', 'points', 'energy', 'baselines')
COMPARED = ('MaxBoxAcc', 'MaxBoxAccV2', 'CorLoc', 'pointing', 'energy')


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
    * `CorLoc`: as `MaxBoxAcc`, by the conventions of object discovery: edges
      are not rounded, and x1, y1 do not belong to a box.
    * `pointing`: mean over classes of the pointing game.
    * `energy`: mean share of the map inside the boxes.
    * `oracle_MaxBoxAcc`, `oracle_MaxBoxAccV2`: with the best threshold for
      the evaluated images themselves. Published WSOL numbers are of this
      kind; a comparison of methods should not be.
    * `whole_image_X`, `centre_box_X`: score X of a box that needs no map, the
      image or the middle of it; see `mmsca.evaluation.baselines`. A warning
      names the scores of the maps that are not above both.
    * `skipped`: number of samples none of whose boxes reaches into the
      input, where it is a cut of the image, or that `area` leaves out; they
      count nowhere else.

    Definitions: Choe et al., CVPR 2020 (see `mmsca.evaluation.boxes`);
    CorLoc: LOST (Simeoni et al., BMVC 2021). Needs `pred_cam` of
    `mmsca.CAMClassifier` or `mmsca.LabelFreeCAM` and `gt_label`,
    `ori_gt_bboxes`, `ori_size` of the data set. `GT-known_Loc`, `Top-1_Loc`
    and `Top-5_Loc` need `cam_label` and `pred_score` too, and are left out
    for a map that knows no classes. Boxes follow the image through one
    resizing and `mmsca.CenterCrop` (see `mmsca.evaluation.view`).

    Args:
        threshold (str | float): 'val': chosen by `calibrate`, which
            `mmsca.CalibratedTestLoop` calls; 'oracle': the best for the
            evaluated images; or a number in [0, 1), of which the nearest of
            the grid is taken.
        pointing_tolerance (float): Distance in pixels of the input at which
            the pointing game still counts a hit.
        threshold_step (float): Step of the grid of thresholds, in (0, 1):
            0.001 in the configs of the WSOL benchmark, 0.01 on its command
            line.
        area (tuple[float, float]): Least and greatest share of the image
            that the largest box of a sample may cover; others are left out,
            of the choice of thresholds too.
        **kwargs: See `mmengine.evaluator.BaseMetric`.
    """

    default_prefix = 'cam'

    def __init__(
        self,
        threshold: str | float = 'val',
        pointing_tolerance: float = 15,
        threshold_step: float = 0.001,
        area: tuple[float, float] = (0, 1),
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        if not (len(area) == 2 and 0 <= area[0] < area[1] <= 1):
            raise InputError(
                '`area` of CAMLocalization must be two shares of the image '
                f'that grow, such as (0.06, 0.5), not {area!r}.'
            )
        self.area = area
        if not 0 < threshold_step < 1:
            raise InputError(
                '`threshold_step` of CAMLocalization must be a number between '
                f'0 and 1, such as 0.001, not {threshold_step!r}.'
            )
        self.threshold_step = threshold_step
        self.thresholds = np.arange(0, 1, threshold_step)
        self.chosen: np.ndarray | None = None  # (5,), indices of thresholds
        if threshold in ('val', 'oracle'):
            self.threshold_from = threshold
        elif isinstance(threshold, (int, float)) and 0 <= threshold < 1:
            self.threshold_from = 'given'
            nearest = int(np.abs(self.thresholds - threshold).argmin())
            self.chosen = np.full(NUM_ROWS, nearest)
        else:
            raise InputError(
                "`threshold` of CAMLocalization must be 'val', 'oracle' or a "
                f'number in [0, 1), not {threshold!r}.'
            )
        self.pointing_tolerance = pointing_tolerance

    @property
    def box_threshold(self) -> float | None:
        """Threshold of the largest box, if known before all is evaluated."""
        return None if self.chosen is None else self.thresholds[self.chosen[0]]

    def process(self, data_batch, data_samples: Sequence[dict]) -> None:
        """Reduce each sample to its hits; no map is kept."""
        for sample in data_samples:
            label = int(sample['gt_label'])
            if 'cam_label' in sample and int(sample['cam_label']) != label:
                raise InputError(
                    'CAMLocalization needs maps of the annotated class; set '
                    "cam_target='gt' in the model."
                )
            if 'ori_gt_bboxes' not in sample:
                raise InputError(
                    'CAMLocalization needs boxes: use a data set that has '
                    "them, and 'ori_gt_bboxes' and 'ori_size' in "
                    'algorithm_keys of PackInputs.'
                )
            cam = sample['pred_cam'].float().cpu().numpy()
            gt_boxes, exact = boxes_on_input(sample)
            inside = len(gt_boxes) and len(exact)
            low, high = self.area
            if not (inside and low <= largest_share(sample) <= high):
                # Still one result, so that padding can be told.
                self.results.append(None)
                continue
            top = None
            if 'pred_score' in sample:
                scores = sample['pred_score']
                top = scores.topk(min(5, len(scores))).indices.tolist()
            hits = box_hits(cam, gt_boxes, exact, self.thresholds)
            self.results.append(
                dict(
                    hits=np.packbits(hits, axis=1),
                    label=label,
                    top1=top and label == top[0],
                    top5=top and label in top,
                    points=points_at(cam, gt_boxes, self.pointing_tolerance),
                    energy=energy_inside(cam, gt_boxes),
                    baselines=baseline_scores(
                        cam.shape, gt_boxes, exact, self.pointing_tolerance
                    ),
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
            rates = hit_rates(without_skipped(results), len(self.thresholds))
            chosen = [rates.argmax(axis=1)]
        broadcast_object_list(chosen)
        self.chosen = chosen[0]
        self.results.clear()

    def compute_metrics(self, results: list[dict | None]) -> dict:
        """Percentages, the thresholds used and where they come from."""
        kept = without_skipped(results)
        accuracy = 100 * hit_rates(kept, len(self.thresholds))  # (5, T)
        chosen = self.chosen
        if self.threshold_from == 'oracle':
            chosen = accuracy.argmax(axis=1)
        if chosen is None:
            raise InputError(
                "CAMLocalization(threshold='val') was asked for results "
                'before thresholds were chosen. Test with test_cfg=dict(type='
                "'mmsca.CalibratedTestLoop', calibration_dataset=...), or "
                "set `threshold` to a number or to 'oracle'."
            )
        rows = np.arange(len(accuracy))
        reached = accuracy[rows, chosen]  # (5,)
        best = accuracy.max(axis=1)
        localized = column_of_hits(kept, 0, chosen[0])  # (N,)
        columns = {key: np.array([r[key] for r in kept]) for key in FIELDS}
        pointing = class_mean(columns['points'], columns['label'])

        v2 = slice(1, 1 + len(V2_IOUS))
        metrics = {'MaxBoxAcc': reached[0], 'MaxBoxAccV2': reached[v2].mean()}
        for iou, value in zip(V2_IOUS, reached[v2], strict=True):
            metrics[f'IoU{round(100 * iou)}'] = value
        metrics['CorLoc'] = reached[-1]
        if columns['top1'][0] is not None:
            metrics['GT-known_Loc'] = reached[0]
            for k in (1, 5):
                both = localized & columns[f'top{k}'].astype(bool)
                metrics[f'Top-{k}_Loc'] = 100 * both.mean()
        metrics['pointing'] = 100 * pointing
        metrics['energy'] = 100 * columns['energy'].mean()
        metrics['oracle_MaxBoxAcc'] = best[0]
        metrics['oracle_MaxBoxAccV2'] = best[v2].mean()
        metrics['threshold'] = self.thresholds[chosen[0]]
        for iou, index in zip(V2_IOUS, chosen[v2], strict=True):
            name = f'threshold_IoU{round(100 * iou)}'
            metrics[name] = self.thresholds[index]
        metrics['threshold_CorLoc'] = self.thresholds[chosen[-1]]
        metrics['threshold_step'] = self.threshold_step
        metrics['skipped'] = len(results) - len(kept)
        metrics |= mean_baselines(columns['baselines'], columns['label'])
        metrics = {key: float(value) for key, value in metrics.items()}
        warn_if_not_above(metrics, COMPARED)
        return {**metrics, 'threshold_from': self.threshold_from}
