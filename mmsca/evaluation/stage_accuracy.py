"""Accuracy of several classifiers at once."""

from collections.abc import Sequence

from mmengine.evaluator import BaseMetric

from mmsca.registry import METRICS


@METRICS.register_module()
class StageAccuracy(BaseMetric):
    """Top-1 of each classifier of :class:`mmsca.MultiStageLinearHead`.

    Gives `accuracy/<name>_top1` for each map, in percent. Reads `gt_label`
    and `stage_labels`.
    """

    default_prefix = 'accuracy'

    def process(self, data_batch, data_samples: Sequence[dict]) -> None:
        """Keep which classifiers are right about a batch."""
        for sample in data_samples:
            label, predicted = int(sample['gt_label']), sample['stage_labels']
            self.results.append({k: v == label for k, v in predicted.items()})

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Percentages over the whole set."""
        return {
            f'{name}_top1': 100 * sum(r[name] for r in results) / len(results)
            for name in results[0]
        }
