"""A run: a backbone with a seed, as stages that are a command each."""

import json
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mmsca.apis.options import write_option
from mmsca.apis.work_dir import last_checkpoint
from mmsca.comparison.project import moved_options, tool
from mmsca.comparison.settings import (
    digits,
    evaluation_settings,
    pretrain_settings,
)
from mmsca.comparison.table import Backbone, Evaluation, Table
from mmsca.utils.errors import InputError

DONE = 'done.json'


@dataclass(frozen=True)
class Checkpoint:
    """An argument that names the newest checkpoint of an earlier stage.

    Args:
        work_dir (Path): Work directory of tools/train.py.
        field (str): The field of a config to give it to, such as
            `model.init_cfg.checkpoint`. Defaults to '', the path alone.
    """

    work_dir: Path
    field: str = ''

    @property
    def path(self) -> Path:
        return last_checkpoint(self.work_dir)

    def __str__(self) -> str:
        return _given(self.field, self.path)


@dataclass(frozen=True)
class Stage:
    """One command of a run.

    Args:
        name (str): 'pretrain', or that of an evaluation.
        folder (Path): Gets `done.json`, `log.txt` and all that it writes.
        command (tuple): Arguments of Python, each turned into `str` when the
            stage starts.
        settings (str): Digits of what its scores depend on.
        evaluation (Evaluation, optional): None for the pretraining.
    """

    name: str
    folder: Path
    command: tuple
    settings: str
    evaluation: Evaluation | None = None

    @property
    def trains(self) -> bool:
        return self.evaluation is None or self.evaluation.tool == 'train.py'

    @property
    def resumes(self) -> bool:
        """Whether the command goes on from what an earlier one left."""
        return self.evaluation is None

    @property
    def output(self) -> Path:
        """File that is there when the command has succeeded."""
        if not self.trains:
            return self.folder / 'metrics.json'
        if not (self.folder / 'last_checkpoint').exists():
            return self.folder / 'last_checkpoint'
        return Checkpoint(self.folder).path

    def done(self) -> dict | None:
        """What `done.json` holds, if the stage has ended."""
        file = self.folder / DONE
        return json.loads(file.read_text('utf-8')) if file.exists() else None

    def scores(self) -> dict[str, float]:
        """Column -> percentage, from what the command wrote."""
        if self.trains:
            return {}
        columns = self.evaluation.columns
        content = json.loads(self.output.read_text())
        left_out = self.evaluation.optional
        return {
            column: self._value(content, *columns[column])
            for column in columns
            if column not in left_out or columns[column][0] in content
        }

    def baselines(self) -> dict[str, dict[str, float]]:
        """Title of a row without a backbone -> column -> percentage."""
        if self.trains or not self.evaluation.baselines:
            return {}
        content = json.loads(self.output.read_text())
        return {
            title: {c: self._value(content, k, 1.0) for c, k in row.items()}
            for title, row in self.evaluation.baselines.items()
        }

    def _value(self, content: dict, keys: str, factor: float) -> float:
        # A detector that finds nothing leaves an empty file.
        if not content:
            return 0.0
        for key in keys.split('.'):
            if not isinstance(content, dict) or key not in content:
                raise InputError(
                    f"'{self.output}' holds no {keys}. `columns` of the "
                    f"evaluation '{self.name}' names it; expected is one of "
                    f'{", ".join(map(str, content))}.'
                )
            content = content[key]
        return factor * content


@dataclass(frozen=True)
class Run:
    """One backbone with one seed.

    Args:
        table (Table): The comparison.
        backbone (Backbone): One of its rows.
        seed (int): One of its seeds.
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
        """Those of the table that its evaluations write."""
        own = {e.name for e in self.table.evaluations_of(self.backbone)}
        optional = {c for e in self.table.evaluations for c in e.optional}
        columns = self.table.columns.items()
        return [c for c, e in columns if e in own and c not in optional]

    @property
    def settings(self) -> dict[str, str]:
        """Stage -> digits of its settings."""
        backbone = pretrain_settings(self.backbone, self.table)
        own = dict(pretrain=backbone)
        return own | {stage.name: stage.settings for stage in self.stages}

    def _pretrain(self) -> Stage:
        folder, file = self.folder / 'pretrain', self.backbone.pretrain
        # So that an interrupted one has something to resume from.
        options = ['default_hooks.checkpoint.interval=1']
        options = [self._seed, *options, *self.backbone.options]
        return Stage(
            'pretrain',
            folder,
            (
                *(tool('train.py'), file, '--work-dir', folder, '--resume'),
                *self._options(file, options),
            ),
            pretrain_settings(self.backbone, self.table),
        )

    def _evaluate(self, evaluation: Evaluation, before: dict) -> Stage:
        settings = evaluation_settings(evaluation, self.table)
        name = f'{evaluation.name}-{settings}'
        if evaluation.weights:
            # Those of the folder it reads count as well.
            read = before[evaluation.weights].folder
            name = f'{evaluation.name}-{digits([settings, read.name])}'
        folder = self.folder / name
        build = {
            'train.py': self._train,
            'test.py': self._test,
            'knn.py': self._knn,
        }
        command = build[evaluation.tool](evaluation, folder, before)
        return Stage(evaluation.name, folder, command, settings, evaluation)

    def _train(self, evaluation, folder: Path, before: dict) -> tuple:
        options = [self._seed]
        field = 'model.backbone.init_cfg'
        checkpoint = self._checkpoint(f'{field}.checkpoint')
        options.append(checkpoint or f'{field}=None')
        return (
            *(tool('train.py'), evaluation.config, '--work-dir', folder),
            *evaluation.arguments,
            *self._options(evaluation.config, [*options, *evaluation.options]),
        )

    def _test(self, evaluation, folder: Path, before: dict) -> tuple:
        if evaluation.weights:
            checkpoint = Checkpoint(before[evaluation.weights].folder)
        else:
            checkpoint = self._checkpoint()
        options = list(evaluation.options)
        if evaluation.detections:
            prefix = 'test_evaluator.outfile_prefix'
            options.append(_given(prefix, folder / 'detections'))
        maps = ()
        if evaluation.maps:
            pictures = folder / 'pictures'
            maps = ('--show-dir', pictures, '--interval', evaluation.maps)
        return (
            *(tool('test.py'), evaluation.config, checkpoint),
            *('--work-dir', folder, '--out', folder / 'metrics.json'),
            *('--out-item', 'metrics', *maps, *evaluation.arguments),
            *self._options(evaluation.config, options),
        )

    def _knn(self, evaluation, folder: Path, before: dict) -> tuple:
        return (
            tool('knn.py'),
            evaluation.config,
            self._checkpoint() or 'none',
            *evaluation.arguments,
            *('--out', folder / 'metrics.json'),
            *self._options(
                evaluation.config, [self._seed, *evaluation.options]
            ),
        )

    @property
    def _seed(self) -> str:
        return f'randomness.seed={self.seed}'

    def _checkpoint(self, field: str = '') -> Checkpoint | str | None:
        """That of the backbone; None for an untrained one."""
        if self.backbone.pretrain:
            return Checkpoint(self.folder / 'pretrain', field)
        if self.backbone.checkpoint:
            return _given(field, self.backbone.checkpoint)
        return None

    def _options(self, file: Path, options: list) -> list:
        table = self.table
        moved = moved_options(file, table.data.root, table.data_root)
        return ['--cfg-options', *moved, *options] if moved or options else []


def _given(field: str, path: Path) -> str:
    """A path as an argument, or as an option for a field of a config."""
    return write_option(field, str(path)) if field else str(path)


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
