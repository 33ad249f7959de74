"""A run: a backbone with a seed, as stages that are a command each."""

import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mmsca.comparison.project import moved_options, tool
from mmsca.comparison.settings import (
    digits,
    evaluation_settings,
    pretrain_settings,
)
from mmsca.comparison.stage import Checkpoint, Stage, as_argument
from mmsca.comparison.table import Backbone, Evaluation, Table

INIT = 'model.backbone.init_cfg'


@dataclass(frozen=True)
class Run:
    """One backbone of a table with one of its seeds.

    Args:
        work_dir (Path): Gets `<backbone>-<digits>/seed<n>/<stage>`.
    """

    table: Table
    backbone: Backbone
    seed: int
    work_dir: Path

    @property
    def name(self) -> str:
        return f'{self.backbone.name}_seed{self.seed}'

    @cached_property
    def folder(self) -> Path:
        settings = pretrain_settings(self.backbone, self.table)
        folder = self.work_dir / f'{self.backbone.name}-{settings}'
        return folder / f'seed{self.seed}'

    @cached_property
    def stages(self) -> list[Stage]:
        """In their order."""
        stages = {}
        if self.backbone.pretrain:
            stages['pretrain'] = self._pretrain()
        for evaluation in self.table.evaluations_of(self.backbone):
            stages[evaluation.name] = self._evaluate(evaluation, stages)
        return list(stages.values())

    @property
    def columns(self) -> list[str]:
        """Those of the table that its evaluations always write."""
        own = self.table.evaluations_of(self.backbone)
        written = {c for e in own for c in e.columns if c not in e.optional}
        return [c for c in self.table.columns if c in written]

    @property
    def settings(self) -> dict[str, str]:
        """Stage -> digits of its settings."""
        backbone = pretrain_settings(self.backbone, self.table)
        own = dict(pretrain=backbone)
        return own | {stage.name: stage.settings for stage in self.stages}

    def done(self) -> bool:
        """Whether all its stages have ended."""
        return all(stage.done() for stage in self.stages)

    def _pretrain(self) -> Stage:
        folder, file = self.folder / 'pretrain', self.backbone.pretrain
        # So that an interrupted one has something to resume from.
        often = 'default_hooks.checkpoint.interval=1'
        command = (
            *(tool('train.py'), file, '--work-dir', folder, '--resume'),
            *self._options(file, self._seed, often, *self.backbone.options),
        )
        settings = pretrain_settings(self.backbone, self.table)
        return Stage('pretrain', folder, command, settings)

    def _evaluate(self, evaluation: Evaluation, before: dict) -> Stage:
        settings = evaluation_settings(evaluation, self.table)
        name, source = f'{evaluation.name}-{settings}', None
        if evaluation.weights:
            # Those of the folder it reads count as well.
            source = before[evaluation.weights].folder
            name = f'{evaluation.name}-{digits([settings, source.name])}'
        folder = self.folder / name
        build = {
            'train.py': self._train,
            'test.py': self._test,
            'knn.py': self._knn,
        }
        command = build[evaluation.tool](evaluation, folder, source)
        return Stage(evaluation.name, folder, command, settings, evaluation)

    def _train(self, evaluation, folder: Path, source: None) -> tuple:
        checkpoint = self._checkpoint(f'{INIT}.checkpoint') or f'{INIT}=None'
        options = (self._seed, checkpoint, *evaluation.options)
        return (
            *(tool('train.py'), evaluation.config, '--work-dir', folder),
            *evaluation.arguments,
            *self._options(evaluation.config, *options),
        )

    def _test(self, evaluation, folder: Path, source: Path | None) -> tuple:
        checkpoint = Checkpoint(source) if source else self._checkpoint()
        options, maps = list(evaluation.options), ()
        if evaluation.detections:
            prefix = 'test_evaluator.outfile_prefix'
            options.append(as_argument(prefix, folder / 'detections'))
        if evaluation.maps:
            pictures = folder / 'pictures'
            maps = ('--show-dir', pictures, '--interval', evaluation.maps)
        return (
            *(tool('test.py'), evaluation.config, checkpoint),
            *('--work-dir', folder, '--out', folder / 'metrics.json'),
            *('--out-item', 'metrics', *maps, *evaluation.arguments),
            *self._options(evaluation.config, *options),
        )

    def _knn(self, evaluation, folder: Path, source: None) -> tuple:
        return (
            *(tool('knn.py'), evaluation.config, self._checkpoint() or 'none'),
            *(*evaluation.arguments, '--out', folder / 'metrics.json'),
            *self._options(evaluation.config, self._seed, *evaluation.options),
        )

    @property
    def _seed(self) -> str:
        return f'randomness.seed={self.seed}'

    def _checkpoint(self, field: str = '') -> Checkpoint | str | None:
        """That of the backbone; None for an untrained one."""
        if self.backbone.pretrain:
            return Checkpoint(self.folder / 'pretrain', field)
        if self.backbone.checkpoint:
            return as_argument(field, self.backbone.checkpoint)
        return None

    def _options(self, file: Path, *options) -> list:
        table = self.table
        moved = moved_options(file, table.data.root, table.data_root)
        return ['--cfg-options', *moved, *options] if moved or options else []


def runs_of(table: Table, work_dir: Path) -> list[Run]:
    """Those of a table, one seed of every backbone before the next seed.

    A comparison that is cut short then has whole pairs.
    """
    seeds = {seed for backbone in table.backbones for seed in backbone.seeds}
    return [
        Run(table, backbone, seed, work_dir)
        for seed in sorted(seeds)
        for backbone in table.backbones
        if seed in backbone.seeds
    ]


def shell_line(command) -> str:
    """A command of a stage, for a shell."""
    return shlex.join(['python', *map(str, command)])
