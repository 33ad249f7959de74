"""Suites of evaluations: what a pretrained backbone is scored by, and where.

A suite shares its configs among all arms of a comparison.
"""

from dataclasses import dataclass
from pathlib import Path

from mmsca.visualization.report import (
    ACCURACIES,
    MATERIALS_METRICS,
    METRICS,
    Metric,
)


@dataclass(frozen=True)
class Suite:
    """A data set, and the configs that evaluate a backbone on it.

    Args:
        name (str): What a study table calls it.
        title (str): What a report calls its data set.
        data_root (Path): What its configs say.
        linear (str): Config of the linear classifier, below configs/; kNN
            takes its images from there.
        metrics (dict[str, Metric]): Columns, and where their values are.
        explanation (str): What they are, for a report.
        localization (str, optional): Config that tests the linear
            classifier and its class maps. Without one the linear config
            tests the classifier alone.
        detection (str, optional): Config of a detector.
        detection_metrics (dict[str, Metric], optional): More columns, for
            the arms that are evaluated by it.
    """

    name: str
    title: str
    data_root: Path
    linear: str
    metrics: dict[str, Metric]
    explanation: str
    localization: str | None = None
    detection: str | None = None
    detection_metrics: dict[str, Metric] | None = None

    def configs(self, detection: bool) -> dict[str, str]:
        """Name of an evaluation -> its config.

        Args:
            detection (bool): With that of the detector.
        """
        files = dict(linear=self.linear, localization=self.localization)
        if detection:
            files['detection'] = self.detection
        return {stage: file for stage, file in files.items() if file}

    def columns(self, detection: bool) -> dict[str, Metric]:
        """The metrics of an arm."""
        return self.metrics | (detection and self.detection_metrics or {})


MATERIALS = Suite(
    name='materials',
    title='MaterialScenes',
    data_root=Path('data/material_scenes'),
    linear='classification/r18_linear_materials.py',
    localization='localization/r18_gradcam_materials.py',
    detection='detection/mask-rcnn_r18_fpn_materials.py',
    metrics={
        name: METRICS[name]
        for name in ('kNN', 'linear', 'MaxBoxAccV2', 'pointing')
    },
    detection_metrics={n: METRICS[n] for n in ('box AP', 'mask AP')},
    explanation=MATERIALS_METRICS,
)
CIFAR10 = Suite(
    name='cifar10',
    title='CIFAR-10',
    data_root=Path('data/cifar10'),
    linear='classification/r18_linear_cifar10.py',
    metrics={
        'kNN': METRICS['kNN'],
        'linear': ('linear.json', ('accuracy/top1',), 1),
    },
    explanation=f'{ACCURACIES}.',
)
SUITES = {suite.name: suite for suite in (MATERIALS, CIFAR10)}
