"""Pictures of class maps while testing."""

from collections.abc import Sequence
from pathlib import Path

import mmcv
import numpy as np
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmengine.visualization import Visualizer
from mmpretrain.structures import DataSample

from mmsca.evaluation.boxes import inclusive_iou, largest_box
from mmsca.evaluation.localization import CAMLocalization, boxes_on_input
from mmsca.registry import HOOKS
from mmsca.visualization.cam_overlay import draw_cam


@HOOKS.register_module()
class CAMVisualizationHook(Hook):
    """Draws image, class map, ground truth (green) and predicted box (red).

    The predicted box is that of the largest contour at the threshold that
    `mmsca.CAMLocalization` scores; with `threshold='oracle'` it is not known
    yet and left out. Takes the place of mmpretrain's `VisualizationHook` in
    `default_hooks.visualization`, so `tools/test.py --show-dir` turns it on.

    Args:
        enable (bool): Whether to draw. Defaults to False.
        interval (int): Draw every `interval`-th image. Defaults to 5000.
        show (bool): Also show each picture in a window. Defaults to False.
        wait_time (float): Seconds a window stays; 0 waits for a key.
            Defaults to 0.
        out_dir (str, optional): Folder for the pictures. Without it they go
            to the backends of the visualizer.
    """

    def __init__(
        self,
        enable: bool = False,
        interval: int = 5000,
        show: bool = False,
        wait_time: float = 0.0,
        out_dir: str | None = None,
    ) -> None:
        self.enable = enable
        self.interval = interval
        self.show = show
        self.wait_time = wait_time
        self.out_dir = out_dir
        self.seen = 0

    def before_test_epoch(self, runner: Runner) -> None:
        """Count images from the start."""
        self.seen = 0

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence[DataSample] | None = None,
    ) -> None:
        """Draw what falls due in a batch, on the main process.

        Args:
            runner (Runner): The runner.
            batch_idx (int): Index of the batch.
            data_batch (dict): `inputs`: images as loaded, BGR, (3, H, W).
            outputs (Sequence[DataSample]): Predictions with class maps.
        """
        if not self.enable or not is_main_process():
            return
        threshold = None
        for metric in runner.test_evaluator.metrics:
            if isinstance(metric, CAMLocalization):
                threshold = metric.box_threshold
        samples = zip(data_batch['inputs'], outputs, strict=True)
        for image, sample in samples:
            if self.seen % self.interval == 0:
                rgb = image.numpy(force=True).transpose(1, 2, 0)[..., ::-1]
                self._draw(
                    runner.visualizer, rgb.copy(), sample.to_dict(), threshold
                )
            self.seen += 1

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
                iou = inclusive_iou(box[None], gt_boxes).max()
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
