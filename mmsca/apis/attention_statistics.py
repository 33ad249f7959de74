"""Statistics of what SCA sees: the whole of tools/attention_statistics.py."""

import argparse
from pathlib import Path

import mmengine
from mmengine.runner import Runner

from mmsca.apis.attend import check_sca
from mmsca.apis.config import add_options_argument, add_trust_argument
from mmsca.apis.load import load_model
from mmsca.models.sca.statistics import attention_statistics as statistics_of
from mmsca.utils.errors import InputError
from mmsca.utils.places import RESULTS, check_file
from mmsca.utils.whole_file import ATOMIC


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='How much of the masks of SCA lies inside of the boxes, '
        'and who its partners are, for a pretrained checkpoint.'
    )
    parser.add_argument(
        'config',
        help='pretraining with SCA and a mmsca.AttentionStatisticsHook, such '
        'as configs/sca/swav_sca_r18_materials_watched.py',
    )
    parser.add_argument('checkpoint', help='checkpoint of that pretraining')
    add_options_argument(parser)
    parser.add_argument('--out', type=Path, help='JSON file to write')
    add_trust_argument(parser)
    return parser.parse_args(argv)


def attention_statistics(argv: list[str] | None = None) -> dict[str, float]:
    """Evaluate and print, and write if asked to.

    Returns:
        dict[str, float]: Of `mmsca.models.sca.statistics`.
    """
    args = parse_args(argv)
    if args.out:
        check_file(args.out, '--out', RESULTS)
    model = load_model(
        args.checkpoint,
        args.config,
        options=args.cfg_options,
        trust=args.trust_checkpoint,
    )
    check_sca(model)
    hook = model.cfg.get('default_hooks', {}).get('attention_statistics')
    if hook is None:
        raise InputError(
            f"The config '{args.config}' has no "
            'default_hooks.attention_statistics, whose dataloader names the '
            'images. Take it from '
            'configs/sca/swav_sca_r18_materials_watched.py.'
        )
    loader = Runner.build_dataloader(hook.dataloader, seed=0)
    statistics = statistics_of(model, loader)
    for name, value in statistics.items():
        print(f'{name:>15}  {value:.3f}')
    if args.out:
        mmengine.dump(statistics, str(args.out), indent=2, backend_args=ATOMIC)
        print(f'Written to {args.out}')
    return statistics
