"""What a run loads has to fit it."""

from math import nan

import pytest
import torch
from mmengine.dataset import BaseDataset
from mmengine.evaluator import Evaluator
from mmengine.model import BaseModel
from mmengine.registry import init_default_scope
from torch import nn
from toy_runs import loader, toy_runner

from mmsca.engine.hooks import LoadedCheckpointHook
from mmsca.registry import MODELS
from mmsca.utils.checkpoint_checks import CheckpointCoverageError
from mmsca.utils.errors import InputError


class Images(BaseDataset):
    def load_data_list(self):
        return [dict(inputs=torch.ones(1, 2, 2))] * 2


class Classifier(BaseModel):
    """48 tensors of a backbone and two of a head."""

    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(*(nn.Conv2d(1, 1, 1) for _ in range(24)))
        self.head = nn.Linear(4, 3)

    def forward(self, inputs, mode='loss', **kwargs):
        scores = self.head(self.backbone(torch.stack(inputs)).flatten(1))
        return dict(loss=scores.mean()) if mode == 'loss' else [scores]


CLASSES = ('ant', 'bee', 'cat')
GOOD = Classifier().state_dict()
HEADLESS = {k: v for k, v in GOOD.items() if 'head' not in k}
BROKEN = GOOD | {'backbone.3.bias': torch.tensor([nan])}
THIN = GOOD | {'backbone.3.weight': torch.ones(2, 1, 1, 1)}


@pytest.fixture
def make_runner(tmp_path):
    def make(checkpoint, resume=False):
        torch.save(checkpoint, tmp_path / 'a.pth')
        meta = dict(classes=CLASSES)
        images = loader(Images(metainfo=meta, lazy_init=True))
        runner = toy_runner(
            Classifier(),
            tmp_path / 'run',
            images,
            test_dataloader=images,
            test_cfg=dict(),
            test_evaluator=Evaluator([]),
            load_from=str(tmp_path / 'a.pth'),
            resume=resume,
        )
        runner.register_hook(LoadedCheckpointHook())
        return runner

    return make


def of_classes(*names, weights=GOOD):
    meta = dict(dataset_meta=dict(classes=names))
    return dict(state_dict=weights, meta=meta)


@pytest.mark.parametrize(
    'checkpoint',
    [GOOD, of_classes(*CLASSES), {f'module.{k}': v for k, v in GOOD.items()}],
)
def test_fits(checkpoint, make_runner):
    make_runner(checkpoint).test()


@pytest.mark.parametrize(
    'checkpoint, message',
    [
        ({'foo': 1}, "holds the keys 'foo'"),
        ([1], 'holds a list'),
        (HEADLESS, 'it lacks head.weight, head.bias'),
        (THIN, r"'backbone.3.weight' is \(2, 1, 1, 1\)"),
        (BROKEN, 'NaN or infinity in 1 of 50 tensors: backbone.3.bias'),
        (of_classes('ant', 'bee'), 'on 2 classes, .* 3; class 2 is None .*c'),
        (of_classes('bee', 'ant', 'cat'), "0 is 'bee' .* 'ant' in the data"),
    ],
)
def test_refused_when_testing(checkpoint, message, make_runner):
    with pytest.raises(InputError, match=message) as error:
        make_runner(checkpoint).test()
    assert 'a.pth' in str(error.value)


def test_training_may_start_without_the_head(make_runner):
    # Classes do not matter for a new head.
    make_runner(of_classes('dog', weights=HEADLESS)).train()


@pytest.mark.parametrize(
    'checkpoint, message',
    [
        ({'foo': 1}, "holds the keys 'foo'"),
        ({f'net.{k}': v for k, v in GOOD.items()}, 'covers 0 of 50'),
        (BROKEN, 'NaN or infinity in 1 of 50'),
    ],
)
def test_refused_when_training(checkpoint, message, make_runner):
    runner = make_runner(checkpoint)
    with pytest.raises(InputError, match=message):
        runner.train()
    assert runner.iter == 0


def test_resumes_the_whole_model_only(make_runner):
    with pytest.raises(CheckpointCoverageError, match='lacks head.weight'):
        make_runner(HEADLESS, resume=True).train()


def test_a_backbone_alone_comes_from_any_file(make_runner):
    """Maps without labels know no classes, and need no mmsca checkpoint."""
    init_default_scope('mmpretrain')
    model = MODELS.build(
        dict(
            type='mmsca.LabelFreeCAM',
            backbone=dict(type='mmpretrain.ResNet', depth=18, base_channels=4),
        )
    )
    runner = make_runner(GOOD)
    runner.model = model
    weights = model.state_dict()
    foreign = {k.removeprefix('backbone.'): v for k, v in weights.items()}
    hook = LoadedCheckpointHook()
    for checkpoint in (of_classes('dog', weights=weights), foreign):
        hook.after_load_checkpoint(runner, checkpoint)
        assert checkpoint['state_dict'].keys() == weights.keys()
    with pytest.raises(CheckpointCoverageError, match='covers 0 of 105 keys'):
        hook.after_load_checkpoint(runner, GOOD)
