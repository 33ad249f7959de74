"""Suites of evaluations: what a pretrained backbone is scored by, and where.

A suite shares its configs among all arms of a comparison.
"""

from dataclasses import dataclass, replace
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
        metrics (dict[str, Metric]): Columns, and where their values are.
        explanation (str): What they are, for a report.
        linear (str, optional): Config of the linear classifier, below
            configs/; kNN takes its images from there. Without one there are
            no labels to learn.
        localization (str, optional): Config that tests the linear classifier
            and its class maps, or maps of the pretrained backbone itself if
            there is no linear classifier. Without one the linear config
            tests the classifier alone.
        detection (str, optional): Config of a detector.
        detection_metrics (dict[str, Metric], optional): More columns, for
            the arms that are evaluated by it.
        split (str): What its scores are of. Defaults to 'test'.
        folders (tuple[str]): What the data root has to hold; nothing if
            tools/make_material_scenes.py writes it.
        guide (str, optional): Where users read how to make those folders.
    """

    name: str
    title: str
    data_root: Path
    metrics: dict[str, Metric]
    explanation: str
    linear: str | None = None
    localization: str | None = None
    detection: str | None = None
    detection_metrics: dict[str, Metric] | None = None
    split: str = 'test'
    folders: tuple[str, ...] = ()
    guide: str | None = None

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
# Choices are made by it, so that none is made by the test split.
MATERIALS_VAL = replace(
    MATERIALS,
    name='materials_val',
    linear='classification/r18_linear_materials_val.py',
    localization='localization/r18_gradcam_materials_val.py',
    detection=None,
    detection_metrics=None,
    split='val',
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
    folders=('train', 'test'),
    guide='configs/sca/README.md',
)
COCO = Suite(
    name='coco',
    title='COCO photographs',
    data_root=Path('data/coco_first100'),
    localization='localization/r18_labelfree_coco.py',
    metrics={
        name: ('localization.json', (f'cam/{name}',), 1)
        for name in ('MaxBoxAccV2', 'CorLoc', 'PxAP', 'pointing')
    },
    explanation='Maps of the backbone itself (the first principal component '
    'of its features) against boxes and masks of all objects; thresholds '
    'chosen on the training photographs.',
    split='val2017',
    folders=('train2017', 'val2017', 'annotations'),
    guide='configs/localization/README.md',
)
SUITES = {
    suite.name: suite for suite in (MATERIALS, MATERIALS_VAL, CIFAR10, COCO)
}
