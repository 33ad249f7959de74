"""From nothing to a report on SwAV with and without SCA."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from mmsca.apis.commands import DATA_ROOT
from mmsca.apis.demo_jobs import ARMS, PRETRAINED, DemoJobs
from mmsca.apis.jobs import Job, JobRunner
from mmsca.visualization.curves import plot_loss_curves
from mmsca.visualization.detections import compare_detections
from mmsca.visualization.panels import compare_pictures
from mmsca.visualization.report import (
    collect_scores,
    scores_table,
    write_report,
)

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
            for the configs of a stage, see :class:`DemoJobs`.
        scenes_args (Sequence[str]): More arguments of
            tools/make_material_scenes.py.
        console (Console, optional): Where progress and scores are shown.
    """

    def __init__(
        self,
        work_dir: Path = Path('work_dirs/demo'),
        data_root: Path = DATA_ROOT,
        workers: int = 2,
        cfg_options: dict[str, Sequence[str]] | None = None,
        scenes_args: Sequence[str] = (),
        console: Console | None = None,
    ) -> None:
        self.work_dir = Path(work_dir)
        self.data_root = Path(data_root)
        self.workers = workers
        self.console = console or Console()
        self.jobs = DemoJobs(
            self.work_dir, self.data_root, cfg_options or {}, scenes_args
        ).build()

    def run(self) -> Path:
        """Run what is not finished yet, then report.

        Returns:
            Path: The report, Markdown.

        Raises:
            JobError: If a job fails.
        """
        JobRunner(self.jobs, self.work_dir, self.workers, self.console).run()
        return self.report()

    def report(self) -> Path:
        """Print the scores, draw the pictures, write the report."""
        scores = collect_scores(self.work_dir, ARMS)
        self.console.print(scores_table(scores))
        self._draw()
        commands = [shell_line(job) for job in self.jobs]
        return write_report(self.work_dir, scores, PICTURES, commands)

    def _draw(self) -> None:
        work_dir = self.work_dir
        curves, localization, detections = (work_dir / p for p in PICTURES)
        plot_loss_curves(
            {ARMS[a]: work_dir / f'pretrain_{a}' for a in PRETRAINED}, curves
        )
        compare_pictures(
            {t: work_dir / f'overlays_{a}' for a, t in ARMS.items()},
            localization,
        )
        compare_detections(
            self.data_root / 'annotations/instances_test.json',
            self.data_root / 'detection/test',
            {
                t: work_dir / f'detection_{a}.segm.json'
                for a, t in ARMS.items()
            },
            detections,
        )


def shell_line(job: Job) -> str:
    """The command of a job that has run, for a shell."""
    return shlex.join(['python', *map(str, job.command)])
