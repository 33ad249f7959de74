"""Evaluate a checkpoint: the whole of tools/test.py but its first line."""

import argparse
from pathlib import Path

import mmengine
from mmengine.config import Config

from mmsca.apis.config import add_run_arguments, load_config
from mmsca.apis.train import build_runner
from mmsca.evaluation.prediction_file import ENDINGS, PredictionFile
from mmsca.utils.checkpoint_reader import register_reader
from mmsca.utils.errors import InputError
from mmsca.utils.options import count
from mmsca.utils.places import check_file, check_folder
from mmsca.utils.whole_file import ATOMIC


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Evaluate a checkpoint as a config says.'
    )
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument(
        '--out', help='file of the results, .pkl, .pickle or .json'
    )
    parser.add_argument(
        '--out-item',
        choices=['metrics', 'pred'],
        default='pred',
        help='write the metrics or the predictions',
    )
    parser.add_argument('--show-dir', help='folder of painted results')
    parser.add_argument(
        '--show', action='store_true', help='show results in a window'
    )
    parser.add_argument(
        '--interval', type=count, default=1, help='paint every n-th result'
    )
    parser.add_argument(
        '--wait-time', type=float, default=2, help='seconds a window stays'
    )
    parser.add_argument(
        '--tta', action='store_true', help="augment as the config's tta_* say"
    )
    add_run_arguments(parser)
    return parser.parse_args(argv)


def test_config(args: argparse.Namespace) -> Config:
    """The config of the run that the arguments ask for."""
    cfg = load_config(args)
    if cfg.get('test_dataloader') is None:
        raise InputError(
            f"The config '{args.config}' has no test_dataloader: "
            'pretraining itself has nothing to test. Use a config of '
            'configs/classification, configs/localization or '
            'configs/detection.'
        )
    if not Path(args.checkpoint).is_file():
        raise InputError(
            f"The checkpoint '{args.checkpoint}' does not exist. Expected "
            'a file on this machine that `mmsca train` wrote.'
        )
    check_folder(cfg.work_dir, '--work-dir')
    if args.show_dir:
        check_folder(args.show_dir, '--show-dir')
    if args.out:
        check_file(args.out, '--out', ENDINGS)
    cfg.load_from = args.checkpoint
    if args.amp:
        cfg.test_cfg.fp16 = True
    if args.show or args.show_dir:
        show_results(cfg, args)
    if args.tta:
        if 'tta_model' not in cfg or 'tta_pipeline' not in cfg:
            raise InputError(
                f"--tta: the config '{args.config}' has no tta_model and "
                'tta_pipeline.'
            )
        cfg.model = dict(**cfg.tta_model, module=cfg.model)
        cfg.test_dataloader.dataset.pipeline = cfg.tta_pipeline
    return cfg


def show_results(cfg: Config, args: argparse.Namespace) -> None:
    hook = cfg.default_hooks.get('visualization')
    if hook is None:
        raise InputError(
            f"--show-dir: the config '{args.config}' has no "
            'default_hooks.visualization.'
        )
    # One idea, two spellings: mmdet paints with draw and test_out_dir.
    if cfg.default_scope == 'mmdet':
        hook.update(draw=True, test_out_dir=args.show_dir)
    else:
        hook.update(enable=True, out_dir=args.show_dir)
    hook.update(
        show=args.show, wait_time=args.wait_time, interval=args.interval
    )


def test(argv: list[str] | None = None) -> dict:
    """Evaluate, and return the metrics."""
    args = parse_args(argv)
    register_reader(args.trust_checkpoint)
    runner = build_runner(test_config(args))
    if args.out and args.out_item == 'pred':
        runner.test_evaluator.metrics.append(PredictionFile(args.out))
    metrics = runner.test()
    if args.out and args.out_item == 'metrics':
        mmengine.dump(metrics, args.out, backend_args=ATOMIC)
    return metrics
