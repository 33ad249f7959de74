"""Tell what a checkpoint file holds: all of tools/inspect_checkpoint.py."""

import argparse
import shlex

from mmsca.apis.config import add_trust_argument
from mmsca.utils.architectures import Architecture, detect_architecture
from mmsca.utils.checkpoint_checks import first
from mmsca.utils.checkpoint_reader import read_checkpoint

RESNET_CONFIG = 'classification/r50_linear_in1k'
TIMM_CONFIG = 'classification/timm_linear_in1k'
# Width and depth of the transformers that timm has by these names.
TRANSFORMERS = {
    (192, 12): 'tiny',
    (384, 12): 'small',
    (768, 12): 'base',
    (1024, 24): 'large',
}
DINO = [('small', 8), ('small', 16), ('base', 8), ('base', 16)]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Print where a checkpoint has its backbone, which '
        'network it is, what would be loaded, and the command that scores '
        'it.'
    )
    parser.add_argument('checkpoint', help='file of any project')
    add_prefix_argument(parser)
    add_trust_argument(parser)
    return parser.parse_args(argv)


def add_prefix_argument(parser: argparse.ArgumentParser) -> None:
    """Argument of the tools that read a backbone and take no config."""
    parser.add_argument(
        '--prefix',
        help='which backbone, if the file holds several: what its names '
        'begin with, such as student or encoder_k',
    )


def inspect(argv: list[str] | None = None) -> Architecture:
    """Print and return what is there."""
    args = parse_args(argv)
    content = read_checkpoint(args.checkpoint, args.trust_checkpoint)
    found = detect_architecture(content, args.checkpoint, args.prefix)
    network = found.network
    rows = {
        'file': args.checkpoint,
        'layout': f'{network.place}, with {network.names}',
        'network': found,
        'loaded': f'{network.matched} of {network.expected} keys',
        'left': f'{len(network.left)}: {first(network.left)}'
        if network.left
        else 'nothing',
    }
    if network.passed_over:
        rows['not taken'] = f'{", ".join(network.passed_over)} (see --prefix)'
    rows['scored by'] = command(found, args.checkpoint, args.prefix)
    for name, text in rows.items():
        print(f'{name + ":":<10} {text}')
    return found


def command(
    found: Architecture, checkpoint: str, prefix: str | None = None
) -> str:
    """The command that scores a backbone by kNN, or why there is none."""
    config, options = config_for(found)
    if options is None:
        return (
            'no config, its width is unusual; a config of yours can build it'
        )
    if prefix:
        options['model.backbone.init_cfg.prefix'] = prefix
    words = ['mmsca', 'knn', config, checkpoint]
    if options:
        words += ['--cfg-options', *(f'{k}={v}' for k, v in options.items())]
    return shlex.join(words)


def config_for(found: Architecture) -> tuple[str, dict | None]:
    """The config that builds a backbone, and fields of it to replace.

    Returns:
        tuple[str, dict | None]: Its name and values by paths; None if it can
        not be told to build such a network.
    """
    if found.is_transformer:
        config, fields = TIMM_CONFIG, transformer_options(found)
    else:
        config, fields = RESNET_CONFIG, resnet_options(found)
    if fields is None:
        return config, None
    return config, {f'model.backbone.{k}': v for k, v in fields.items()}


def resnet_options(found: Architecture) -> dict | None:
    """What the ResNet of the config has to be told, None if it cannot."""
    sizes = dict(
        depth=found.depth,
        stem_channels=found.shape('conv1.weight')[0],
        base_channels=found.shape('layer1.0.conv1.weight')[0],
    )
    expansion = 1 if found.depth < 50 else 4
    if found.width != 8 * expansion * sizes['base_channels']:
        # Wide or in groups.
        return None
    usual = dict(depth=50, stem_channels=64, base_channels=64)
    return {k: v for k, v in sizes.items() if v != usual[k]}


def transformer_options(found: Architecture) -> dict | None:
    """The name of a transformer in timm, None if it has none."""
    size = TRANSFORMERS.get((found.width, found.depth))
    if size is None:
        return None
    name = f'vit_{size}_patch{found.patch}'
    if found.has_layer_scale:
        return dict(model_name=f'{name}_dinov2')
    # The tag says how images are normalized: as most pretrainings do it.
    tag = '.dino' if (size, found.patch) in DINO else ''
    return dict(model_name=f'{name}_224{tag}')
