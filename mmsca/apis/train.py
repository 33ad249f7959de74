"""Train a model: the whole of tools/train.py but its first line."""

import argparse
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import RUNNERS

from mmsca.apis.config import add_run_arguments, load_config
from mmsca.apis.cpu_ranks import join_cpu_ranks
from mmsca.apis.work_dir import guarded_work_dir
from mmsca.engine import Runner
from mmsca.engine.hooks import LoadedCheckpointHook, ResumedSettingsHook
from mmsca.utils.checkpoint_reader import register_reader
from mmsca.utils.errors import InputError
from mmsca.utils.places import check_folder
from mmsca.utils.run_checkpoints import is_whole, newest_whole_checkpoint


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Pretrain, probe or fine-tune: train what a config says.'
    )
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='continue from this checkpoint, or without one from the '
        'furthest whole one of the work directory',
    )
    parser.add_argument(
        '--allow-changes',
        action='store_true',
        help='with --resume: go on under the settings of today where those '
        'of the checkpoint differ, which is an error otherwise',
    )
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='delete the checkpoints of an earlier run in the work directory',
    )
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate by the images of an optimizer step / '
        'auto_scale_lr.base_batch_size',
    )
    parser.add_argument(
        '--no-validate', action='store_true', help='train without validation'
    )
    parser.add_argument(
        '--no-persistent-workers',
        action='store_true',
        help='start the workers of dataloaders anew each epoch',
    )
    add_run_arguments(parser)
    return parser.parse_args(argv)


def train_config(args: argparse.Namespace) -> Config:
    """The config of the run that the arguments ask for."""
    cfg = load_config(args)
    if cfg.get('train_dataloader') is None or cfg.get('train_cfg') is None:
        raise InputError(
            f"The config '{args.config}' has no train_dataloader or "
            'train_cfg, so there is nothing to train. Evaluate it with '
            '`mmsca test`.'
        )
    check_folder(cfg.work_dir, '--work-dir')
    if args.no_validate:
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    if args.no_persistent_workers:
        cfg.train_dataloader.persistent_workers = False
    if args.amp:
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    if args.auto_scale_lr:
        if 'base_batch_size' not in cfg.get('auto_scale_lr', {}):
            raise InputError(
                f"--auto-scale-lr: the config '{args.config}' does not say "
                'for which batch its learning rate is meant. Set '
                'auto_scale_lr=dict(base_batch_size=...).'
            )
        cfg.auto_scale_lr.enable = True
    if args.resume is not None:
        found = args.resume
        if found == 'auto':
            found = newest_whole_checkpoint(
                cfg.work_dir, args.trust_checkpoint
            )
        elif not Path(found).is_file():
            raise InputError(
                f"--resume: there is no checkpoint file '{found}' on this "
                'machine. Use --resume without a file to take the newest one '
                'of the work directory.'
            )
        elif not is_whole(Path(found)):
            raise InputError(
                f"The checkpoint '{found}' is cut off or damaged. Use "
                '--resume without a file to take the newest whole one of '
                'the work directory.'
            )
        cfg.load_from = found and str(found)
        # A run that was stopped before its first checkpoint starts anew.
        cfg.resume = found is not None
    return cfg


def build_runner(cfg: Config) -> Runner:
    join_cpu_ranks(cfg)
    if 'runner_type' in cfg:
        runner = RUNNERS.build(cfg)
    else:
        runner = Runner.from_cfg(cfg)
    runner.register_hook(LoadedCheckpointHook())
    return runner


def train(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    register_reader(args.trust_checkpoint)
    cfg = train_config(args)
    with guarded_work_dir(cfg, args.overwrite):
        runner = build_runner(cfg)
        runner.register_hook(ResumedSettingsHook(args.allow_changes))
        runner.train()
