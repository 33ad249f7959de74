"""The classification configs train as their protocols say."""

import math
import shutil

import cv2
import numpy as np
import pytest
import torch
from mmengine.optim import build_optim_wrapper
from mmengine.registry import MODELS, PARAM_SCHEDULERS
from small_runs import (
    SMALL,
    load_config,
    logged,
    save_untrained,
    train_small,
)

from mmsca.apis.train import build_runner, parse_args, train_config
from mmsca.datasets.folder_splits import write_splits
from mmsca.engine.optimizers import LARS
from mmsca.utils.config_names import config_names

NAMES = [n for n in config_names() if n.startswith('classification/')]


def load(name):
    return load_config(f'classification/{name}')


def rates_of_epochs(name):
    """Optimizer, and learning rates of backbone and head in each epoch."""
    cfg = load(name)
    model = MODELS.build(cfg.model)
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    names = {id(p): name for name, p in model.named_parameters()}
    length = cfg.train_cfg.max_epochs
    schedulers = [
        PARAM_SCHEDULERS.build(
            scheduler, default_args=dict(optimizer=wrapper, end=length)
        )
        for scheduler in cfg.param_scheduler
    ]
    epochs = []
    for _ in range(length):
        rates = {}
        for group in wrapper.param_groups:
            for p in group['params']:
                if p.requires_grad:
                    part = names[id(p)].split('.')[0]
                    rates.setdefault(part, set()).add(group['lr'])
        epochs.append({part: values.pop() for part, values in rates.items()})
        assert not any(rates.values())  # one rate in each part
        for scheduler in schedulers:
            scheduler.step()
    return wrapper.optimizer, epochs


