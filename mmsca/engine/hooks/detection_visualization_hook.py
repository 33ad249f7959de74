"""Pictures of detections while testing."""

from pathlib import Path

from mmengine.runner import Runner
from mmengine.structures import BaseDataElement

from mmsca.engine.hooks.picture_hook import PictureHook
from mmsca.registry import HOOKS
from mmsca.visualization.panels import read_image


@HOOKS.register_module()
class DetectionVisualizationHook(PictureHook):
    """Draws detections beside the ground truth, by mmdet's visualizer.

    In place of mmdet's `DetVisualizationHook`, which reads each image again,
    in another way than the detector did. `tools/test.py --show-dir` turns it
    on.

    Args:
        draw (bool): Whether to draw.
        interval (int): Draw every `interval`-th image.
        score_thr (float): Least score of a detection.
        show (bool): Show each picture in a window.
        wait_time (float): Seconds a window stays; 0 waits for a key.
        test_out_dir (str, optional): Folder for the pictures. Without it
            they go to the backends of the visualizer.
    """

    def __init__(
        self,
        draw: bool = False,
        interval: int = 1,
        score_thr: float = 0.3,
        show: bool = False,
        wait_time: float = 0.0,
        test_out_dir: str | None = None,
    ) -> None:
        super().__init__(draw, interval, show, wait_time, test_out_dir)
        self.score_thr = score_thr

    def paint(
        self,
        runner: Runner,
        data_batch: dict,
        index: int,
        sample: BaseDataElement,
    ) -> None:
        name = f'{self.seen:06d}_{Path(sample.img_path).stem}'
        out_file = self.out_dir and str(Path(self.out_dir, f'{name}.png'))
        runner.visualizer.add_datasample(
            name,
            # In the frame that the detector saw.
            read_image(sample.img_path, sample.ori_shape[1::-1]),
            data_sample=sample,
            show=self.show,
            wait_time=self.wait_time,
            pred_score_thr=self.score_thr,
            out_file=out_file,
            step=self.seen,
        )
