"""Several pretraining configs over several seeds, and what they score."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from mmsca.apis.arm_jobs import ArmJobs, scenes_job
from mmsca.apis.commands import DATA_ROOT
from mmsca.apis.demo import shell_line
from mmsca.apis.jobs import Job, JobRunner
from mmsca.utils.errors import InputError
from mmsca.visualization.ablation_report import (
    Scores,
    ablation_table,
    write_ablation_report,
)
from mmsca.visualization.report import read_scores

COLUMNS = ('kNN', 'linear', 'MaxBoxAccV2', 'pointing')
DETECTION_COLUMNS = ('box AP', 'mask AP')


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
        data_root: Path = DATA_ROOT,
        workers: int = 2,
        pretrain_options: Sequence[str] = (),
        detection: bool = False,
    ) -> None:
        self.configs = by_name(configs)
        control = control or configs[0]
        if control not in configs:
            raise InputError(
                f"The control '{control}' is not among the configs: "
                f'{", ".join(map(str, configs))}. Add it to them.'
            )
        self.control = control.stem
        self.seeds = seeds
        self.work_dir = work_dir
        self.data_root = data_root
        self.workers = workers
        self.pretrain_options = pretrain_options
        self.detection = detection
        # Whatever the settings of a data set that is there already are.
        written = (data_root / 'meta.json').exists()
        self.scenes = [] if written else [scenes_job(data_root)]

    def run(self) -> Path:
        """Run what is not finished yet, then report.

        Returns:
            Path: The report, Markdown.

        Raises:
            InputError: If the work directory holds other runs.
            JobError: If a job fails.
        """
        for name in self.configs:
            for seed in self.seeds:
                self._arm(name, seed).keep_config()
        console = Console()
        JobRunner(self.jobs(), self.work_dir, self.workers, console).run()
        scores = self._scores()
        console.print(ablation_table(scores, self.control))
        commands = {
            name: [shell_line(j) for j in self._jobs_of(name, self.seeds[0])]
            for name in self.configs
        }
        return write_ablation_report(
            self.work_dir, scores, self.control, commands
        )

    def jobs(self) -> list[Job]:
        """All jobs; one seed of every config before the next seed."""
        jobs = [
            job
            for seed in self.seeds
            for name in self.configs
            for job in self._jobs_of(name, seed)
        ]
        return [*self.scenes, *jobs]

    def _arm(self, name: str, seed: int) -> ArmJobs:
        return ArmJobs(
            f'{name}_seed{seed}',
            self.work_dir / name / f'seed{seed}',
            self.configs[name],
            self.data_root,
            seed,
            after=tuple(job.name for job in self.scenes),
            cfg_options=dict(pretrain=self.pretrain_options),
        )

    def _jobs_of(self, name: str, seed: int) -> list[Job]:
        """Pretraining of one config with one seed, and its evaluations."""
        arm = self._arm(name, seed)
        jobs = [*arm.pretrain(), *arm.localization(), *arm.knn()]
        return [*jobs, *arm.detection()] if self.detection else jobs

    def _scores(self) -> Scores:
        columns = COLUMNS + DETECTION_COLUMNS * self.detection
        return {
            name: {
                seed: read_scores(self._arm(name, seed).folder, columns)
                for seed in self.seeds
            }
            for name in self.configs
        }


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
