"""Several pretraining configs over several seeds, and what they score."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from mmsca.apis.arm_jobs import scenes_job
from mmsca.apis.comparison import Arm, Run, paired
from mmsca.apis.jobs import Job, JobRunner, shell_line
from mmsca.apis.suites import MATERIALS
from mmsca.utils.errors import InputError
from mmsca.visualization.ablation_report import (
    ablation_table,
    write_ablation_report,
)
from mmsca.visualization.paired import Scores


class Ablation:
    """Pretrains each config with each seed, evaluates, compares.

    Args:
        configs (Sequence[Path]): Pretraining configs for MaterialScenes.
            The stem of a file is its name.
        control (Path, optional): The one of them that differences refer to.
            Defaults to the first.
        seeds (Sequence[int]): Of pretraining and of the linear classifier.
        work_dir (Path): Gets checkpoints, logs, metrics and the report.
        data_root (Path): Where MaterialScenes is or will be written.
        workers (int): Number of jobs at a time, one thread each.
        pretrain_options (Sequence[str]): More `key=value` for the configs.
        detection (bool): Fine-tune Mask R-CNN too. Defaults to False.

    Raises:
        InputError: If a config is missing, two have the same name, or the
            control is not among them.
    """

    def __init__(
        self,
        configs: Sequence[Path],
        control: Path | None = None,
        seeds: Sequence[int] = (0, 1),
        work_dir: Path = Path('work_dirs/ablation'),
        data_root: Path = MATERIALS.data_root,
        workers: int = 2,
        pretrain_options: Sequence[str] = (),
        detection: bool = False,
    ) -> None:
        self.arms = [
            Arm(
                name,
                name,
                file,
                tuple(seeds),
                tuple(pretrain_options),
                detection,
            )
            for name, file in by_name(configs).items()
        ]
        control = control or configs[0]
        if control not in configs:
            raise InputError(
                f"The control '{control}' is not among the configs: "
                f'{", ".join(map(str, configs))}. Add it to them.'
            )
        self.control = control.stem
        self.work_dir = work_dir
        self.workers = workers
        # Whatever the settings of a data set that is there already are.
        written = (data_root / 'meta.json').exists()
        self.scenes = [] if written else [scenes_job(data_root)]
        after = tuple(job.name for job in self.scenes)
        self.runs = [
            Run(arm, seed, MATERIALS, data_root, work_dir, after=after)
            for arm, seed in paired(self.arms)
        ]

    def run(self) -> Path:
        """Run what is not finished yet, then report.

        Returns:
            Path: The report, Markdown.

        Raises:
            InputError: If the work directory holds other runs.
            JobError: If a job fails.
        """
        for run in self.runs:
            run.keep_config()
        console = Console()
        JobRunner(self.jobs(), self.work_dir, self.workers, console).run()
        scores: Scores = {arm.name: {} for arm in self.arms}
        commands = {}
        for run in self.runs:
            scores[run.arm.name][run.seed] = run.scores()
            # The first seed comes first.
            lines = [shell_line(job) for job in run.jobs()]
            commands.setdefault(run.arm.name, lines)
        console.print(ablation_table(scores, self.control))
        return write_ablation_report(
            self.work_dir, scores, self.control, commands
        )

    def jobs(self) -> list[Job]:
        """All jobs; one seed of every config before the next seed."""
        return [
            *self.scenes,
            *(job for run in self.runs for job in run.jobs()),
        ]


def by_name(configs: Sequence[Path]) -> dict[str, Path]:
    """Name configs by their stems.

    Args:
        configs (Sequence[Path]): Existing files.

    Returns:
        dict[str, Path]: Stem -> file, in the same order.

    Raises:
        InputError: If a file is missing or a stem is not unique.
    """
    named = {}
    for file in configs:
        if not file.is_file():
            raise InputError(
                f"The config '{file}' does not exist. Those that come with "
                'mmsca are below configs/sca/.'
            )
        if file.stem in named:
            raise InputError(
                f"'{named[file.stem]}' and '{file}' have the same name, "
                f"'{file.stem}', which is that of their rows and folders. "
                'Rename one of them.'
            )
        named[file.stem] = file
    return named
