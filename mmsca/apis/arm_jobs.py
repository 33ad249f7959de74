"""The jobs of one arm of a comparison: pretraining, then each evaluation.

Arms share every config of the evaluations; what their backbones start from is
all they differ in.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from mmsca.apis.commands import config, data_root_options, tool
from mmsca.apis.config_file import read_config
from mmsca.apis.jobs import Job, LastCheckpoint
from mmsca.apis.options import write_option
from mmsca.apis.suites import MATERIALS, Suite
from mmsca.utils.errors import InputError
from mmsca.visualization.report import KNN_K


class ArmJobs:
    """Builds the jobs of one arm.

    Args:
        name (str): First part of the names of the jobs.
        folder (Path): Gets checkpoints and metrics: a work directory per
            training, and a JSON file per evaluation, such as `knn.json`.
        pretraining (Path, optional): A config; without one the backbone
            stays untrained.
        data_root (Path): Where the data set is or will be written.
        seed (int): Of all trainings. Defaults to 0.
        after (tuple[str]): Names of the jobs that have to end before.
        cfg_options (dict[str, Sequence[str]], optional): More `key=value`
            for the configs of a stage: `pretrain`, `linear`, `knn`,
            `localization` or `detection`.
        suite (Suite): The evaluations. Defaults to those on MaterialScenes.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        pretraining: Path | None,
        data_root: Path,
        seed: int = 0,
        after: tuple[str, ...] = (),
        cfg_options: dict[str, Sequence[str]] | None = None,
        suite: Suite = MATERIALS,
    ) -> None:
        self.suite = suite
        self.name = name
        self.folder = folder
        self.pretraining = pretraining
        self.data_root = data_root
        self.seed = seed
        self.cfg_options = cfg_options or {}
        self.before = after
        self.after = after  # what the evaluations wait for
        if pretraining:
            self.after = (f'{name}_pretrain',)

    def pretrain(self) -> list[Job]:
        """Nothing for the untrained backbone."""
        if not self.pretraining:
            return []
        # So that an interrupted one has something to resume from.
        options = ['default_hooks.checkpoint.interval=1']
        return [
            self._train(
                'pretrain',
                self.pretraining,
                after=self.before,
                options=options,
                flags=('--resume',),
                seconds=150,
            )
        ]

    def linear(self) -> list[Job]:
        """Train a linear classifier, and test it if its maps are not."""
        if not self.suite.linear:
            return []
        file = config(self.suite.linear)
        train = self._train(
            'linear',
            file,
            after=self.after,
            options=[self._backbone()],
            flags=('--overwrite',),
            seconds=60,
        )
        if self.suite.localization:
            return [train]
        return [train, self._test('linear', file, trained='linear')]

    def localization(self) -> list[Job]:
        """Test the classifier and its class maps, or the backbone's maps."""
        if not self.suite.localization:
            return []
        overlays = self.folder / 'overlays'
        return [
            self._test(
                'localization',
                config(self.suite.localization),
                trained='linear' if self.suite.linear else 'pretrain',
                flags=('--show-dir', overlays, '--interval', 11),
            )
        ]

    def knn(self) -> list[Job]:
        """Classify by neighbours."""
        if not self.suite.linear:
            return []
        file, out = config(self.suite.linear), self.folder / 'knn.json'
        checkpoint = 'none'
        if self.pretraining:
            checkpoint = LastCheckpoint(self.folder / 'pretrain')
        command = (tool('knn.py'), file, checkpoint, '--k', KNN_K)
        options = self._options('knn', file, [self._seed()])
        return [
            Job(
                f'{self.name}_knn',
                (*command, '--out', out, *options),
                self.after,
                (out,),
                seconds=10,
            )
        ]

    def detection(self) -> list[Job]:
        """Fine-tune Mask R-CNN, then test it."""
        file = config(self.suite.detection)
        train = self._train(
            'detection',
            file,
            after=self.after,
            options=[self._backbone()],
            flags=('--overwrite',),
            seconds=90,
        )
        prefix = 'test_evaluator.outfile_prefix'
        results = self.folder / 'detection'
        test = self._test(
            'detection',
            file,
            trained='detection',
            options=[write_option(prefix, str(results))],
            more_products=(results.with_suffix('.segm.json'),),
        )
        return [train, test]

    def keep_config(self) -> None:
        """Write down what is pretrained.

        A config that has changed would otherwise be resumed half-way, or
        skipped as finished, since the command is the same.

        Raises:
            InputError: If the folder holds a run of another config.
        """
        if not self.pretraining:
            return
        options = [self.data_root, *self.cfg_options.get('pretrain', ())]
        text = config_text(self.pretraining)
        text += f'# {" ".join(map(str, options))}\n'
        kept = self.folder / 'pretrain.py'
        changed = kept.exists() and kept.read_text() != text
        if changed and any(self.folder.rglob('*.pth')):
            raise InputError(
                f"'{self.folder}' holds a run of '{self.pretraining}' from "
                'before that config, the data root or the options changed; '
                f'its {kept.name} shows what they were. Delete that folder, '
                'or choose another --work-dir.'
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(text)

    def _train(
        self,
        stage: str,
        file: Path,
        after: tuple[str, ...],
        options: Sequence,
        seconds: float,
        flags: Sequence = (),
    ) -> Job:
        work_dir = self.folder / stage
        command = (tool('train.py'), file, '--work-dir', work_dir, *flags)
        options = [self._seed(), *options]
        return Job(
            f'{self.name}_{stage}',
            (*command, *self._options(stage, file, options)),
            after,
            (work_dir / 'last_checkpoint',),
            seconds,
        )

    def _test(
        self,
        stage: str,
        file: Path,
        trained: str,
        flags: Sequence = (),
        options: Sequence = (),
        more_products: tuple[Path, ...] = (),
    ) -> Job:
        out = self.folder / f'{stage}.json'
        checkpoint = LastCheckpoint(self.folder / trained)
        command = (tool('test.py'), file, checkpoint)
        work_dir = ('--work-dir', self.folder / f'{stage}_test')
        metrics = ('--out', out, '--out-item', 'metrics')
        options = self._options(stage, file, options)
        return Job(
            f'{self.name}_{stage}_test',
            (*command, *work_dir, *metrics, *flags, *options),
            (f'{self.name}_{trained}',),
            (out, *more_products),
            seconds=20,
        )

    def _seed(self) -> str:
        return f'randomness.seed={self.seed}'

    def _backbone(self) -> str | LastCheckpoint:
        """The option that says what the backbone starts from."""
        field = 'model.backbone.init_cfg'
        if not self.pretraining:
            return f'{field}=None'
        return LastCheckpoint(self.folder / 'pretrain', f'{field}.checkpoint')

    def _options(self, stage: str, file: Path, options: Sequence = ()) -> list:
        options = [
            *data_root_options(file, self.data_root),
            *options,
            *self.cfg_options.get(stage, ()),
        ]
        return ['--cfg-options', *options] if options else []


@cache
def config_text(file: Path) -> str:
    """A config with what it inherits; to format it takes a while."""
    return read_config(file).pretty_text


def scenes_job(
    data_root: Path, scenes_args: Sequence = (), name: str = 'scenes'
) -> Job:
    """The job that writes MaterialScenes.

    Args:
        data_root (Path): Where to.
        scenes_args (Sequence): More arguments of
            tools/make_material_scenes.py.
        name (str): Its name. Defaults to 'scenes'.
    """
    return Job(
        name,
        (tool('make_material_scenes.py'), data_root, *scenes_args),
        products=(data_root / 'meta.json',),
        seconds=20,
    )
