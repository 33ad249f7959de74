"""From nothing to a report on SwAV, with and without SCA, and its bounds."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from mmsca.apis.arm_jobs import ArmJobs, scenes_job
from mmsca.apis.commands import config
from mmsca.apis.jobs import JobRunner, shell_line
from mmsca.apis.suites import MATERIALS
from mmsca.visualization.curves import plot_loss_curves
from mmsca.visualization.detections import compare_detections
from mmsca.visualization.panels import compare_pictures
from mmsca.visualization.report import (
    METRICS,
    read_scores,
    scores_table,
    write_report,
)

# Name of a folder -> title in the report, pretraining.
ARMS = {
    'untrained': ('untrained', None),
    'swav': ('SwAV', 'sca/swav_r18_materials.py'),
    'swav_sca': ('SwAV + SCA', 'sca/swav_sca_r18_materials.py'),
    'supervised': (
        'supervised',
        'classification/r18_supervised_materials.py',
    ),
}
TITLES = {name: title for name, (title, _) in ARMS.items()}
SELF_SUPERVISED = ('swav', 'swav_sca')

PICTURES = {
    'loss_curves.png': 'Losses of the two pretrainings. Without SCA there is '
    'the plain term only; the guided term starts after the warm-up.',
    'localization.png': 'Test scenes and Grad-CAM of their true class. Green: '
    'true box; red: box at the threshold chosen on val.',
    'detections.png': 'The first test scenes, with the instances that Mask '
    'R-CNN finds with a score of at least 0.3.',
}


class Demo:
    """Runs every job of the demo and reports on them.

    Args:
        work_dir (Path): Gets checkpoints, logs, metrics and the report.
        data_root (Path): Where MaterialScenes is or will be written.
        workers (int): Number of jobs at a time, one thread each.
        cfg_options (dict[str, Sequence[str]], optional): More `key=value`
            for the configs of a stage, see :class:`ArmJobs`.
        scenes_args (Sequence[str]): More arguments of
            tools/make_material_scenes.py.
        console (Console, optional): Where progress and scores are shown.
    """

    def __init__(
        self,
        work_dir: Path = Path('work_dirs/demo'),
        data_root: Path = MATERIALS.data_root,
        workers: int = 2,
        cfg_options: dict[str, Sequence[str]] | None = None,
        scenes_args: Sequence[str] = (),
        console: Console | None = None,
    ) -> None:
        self.work_dir = Path(work_dir)
        self.data_root = Path(data_root)
        self.workers = workers
        self.console = console or Console()
        scenes = scenes_job(self.data_root, scenes_args)
        self.arms = [
            ArmJobs(
                name,
                self.work_dir / name,
                pretraining and config(pretraining),
                self.data_root,
                after=(scenes.name,),
                cfg_options=cfg_options,
            )
            for name, (_, pretraining) in ARMS.items()
        ]
        # Those that take long, or that much waits for, first.
        self.jobs = [
            scenes,
            *(job for arm in self.arms for job in arm.pretrain()),
            *(job for arm in self.arms for job in arm.detection()),
            *(job for arm in self.arms for job in arm.linear()),
            *(job for arm in self.arms for job in arm.localization()),
            *(job for arm in self.arms for job in arm.knn()),
        ]

    def run(self) -> Path:
        """Run what is not finished yet, then report.

        Returns:
            Path: The report, Markdown.

        Raises:
            InputError: If the work directory holds runs of other configs.
            JobError: If a job fails.
        """
        for arm in self.arms:
            arm.keep_config()
        JobRunner(self.jobs, self.work_dir, self.workers, self.console).run()
        return self.report()

    def report(self) -> Path:
        """Print the scores, draw the pictures, write the report."""
        scores = {
            TITLES[arm.name]: read_scores(arm.folder, METRICS)
            for arm in self.arms
        }
        self.console.print(scores_table(scores))
        self._draw()
        commands = [shell_line(job) for job in self.jobs]
        return write_report(self.work_dir, scores, PICTURES, commands)

    def _draw(self) -> None:
        work_dir = self.work_dir
        curves, localization, detections = (work_dir / p for p in PICTURES)
        plot_loss_curves(
            {TITLES[a]: work_dir / a / 'pretrain' for a in SELF_SUPERVISED},
            curves,
        )
        compare_pictures(
            {TITLES[a]: work_dir / a / 'overlays' for a in ARMS}, localization
        )
        compare_detections(
            self.data_root / 'annotations/instances_test.json',
            self.data_root / 'detection/test',
            {TITLES[a]: work_dir / a / 'detection.segm.json' for a in ARMS},
            detections,
        )
