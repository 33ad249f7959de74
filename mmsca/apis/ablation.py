"""Several pretraining configs over several seeds, and what they score."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config
from rich.console import Console

from mmsca.apis.commands import DATA_ROOT, config, data_root_options, tool
from mmsca.apis.demo import shell_line
from mmsca.apis.demo_jobs import LINEAR, LOCALIZATION
from mmsca.apis.jobs import Job, JobRunner, LastCheckpoint
from mmsca.utils.errors import InputError
from mmsca.visualization.ablation_report import (
    COLUMNS,
    Scores,
    ablation_table,
    write_ablation_report,
)
from mmsca.visualization.report import KNN_K, METRICS, read_score


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

    def run(self) -> Path:
        """Run what is not finished yet, then report.

        Returns:
            Path: The report, Markdown.

        Raises:
            InputError: If the work directory holds other runs.
            JobError: If a job fails.
        """
        self._keep_configs()
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
        return [*self._scenes(), *jobs]

    def _scenes(self) -> list[Job]:
        """Nothing if there is a data set, whatever its settings are."""
        meta = self.data_root / 'meta.json'
        if meta.exists():
            return []
        command = (tool('make_material_scenes.py'), self.data_root)
        return [Job('scenes', command, products=(meta,), seconds=20)]

    def _jobs_of(self, name: str, seed: int) -> list[Job]:
        """Pretraining of one config with one seed, and its evaluations."""
        return [
            self._pretrain(name, seed),
            self._linear(name, seed),
            self._localization(name, seed),
            self._knn(name, seed),
        ]

    def _pretrain(self, name: str, seed: int) -> Job:
        file = self.configs[name]
        folder = self._folder(name, seed, 'pretrain')
        command = (tool('train.py'), file, '--work-dir', folder, '--resume')
        return Job(
            job_name(name, seed, 'pretrain'),
            (
                *command,
                *self._cfg_options(file, seed),
                # So that an interrupted one has something to resume from.
                'default_hooks.checkpoint.interval=1',
                *self.pretrain_options,
            ),
            tuple(job.name for job in self._scenes()),
            (folder / 'last_checkpoint',),
            seconds=400,
        )

    def _linear(self, name: str, seed: int) -> Job:
        file = config(LINEAR)
        folder = self._folder(name, seed, 'linear')
        command = (tool('train.py'), file, '--work-dir', folder)
        return Job(
            job_name(name, seed, 'linear'),
            (
                *command,
                *self._cfg_options(file, seed),
                LastCheckpoint(
                    self._folder(name, seed, 'pretrain'),
                    'model.backbone.init_cfg.checkpoint=',
                ),
            ),
            (job_name(name, seed, 'pretrain'),),
            (folder / 'last_checkpoint',),
            seconds=90,
        )

    def _localization(self, name: str, seed: int) -> Job:
        file = config(LOCALIZATION)
        out = self._out('MaxBoxAccV2', name, seed)
        checkpoint = LastCheckpoint(self._folder(name, seed, 'linear'))
        folder = self._folder(name, seed, 'localization')
        return Job(
            job_name(name, seed, 'localization'),
            (
                *(tool('test.py'), file, checkpoint, '--work-dir', folder),
                *('--out', out, '--out-item', 'metrics'),
                *self._cfg_options(file, seed),
            ),
            (job_name(name, seed, 'linear'),),
            (out,),
            seconds=30,
        )

    def _knn(self, name: str, seed: int) -> Job:
        file = config(LINEAR)
        out = self._out('kNN', name, seed)
        checkpoint = LastCheckpoint(self._folder(name, seed, 'pretrain'))
        return Job(
            job_name(name, seed, 'knn'),
            (
                *(tool('knn.py'), file, checkpoint, '--k', KNN_K),
                *('--out', out, *self._cfg_options(file, seed)),
            ),
            (job_name(name, seed, 'pretrain'),),
            (out,),
            seconds=30,
        )

    def _cfg_options(self, file: Path, seed: int) -> list[str]:
        options = data_root_options(file, self.data_root)
        return ['--cfg-options', *options, f'randomness.seed={seed}']

    def _folder(self, name: str, seed: int, stage: str) -> Path:
        return self.work_dir / name / f'seed{seed}' / stage

    def _out(self, metric: str, name: str, seed: int) -> Path:
        """The file of a metric, a key of :data:`METRICS`."""
        file, *_ = METRICS[metric]
        return self.work_dir / name / file.format(arm=f'seed{seed}')

    def _scores(self) -> Scores:
        return {
            name: {
                seed: {
                    metric: read_score(
                        self._out(metric, name, seed), *METRICS[metric][1:]
                    )
                    for metric in COLUMNS
                }
                for seed in self.seeds
            }
            for name in self.configs
        }

    def _keep_configs(self) -> None:
        """Write down what is pretrained.

        A config that has changed would otherwise be resumed half-way, or
        skipped as finished, since the command is the same.
        """
        options = f'# {self.data_root}: {" ".join(self.pretrain_options)}\n'
        for name, file in self.configs.items():
            text = Config.fromfile(file).pretty_text + options
            folder = self.work_dir / name
            kept = folder / 'pretrain.py'
            changed = kept.exists() and kept.read_text() != text
            if changed and any(folder.rglob('*.pth')):
                raise InputError(
                    f"'{folder}' holds runs of '{file}' from before that "
                    'config, the data root or the options changed; its '
                    f'{kept.name} shows what they were. Delete that folder, '
                    'or choose another --work-dir.'
                )
            folder.mkdir(parents=True, exist_ok=True)
            kept.write_text(text)


def job_name(name: str, seed: int, stage: str) -> str:
    return f'{name}_seed{seed}_{stage}'


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
