"""What remains of a run when its checkpoints are gone: a small JSON file.

A record belongs to the configs that its run had. It is worth nothing to a
table whose configs have changed since, so that it names them by hashes.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import torch
from mmengine.device import get_device

from mmsca.apis.commands import config, project_root
from mmsca.apis.comparison import Run
from mmsca.apis.config_file import read_config
from mmsca.apis.jobs import shell_line
from mmsca.apis.options import parse_options
from mmsca.engine.optimizers.bf16_optim_wrapper import has_fast_bf16
from mmsca.utils.atomic_backend import AtomicBackend
from mmsca.utils.machine import cpu_name
from mmsca.version import __version__
from mmsca.visualization.curves import losses_by_epoch


@cache
def config_hash(file: Path) -> str:
    """16 hexadecimal digits of a config with what it inherits.

    Neither comments nor the order of fields count, and no formatter, whose
    next version would write the same fields in another way.
    """
    fields = read_config(file).to_dict()
    text = json.dumps(fields, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def identity(run: Run, scenes_args: Sequence[str]) -> dict:
    """What the scores of a run depend on, besides code and machine.

    Args:
        run (Run): The run.
        scenes_args (Sequence[str]): Settings of its data set.

    Returns:
        dict: `hashes` of the configs by stage, `options` of the pretraining,
        and `scenes_args`.
    """
    files = run.suite.configs(run.arm.detection)
    hashes = {stage: config_hash(config(f)) for stage, f in files.items()}
    if run.arm.config:
        hashes = dict(pretrain=config_hash(run.arm.config), **hashes)
    return dict(
        hashes=hashes,
        options=list(run.arm.options),
        scenes_args=list(scenes_args),
    )


def changes(old: dict, new: dict) -> list[str]:
    """What of an identity is not what it was.

    Args:
        old (dict): What :func:`identity` returned, or a record.
        new (dict): The same of today. Evaluations that only one of the two
            has do not count, the pretraining does.

    Returns:
        list[str]: Such as `config of linear`; empty if all is the same.
    """
    was, now = old['hashes'], new['hashes']
    stages = dict.fromkeys(['pretrain', *(s for s in now if s in was)])
    changed = [
        f'config of {stage}'
        for stage in stages
        if was.get(stage) != now.get(stage)
    ]
    fields = ('options', 'scenes_args')
    return changed + [field for field in fields if old[field] != new[field]]


def make_record(
    table: str, run: Run, scenes_args: Sequence[str], work_dir: Path
) -> dict:
    """Collect what a finished run leaves.

    Args:
        table (str): Name of its table.
        run (Run): All its jobs are done.
        scenes_args (Sequence[str]): Settings of its data set.
        work_dir (Path): That of the JobRunner, with `jobs/<name>.json`.

    Returns:
        dict: For JSON, without a path of this machine.
    """
    arm, jobs = run.arm, run.jobs()
    start = len(run.name) + 1
    seconds = {}
    for job in jobs:
        file = work_dir / 'jobs' / f'{job.name}.json'
        seconds[job.name[start:]] = json.loads(file.read_text())['seconds']
    losses = losses_by_epoch(run.folder / 'pretrain') if arm.config else []
    return dict(
        table=table,
        arm=arm.name,
        title=arm.title,
        seed=run.seed,
        config=arm.config and portable(str(arm.config), run, work_dir),
        **identity(run, scenes_args),
        scores={m: round(v, 4) for m, v in run.scores().items()},
        loss=[round(loss, 4) for loss in losses],
        seconds=seconds,
        commands=[portable(shell_line(job), run, work_dir) for job in jobs],
        machine=dict(
            mmsca=__version__,
            torch=torch.__version__,
            cpu=cpu_name(),
            bf16=uses_bf16(arm.config, arm.options),
        ),
    )


def portable(text: str, run: Run, work_dir: Path) -> str:
    """A text without absolute paths of this machine.

    The project becomes the current directory, as where the commands are
    meant to run; a work directory or data set elsewhere becomes the usual
    one, and a config elsewhere its name.
    """
    text = text.replace(f'{project_root()}{os.sep}', '')
    usual = {
        work_dir: 'work_dirs/study',
        run.data_root: f'data/{run.data_root.name}',
    }
    if run.arm.config:
        usual[run.arm.config] = run.arm.config.name
    # One of them may lie in another.
    for path in sorted(usual, key=lambda path: -len(path.parts)):
        if path.is_absolute():
            text = text.replace(str(path), usual[path])
    return text


def uses_bf16(file: Path | None, options: Sequence[str]) -> bool:
    """Whether a pretraining computes in bf16 on this machine."""
    if file is None:
        return False
    cfg = read_config(file)
    cfg.merge_from_dict(parse_options(options))
    wrapper = cfg.optim_wrapper.type
    return wrapper == 'mmsca.BF16OptimWrapper' and has_fast_bf16(get_device())


def record_file(folder: Path, run: Run) -> Path:
    """Where the record of a run is or will be."""
    return folder / f'{run.arm.name}_seed{run.seed}.json'


def read_json(file: Path) -> dict | None:
    """The content of a file, None if there is none."""
    return json.loads(file.read_text('utf-8')) if file.exists() else None


def write_whole(content: dict, file: Path) -> None:
    """Write JSON; whoever is interrupted leaves no half of it."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    AtomicBackend().put(f'{text}\n'.encode(), file)
