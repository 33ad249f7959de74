"""A test loop that chooses thresholds on one split and tests on another."""

import torch
from mmengine.logging import print_log
from mmengine.runner import TestLoop
from mmengine.runner.amp import autocast

from mmsca.registry import LOOPS


@LOOPS.register_module()
class CalibratedTestLoop(TestLoop):
    """`TestLoop` that first lets metrics choose their thresholds.

    A pass over the calibration split goes to the metrics that have a method
    `calibrate` and wait for thresholds of that kind
    (`threshold_from == 'val'`); other metrics, the visualizer and all hooks
    see nothing of it. Without such a metric there is no such pass.

    Args:
        runner (Runner): The runner.
        dataloader (dict): Config of the data to test on.
        evaluator (Evaluator | dict | list): Metrics.
        calibration_dataset (dict): Fields in which the data set to choose on
            differs from `dataloader.dataset`. The two must share no image.
        **kwargs: See `mmengine.runner.TestLoop`.
    """

    def __init__(
        self,
        runner,
        dataloader: dict,
        evaluator,
        calibration_dataset: dict,
        **kwargs,
    ) -> None:
        super().__init__(runner, dataloader, evaluator, **kwargs)
        dataset = dict(dataloader['dataset'], **calibration_dataset)
        self.calibration_dataloader = runner.build_dataloader(
            dict(dataloader, dataset=dataset, persistent_workers=False),
            seed=runner.seed,
        )

    def run(self) -> dict:
        """Choose thresholds, then test."""
        metrics = [
            metric
            for metric in self.evaluator.metrics
            if hasattr(metric, 'calibrate') and metric.threshold_from == 'val'
        ]
        if metrics:
            self.calibrate(metrics)
        return super().run()

    @torch.no_grad()
    def calibrate(self, metrics: list) -> None:
        """Run the calibration split through the model and these metrics."""
        size = len(self.calibration_dataloader.dataset)
        print_log(
            f'Choosing thresholds on {size} images that are not tested on.',
            logger='current',
        )
        self.runner.model.eval()
        for data_batch in self.calibration_dataloader:
            with autocast(enabled=self.fp16):
                outputs = self.runner.model.test_step(data_batch)
            samples = [output.to_dict() for output in outputs]
            for metric in metrics:
                metric.process(data_batch, samples)
        for metric in metrics:
            metric.calibrate(size)
