"""Pictures of class maps while testing."""

from pathlib import Path

import mmcv
import numpy as np
from mmengine.runner import Runner
from mmengine.visualization import Visualizer
from mmpretrain.structures import DataSample

from mmsca.engine.hooks.picture_hook import PictureHook
from mmsca.evaluation.boxes import box_iou, largest_box
from mmsca.evaluation.localization import CAMLocalization
from mmsca.evaluation.view import boxes_on_input
from mmsca.registry import HOOKS
from mmsca.visualization.cam_overlay import draw_cam


@HOOKS.register_module()
class CAMVisualizationHook(PictureHook):
    """Draws image, class map, ground truth (green) and predicted box (red).

    The predicted box is that of the largest contour at the threshold that
    `mmsca.CAMLocalization` scores; with `threshold='oracle'` it is not known
    yet and left out. Takes the place of mmpretrain's `VisualizationHook` in
    `default_hooks.visualization`, so `tools/test.py --show-dir` turns it on.
    Its arguments are those of :class:`PictureHook`.
    """

    def paint(
        self, runner: Runner, data_batch: dict, index: int, sample: DataSample
    ) -> None:
        # Images are BGR, (3, H, W).
        image = data_batch['inputs'][index].numpy(force=True)
        rgb = image.transpose(1, 2, 0)[..., ::-1].copy()
        threshold = box_threshold(runner)
        self._draw(runner.visualizer, rgb, sample.to_dict(), threshold)

    def _draw(
        self,
        visualizer: Visualizer,
        image: np.ndarray,
        sample: dict,
        threshold: float | None,
    ) -> None:
        cam = sample['pred_cam'].numpy(force=True)
        gt_boxes, _ = boxes_on_input(sample)
        classes = (visualizer.dataset_meta or {}).get('classes') or ()
        # A map that knows no classes comes without a prediction.
        labels = [
            int(sample[key])
            for key in ('gt_label', 'pred_label')
            if key in sample
        ]
        # A classifier may know more classes than the data set has names for.
        names = [
            classes[label] if label < len(classes) else str(label)
            for label in labels
        ]
        text, box = ', predicted '.join(names), None
        if threshold is not None:
            box = largest_box(cam, threshold)
            text = f'at {threshold:.3f}: {text}'
            if len(gt_boxes):
                iou = box_iou(box[None], gt_boxes, edge=1).max()
                text = f'IoU {iou:.2f} {text}'
        picture = draw_cam(visualizer, image, cam, gt_boxes, box, text)

        name = f'{self.seen:06d}_{Path(sample["img_path"]).stem}'
        if self.show:
            visualizer.show(picture, name, wait_time=self.wait_time)
        if self.out_dir is not None:
            path = Path(self.out_dir, f'{name}.png')
            mmcv.imwrite(picture[..., ::-1], str(path))
        else:
            visualizer.add_image(name, picture)


def box_threshold(runner: Runner) -> float | None:
    """The threshold that boxes are scored at, if it is known already."""
    for metric in runner.test_evaluator.metrics:
        if isinstance(metric, CAMLocalization):
            return metric.box_threshold
    return None
