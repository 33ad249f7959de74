"""The jobs of the demo: pretraining with and without SCA, evaluations.

The three arms share every config and seed; only what the backbone starts
from differs.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mmsca.apis.commands import config, data_root_options, tool
from mmsca.apis.jobs import Job, LastCheckpoint
from mmsca.visualization.report import KNN_K

ARMS = {
    'random': 'random initialisation',
    'swav': 'SwAV',
    'swav_sca': 'SwAV + SCA',
}
PRETRAINED = ('swav', 'swav_sca')
LINEAR = 'classification/r18_linear_materials.py'
LOCALIZATION = 'localization/r18_gradcam_materials.py'
DETECTION = 'detection/mask-rcnn_r18_fpn_materials.py'


class DemoJobs:
    """Builds the jobs of the demo.

    Args:
        work_dir (Path): Gets checkpoints and metrics.
        data_root (Path): Where MaterialScenes is or will be written.
        cfg_options (dict[str, Sequence[str]]): More `key=value` for the
            configs of a stage: `pretrain`, `linear`, `knn`, `localization`
            or `detection`.
        scenes_args (Sequence[str]): More arguments of
            tools/make_material_scenes.py.
    """

    def __init__(
        self,
        work_dir: Path,
        data_root: Path,
        cfg_options: dict[str, Sequence[str]],
        scenes_args: Sequence[str],
    ) -> None:
        self.work_dir = work_dir
        self.data_root = data_root
        self.cfg_options = cfg_options
        self.scenes_args = scenes_args

    def build(self) -> list[Job]:
        """All jobs; those that take long, or that much waits for, first."""
        return [
            self._scenes(),
            *(self._pretrain(arm) for arm in PRETRAINED),
            *(job for arm in ARMS for job in self._detection(arm)),
            *(job for arm in ARMS for job in self._localization(arm)),
            *(self._knn(arm) for arm in ARMS),
        ]

    def _scenes(self) -> Job:
        command = (tool('make_material_scenes.py'), self.data_root)
        return Job(
            'scenes',
            (*command, *self.scenes_args),
            products=(self.data_root / 'meta.json',),
            seconds=20,
        )

    def _pretrain(self, arm: str) -> Job:
        file = f'sca/{arm}_r18_materials.py'
        return self._train(
            'pretrain', f'pretrain_{arm}', file, after='scenes', seconds=400
        )

    def _detection(self, arm: str) -> Iterator[Job]:
        """Fine-tune Mask R-CNN, then test it."""
        name = f'detection_{arm}'
        results = self.work_dir / name
        yield self._train(
            'detection',
            name,
            DETECTION,
            after=self._source(arm),
            options=[self._backbone(arm)],
            seconds=170,
        )
        yield self._test(
            'detection',
            f'detection_test_{arm}',
            DETECTION,
            trained=name,
            out=results.with_suffix('.json'),
            options=[f'test_evaluator.outfile_prefix={results}'],
            more_products=(results.with_suffix('.segm.json'),),
        )

    def _localization(self, arm: str) -> Iterator[Job]:
        """Train a linear classifier, then test it and its Grad-CAM."""
        yield self._train(
            'linear',
            f'linear_{arm}',
            LINEAR,
            after=self._source(arm),
            options=[self._backbone(arm)],
            seconds=90,
        )
        overlays = self.work_dir / f'overlays_{arm}'
        yield self._test(
            'localization',
            f'localization_{arm}',
            LOCALIZATION,
            trained=f'linear_{arm}',
            out=self.work_dir / f'localization_{arm}.json',
            flags=('--show-dir', overlays, '--interval', 11),
        )

    def _knn(self, arm: str) -> Job:
        out = self.work_dir / f'knn_{arm}.json'
        checkpoint = 'none'
        if arm in PRETRAINED:
            checkpoint = LastCheckpoint(self.work_dir / f'pretrain_{arm}')
        command = (tool('knn.py'), config(LINEAR), checkpoint)
        options = self._options('knn', LINEAR)
        return Job(
            f'knn_{arm}',
            (*command, '--k', KNN_K, '--out', out, *options),
            (self._source(arm),),
            (out,),
            seconds=30,
        )

    def _train(
        self,
        stage: str,
        name: str,
        file: str,
        after: str,
        seconds: float,
        options: Sequence = (),
    ) -> Job:
        work_dir = self.work_dir / name
        command = (tool('train.py'), config(file), '--work-dir', work_dir)
        return Job(
            name,
            (*command, *self._options(stage, file, options)),
            (after,),
            (work_dir / 'last_checkpoint',),
            seconds,
        )

    def _test(
        self,
        stage: str,
        name: str,
        file: str,
        trained: str,
        out: Path,
        flags: Sequence = (),
        options: Sequence = (),
        more_products: tuple[Path, ...] = (),
    ) -> Job:
        checkpoint = LastCheckpoint(self.work_dir / trained)
        command = (tool('test.py'), config(file), checkpoint, '--work-dir')
        metrics = ('--out', out, '--out-item', 'metrics')
        return Job(
            name,
            (
                *command,
                self.work_dir / name,
                *metrics,
                *flags,
                *self._options(stage, file, options),
            ),
            (trained,),
            (out, *more_products),
            seconds=30,
        )

    def _source(self, arm: str) -> str:
        """The job that the evaluations of an arm wait for."""
        return f'pretrain_{arm}' if arm in PRETRAINED else 'scenes'

    def _backbone(self, arm: str) -> str | LastCheckpoint:
        """The option that says what the backbone of an arm starts from."""
        field = 'model.backbone.init_cfg'
        if arm not in PRETRAINED:
            return f'{field}=None'
        folder = self.work_dir / f'pretrain_{arm}'
        return LastCheckpoint(folder, f'{field}.checkpoint=')

    def _options(self, stage: str, file: str, options: Sequence = ()) -> list:
        options = [
            *data_root_options(config(file), self.data_root),
            *options,
            *self.cfg_options.get(stage, ()),
        ]
        return ['--cfg-options', *options] if options else []
