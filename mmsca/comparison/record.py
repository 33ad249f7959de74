"""What remains of a run when its checkpoints are gone: a small JSON file.

It names commit and settings, and stays what it is when they change.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.device import get_device

from mmsca.comparison.project import git_state, resolve
from mmsca.comparison.run import Run, shell_line
from mmsca.comparison.settings import digits
from mmsca.comparison.stage import Stage
from mmsca.engine.optimizers.bf16_optim_wrapper import has_fast_bf16
from mmsca.utils.config_names import project_root
from mmsca.utils.machine import cpu_name
from mmsca.utils.whole_file import write_whole
from mmsca.version import __version__
from mmsca.visualization.curves import losses_by_epoch


def environment_of(run: Run, stage: Stage) -> dict:
    """Versions, machine and commit that a stage ran with."""
    gpu = torch.cuda.is_available() and torch.cuda.get_device_name()
    machine = dict(
        mmsca=__version__,
        torch=torch.__version__,
        cpu=cpu_name(),
        gpu=gpu or None,
        bf16=stage.name == 'pretrain' and uses_bf16(run),
    )
    return dict(machine=machine, **git_state())


def uses_bf16(run: Run) -> bool:
    """Whether the pretraining of a run computes in bf16 on this machine."""
    backbone = run.backbone
    cfg = backbone.pretrain and resolve(backbone.pretrain, backbone.options)
    wrapper = cfg and cfg.optim_wrapper.type
    return wrapper == 'mmsca.BF16OptimWrapper' and has_fast_bf16(get_device())


def make_record(run: Run) -> dict:
    """Collect what a finished run leaves, without a path of this machine."""
    backbone, table = run.backbone, run.table
    done = {stage.name: stage.done() for stage in run.stages}
    first = next(iter(done.values()))
    scores, baselines = {}, {}
    for ended in done.values():
        scores |= {c: round(value, 4) for c, value in ended['scores'].items()}
        for title, row in ended['baselines'].items():
            baselines[title] = baselines.get(title, {}) | row
    source = backbone.pretrain or backbone.checkpoint
    losses = losses_by_epoch(run.folder / 'pretrain')
    return dict(
        table=table.name,
        backbone=backbone.name,
        title=backbone.title,
        seed=run.seed,
        config=source and portable(str(source), run),
        options=list(backbone.options),
        data=list(table.data.arguments),
        settings=run.settings,
        scores=scores,
        baselines=baselines,
        loss=[round(loss, 4) for loss in losses],
        seconds={name: ended['seconds'] for name, ended in done.items()},
        commands={
            name: portable(shell_line(ended['command']), run)
            for name, ended in done.items()
        },
        machine=first['machine'],
        commit=first['commit'],
        dirty=any(ended['dirty'] for ended in done.values()),
    )


def portable(text: str, run: Run) -> str:
    """A text without absolute paths of this machine.

    The project becomes the current directory, as where the commands are
    meant to run; a work directory or data set elsewhere becomes the usual
    one, and a config or checkpoint elsewhere its name.
    """
    text = text.replace(f'{project_root()}{os.sep}', '')
    table, backbone = run.table, run.backbone
    usual = {
        run.work_dir: f'work_dirs/{table.name}',
        table.data_root: f'data/{table.data_root.name}',
    }
    for path in filter(None, (backbone.pretrain, backbone.checkpoint)):
        usual[path] = path.name
    # One of them may lie in another.
    for path in sorted(usual, key=lambda path: -len(path.parts)):
        if path.is_absolute():
            text = text.replace(str(path), usual[path])
    return text


def changed_settings(record: dict, run: Run) -> list[str]:
    """Stages of a record whose settings differ from today's, those of a run.

    An evaluation that only one of the two has does not count, nor do settings
    that a person has accepted as equal.
    """
    was = record['settings'] | record.get('accepted', {})
    now = run.settings
    return [stage for stage in was if was[stage] != now.get(stage, was[stage])]


def write_record(record: dict, folder: Path) -> None:
    """Keep a record, beside those of other settings."""
    name = f'{record["backbone"]}-{digits(record["settings"])}'
    write_json(record, folder / f'{name}_seed{record["seed"]}.json')


def accept_settings(record: dict, run: Run, folder: Path) -> None:
    """Note in a record that today's settings give the same scores."""
    known = record['settings']
    now = {s: d for s, d in run.settings.items() if s in known}
    write_record(record | dict(accepted=now), folder)


def read_records(folder: Path, run: Run) -> list[dict]:
    """All records of a run, of whatever settings."""
    files = sorted(folder.glob(f'{run.backbone.name}-*_seed{run.seed}.json'))
    records = [json.loads(file.read_text('utf-8')) for file in files]
    return [r for r in records if r['backbone'] == run.backbone.name]


def is_measured(
    records: Sequence[dict], run: Run, any_settings: bool = False
) -> bool:
    """Whether records have every column of a run, under today's settings."""
    known = {
        column
        for record in records
        if any_settings or not changed_settings(record, run)
        for column in record['scores']
    }
    return bool(records) and known.issuperset(run.columns)


def write_json(content: dict, file: Path) -> None:
    """Write JSON; whoever is interrupted leaves no half of it."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    write_whole(file, f'{text}\n')
