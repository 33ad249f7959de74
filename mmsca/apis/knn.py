"""Evaluate a backbone by nearest neighbours: the whole of tools/knn.py."""

import argparse
from copy import deepcopy
from pathlib import Path

import mmengine
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.model import BaseModel
from mmengine.registry import MODELS, init_default_scope
from mmengine.runner import Runner, set_random_seed
from torch.utils.data import DataLoader

from mmsca.apis.config import (
    add_options_argument,
    add_trust_argument,
    load_config,
)
from mmsca.datasets.classes import refuse_other_classes
from mmsca.evaluation.knn import knn_accuracy
from mmsca.models.features import extract_features
from mmsca.utils.checkpoint import load_backbone, prefix_of
from mmsca.utils.errors import InputError
from mmsca.utils.options import count
from mmsca.utils.places import RESULTS, check_file
from mmsca.utils.whole_file import ATOMIC


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Classify the test images of a linear config by their '
        'nearest training images in the feature space of a backbone.'
    )
    add_model_arguments(parser)
    parser.add_argument(
        '--k',
        type=count,
        nargs='+',
        default=[10, 20, 100, 200],
        help='numbers of neighbours',
    )
    parser.add_argument(
        '--temperature',
        type=float,
        default=0.07,
        help='a neighbour of similarity s votes with exp(s / temperature)',
    )
    parser.add_argument('--work-dir', help='folder of the results')
    parser.add_argument('--out', help='results; default: WORK_DIR/knn.json')
    args = parser.parse_args(argv)
    if not args.temperature > 0:  # nor nan
        parser.error('--temperature must be above 0')
    return args


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the tools that extract features."""
    parser.add_argument('config', help='config file of a linear classifier')
    parser.add_argument(
        'checkpoint',
        help='file with a pretrained backbone, of any project, or '
        "'none' for random weights",
    )
    add_options_argument(parser)
    add_trust_argument(parser)


def build_model(
    cfg: Config, checkpoint: str, trust: bool = False
) -> BaseModel:
    """The classifier of a linear config with a backbone from a checkpoint.

    Args:
        cfg (Config): Becomes an attribute of the model.
        checkpoint (str): Path, or 'none' for random weights by the seed of
            the config.
        trust (bool): See `mmsca.utils.checkpoint_reader.read_checkpoint`.

    Raises:
        InputError: If the checkpoint is missing or does not fit.
    """
    model_cfg = deepcopy(cfg.model)
    prefix = prefix_of(model_cfg.backbone.get('init_cfg'))
    model_cfg.backbone.init_cfg = None
    set_random_seed(cfg.randomness.seed)
    model = MODELS.build(model_cfg)
    if checkpoint == 'none':
        model.init_weights()
    else:
        load_backbone(model.backbone, checkpoint, prefix, trust)
    model.cfg = cfg
    return model.to(get_device())


def build_dataloaders(cfg: Config) -> tuple[DataLoader, DataLoader]:
    """Training and test images, both in order and without augmentation.

    Raises:
        InputError: If their labels do not stand for the same classes.
    """
    train = deepcopy(cfg.train_dataloader)
    train.sampler.shuffle = False
    train.dataset.pipeline = cfg.test_dataloader.dataset.pipeline
    train = Runner.build_dataloader(train)
    test = Runner.build_dataloader(deepcopy(cfg.test_dataloader))
    refuse_other_classes(
        train_dataloader=train.dataset, test_dataloader=test.dataset
    )
    return train, test


def knn(argv: list[str] | None = None) -> dict:
    """Evaluate, print a table and write the results.

    Returns:
        dict: What is written: `top1` holds a percentage for each k.
    """
    args = parse_args(argv)
    cfg = load_config(args)
    loaders = ('train_dataloader', 'test_dataloader')
    if any(cfg.get(name) is None for name in loaders):
        raise InputError(
            f"The config '{args.config}' has no train_dataloader or no "
            'test_dataloader. Use one of configs/classification.'
        )
    out = args.out or Path(cfg.work_dir, 'knn.json')
    out = check_file(out, '--out', RESULTS)
    init_default_scope(cfg.default_scope)
    model = build_model(cfg, args.checkpoint, args.trust_checkpoint)
    train_loader, test_loader = build_dataloaders(cfg)
    bank, bank_labels = extract_features(model, train_loader)
    features, labels = extract_features(model, test_loader)
    top1 = knn_accuracy(
        features, labels, bank, bank_labels, args.k, args.temperature
    )

    print(f'{"k":>5}  top-1')
    for k, accuracy in top1.items():
        print(f'{k:>5}  {accuracy:5.2f}')
    results = dict(
        config=args.config,
        checkpoint=args.checkpoint,
        temperature=args.temperature,
        num_train=len(bank),
        num_test=len(features),
        top1={str(k): accuracy for k, accuracy in top1.items()},
    )
    mmengine.dump(results, str(out), indent=2, backend_args=ATOMIC)
    print(f'Written to {out}')
    return results
