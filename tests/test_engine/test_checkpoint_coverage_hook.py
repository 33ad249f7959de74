"""A training starts from the weights that its `init_cfg` names, or stops."""

import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.model import BaseModel, BaseModule
from torch import nn
from toy_runs import loader, toy_runner

from mmsca.utils.checkpoint_checks import CheckpointCoverageError
from mmsca.utils.errors import InputError

DEFAULT_INIT = dict(type='Constant', layer='Conv2d', val=3.0)
NO_FILE = dict(type='Pretrained', checkpoint='', prefix='backbone.')


class Backbone(BaseModule):
    def __init__(self, init_cfg=DEFAULT_INIT):
        super().__init__(init_cfg)
        self.conv = nn.Conv2d(1, 2, 1)


class Model(BaseModel):
    """Keeps the weights it was first trained with in `first_weight`."""

    def __init__(self, init_cfg):
        super().__init__()
        self.backbone = Backbone(init_cfg)
        self.first_weight = None

    def forward(self, inputs, mode='loss'):
        if self.first_weight is None:
            self.first_weight = self.backbone.conv.weight.detach().clone()
        value = self.backbone.conv(torch.stack(inputs)).mean()
        return dict(loss=value) if mode == 'loss' else [value]


@pytest.fixture
def make_runner(tmp_path):
    def make(init_cfg, resume=False):
        images = loader([dict(inputs=torch.ones(1, 4, 4))] * 2)
        return toy_runner(
            Model(init_cfg),
            tmp_path / 'run',
            images,
            test_dataloader=images,
            test_cfg=dict(),
            test_evaluator=Evaluator([]),
            custom_hooks=[dict(type='mmsca.CheckpointCoverageHook')],
            resume=resume,
        )

    return make


def pretrained(tmp_path, prefix, checkpoint_prefix):
    """A saved backbone and the init_cfg that reads it."""
    path = tmp_path / 'pretrained.pth'
    weights = {
        checkpoint_prefix + k: torch.full_like(v, 0.5)
        for k, v in Backbone().state_dict().items()
    }
    torch.save(dict(state_dict=weights), path)
    return dict(type='Pretrained', checkpoint=str(path), prefix=prefix)


@pytest.mark.parametrize(
    'prefix, checkpoint_prefix',
    [
        ('backbone.', 'backbone.'),
        ('', ''),
        (None, ''),
        (None, 'module.'),
        (None, 'backbone.'),
    ],
)
def test_training_starts_from_the_checkpoint(
    tmp_path, make_runner, prefix, checkpoint_prefix
):
    runner = make_runner(pretrained(tmp_path, prefix, checkpoint_prefix))
    runner.train()
    assert (runner.model.first_weight == 0.5).all()


@pytest.mark.parametrize(
    'prefix, checkpoint_prefix',
    [('backbone.', ''), ('net.', 'backbone.')],
)
def test_wrong_prefix_stops(tmp_path, make_runner, prefix, checkpoint_prefix):
    runner = make_runner(pretrained(tmp_path, prefix, checkpoint_prefix))
    with pytest.raises(CheckpointCoverageError, match='covers 0 of 2'):
        runner.train()
    assert runner.model.first_weight is None


@pytest.mark.parametrize('resume', [False, True])  # from nothing yet
@pytest.mark.parametrize(
    'checkpoint, message',
    [
        ('', 'model.backbone.init_cfg.checkpoint=CKPT'),
        ('nowhere.pth', "'nowhere.pth'"),
        ('torchvision://none', "'torchvision://none' is no model"),
    ],
)
def test_no_checkpoint_stops(make_runner, checkpoint, message, resume):
    init_cfg = dict(type='Pretrained', checkpoint=checkpoint)
    with pytest.raises(InputError, match=message):
        make_runner(init_cfg, resume).train()


@pytest.mark.parametrize('init_cfg', [None, [DEFAULT_INIT]])
def test_random_weights_are_announced(make_runner, init_cfg, tmp_path):
    runner = make_runner(init_cfg)
    runner.train()
    assert (runner.model.first_weight == 3).all()
    (log,) = (tmp_path / 'run').glob('*/*.log')
    assert 'backbone starts from random weights' in log.read_text()


def test_resume_does_not_need_the_pretrained_file(tmp_path, make_runner):
    runner = make_runner(pretrained(tmp_path, 'backbone.', 'backbone.'))
    runner.train()
    trained = runner.model.backbone.conv.weight.detach().clone()
    resumed = make_runner(NO_FILE, resume=True)
    resumed.train_loop._max_epochs = 2
    resumed.train()
    assert torch.equal(resumed.model.first_weight, trained)


def test_testing_is_left_alone(tmp_path, make_runner):
    make_runner(NO_FILE).test()

    runner = make_runner(pretrained(tmp_path, 'backbone.', 'backbone.'))
    runner.train()
    (tmp_path / 'pretrained.pth').unlink()
    runner.test()