@pytest.mark.parametrize(
    'name, lr, total',
    [('r50_linear_in1k', 0.3, 100), ('r50_linear-lars_in1k', 1.6, 90)],
)
def test_linear_rates_follow_a_cosine_to_zero(name, lr, total):
    optimizer, epochs = rates_of_epochs(name)
    assert len(epochs) == total
    for epoch in (0, 1, 10, total // 2, total - 1):
        expected = lr * (1 + math.cos(math.pi * epoch / total)) / 2
        assert epochs[epoch] == {'head': pytest.approx(expected)}
    decay = {group['weight_decay'] for group in optimizer.param_groups}
    if 'lars' in name:
        assert type(optimizer) is LARS and decay == {0}
    else:
        assert type(optimizer) is torch.optim.SGD and decay == {1e-6}
        assert not optimizer.param_groups[0]['nesterov']


@pytest.mark.parametrize(
    'name, trunk, head',
    [
        ('r50_semisup-10pct_in1k', 0.01, 0.2),
        ('r50_semisup-1pct_in1k', 0.02, 5),
        ('r50_finetune_in1k', 0.01, 0.2),
    ],
)
def test_fine_tuning_rates_are_those_of_eval_semisup(name, trunk, head):
    optimizer, epochs = rates_of_epochs(name)
    assert len(epochs) == 20
    for epoch, rates in enumerate(epochs):
        factor = 0.2 ** ((epoch >= 12) + (epoch >= 16))
        assert rates == {
            'backbone': pytest.approx(trunk * factor),
            'head': pytest.approx(head * factor),
        }
    for group in optimizer.param_groups:
        assert (group['weight_decay'], group['momentum']) == (0, 0.9)
        assert not group['nesterov']


def test_stages_rates_and_sizes_are_those_of_mmselfsup():
    optimizer, epochs = rates_of_epochs('r50_stages_in1k')
    assert len(epochs) == 90
    for epoch in (0, 29, 30, 59, 60, 89):
        expected = 0.01 * 0.1 ** (epoch // 30)
        assert epochs[epoch] == {'head': pytest.approx(expected)}
    assert optimizer.param_groups[0]['nesterov']
    model = MODELS.build(load('r50_stages_in1k').model).eval()
    with torch.no_grad():
        maps = model.extract_feat(torch.rand(1, 3, 224, 224))
    # conv-1 after its ReLU and before the pooling, then the stages.
    assert [m.shape[1:] for m in maps] == [
        (64, 112, 112),
        (256, 56, 56),
        (512, 28, 28),
        (1024, 14, 14),
        (2048, 7, 7),
    ]
    assert maps[0].min() == 0 < maps[0].max()
    sizes = [fc.in_features for fc in model.head.fcs]
    assert sizes == [9216, 9216, 8192, 9216, 8192]


def test_stages_are_trained_apart():
    cfg = load('r18_stages_materials')
    cfg.model.backbone.frozen_stages = -1
    model = MODELS.build(cfg.model)
    maps = model.extract_feat(torch.rand(4, 3, 64, 64))
    scores = model.head(maps)
    scores[2].sum().backward()
    touched = [
        name for name, p in model.named_parameters() if p.grad is not None
    ]
    assert touched == ['head.fcs.2.weight', 'head.fcs.2.bias']


@pytest.fixture
def imagenet(tmp_path):
    """Six images, as ImageNet is laid out and SimCLR lists them."""
    root = tmp_path / 'imagenet'
    names = []
    generator = np.random.default_rng(0)
    for split in ('train', 'val'):
        for label in range(3):
            wnid = f'n0000000{label}'
            folder = root / split / wnid
            folder.mkdir(parents=True)
            for i in range(2):
                image = generator.integers(0, 255, (80, 90, 3), np.uint8)
                cv2.imwrite(str(folder / f'{wnid}_{i}.JPEG'), image)
                if split == 'train':
                    names.append(f'{wnid}_{i}.JPEG')
    for percent in (1, 10):
        (root / f'{percent}percent.txt').write_text('\n'.join(names))
    return root


@pytest.mark.parametrize('name', [n for n in NAMES if '/r50_' in n])
def test_full_size_config_takes_a_step(name, imagenet, tmp_path):
    """Images of its size, with an eighth of the channels."""
    cfg = load_config(name)
    cfg.model.backbone.update(stem_channels=8, base_channels=8)
    channels = np.array(cfg.model.head.in_channels) // 8
    cfg.model.head.in_channels = channels.tolist()
    for split in ('train', 'val'):
        # The three folders are the first of 1000 classes.
        cfg[f'{split}_dataloader'].dataset.update(
            data_root=str(imagenet),
            classes=[f'n{i:08d}' for i in range(1000)],
        )
    file = tmp_path / 'thin.py'
    cfg.dump(file)
    options = [
        *(str(file), '--work-dir', str(tmp_path / 'work'), '--cfg-options'),
        *(*SMALL, 'train_dataloader.batch_size=6'),
        *('val_dataloader.num_workers=0', 'val_dataloader.batch_size=6'),
        'model.backbone.init_cfg=None',
    ]
    runner = build_runner(train_config(parse_args(options)))
    runner.train()
    (step,) = [n for n in logged(tmp_path / 'work') if 'loss' in n]
    assert math.isfinite(step['loss'])
    last = runner.model.backbone.layer4[2].bn3
    trained = cfg.model.backbone.frozen_stages == -1
    assert last.weight.ne(1).any() == trained
    assert last.running_mean.ne(0).any() == trained


@pytest.fixture(scope='module')
def own_folder(material_scenes, tmp_path_factory):
    """Root of class folders with their splits."""
    root = tmp_path_factory.mktemp('data') / 'own'
    shutil.copytree(material_scenes / 'train', root)
    write_splits(root)
    return root


@pytest.mark.parametrize('name', [n for n in NAMES if '/r18_' in n])
def test_small_config_trains(
    name, material_scenes, tiny_imagenet, own_folder, tmp_path
):
    data, count, options = material_scenes, 40, []
    if 'semisup' in name:
        names = [p.name for p in (data / 'train').glob('*/*[0-4].png')]
        file, count = tmp_path / 'list.txt', len(names)
        file.write_text('\n'.join(names))
        options.append(f'train_dataloader.dataset.ann_file={file}')
    if name.endswith(('_folder', '_cub200', '_imagenet100')):
        data = own_folder
        count = len((data / 'splits/train.txt').read_text().splitlines())
    if name.endswith(('_cifar100', '_stl10')) or 'tinyimagenet' in name:
        data, count = tiny_imagenet, 54
    cfg = load_config(name)
    if cfg.model.backbone.init_cfg is not None:
        start = save_untrained(name, tmp_path / 'start.pth')
        options.append(f'model.backbone.init_cfg.checkpoint={start}')
    train_small(
        *(name, data, tmp_path, *options),
        *('train_cfg.val_interval=1', 'val_dataloader.num_workers=0'),
    )
    *steps, scores = logged(tmp_path)
    dropped = cfg.train_dataloader.get('drop_last')
    assert len(steps) == (count // 8 if dropped else math.ceil(count / 8))
    assert all(math.isfinite(step['loss']) for step in steps)
    stages = ('stem', 'layer1', 'layer2', 'layer3', 'layer4')
    for key in stages if 'stages' in name else ['top1']:
        assert f'accuracy/{key}' in ' '.join(scores)
