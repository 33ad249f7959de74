import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.model import BaseModel, BaseModule
from mmengine.runner import Runner
from torch import nn

from mmsca.engine.hooks import CheckpointCoverageHook
from mmsca.utils.checkpoint_checks import CheckpointCoverageError
from mmsca.utils.errors import InputError

DEFAULT_INIT = dict(type='Constant', layer='Conv2d', val=3.0)


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
    def make(init_cfg, **kwargs):
        data = dict(
            dataset=[dict(inputs=torch.ones(1, 4, 4))] * 2, batch_size=2
        )
        sampler = dict(type='DefaultSampler', shuffle=False)
        return Runner(
            model=Model(init_cfg),
            work_dir=str(tmp_path / 'run'),
            train_dataloader=dict(data, sampler=sampler),
            train_cfg=dict(by_epoch=True, max_epochs=1),
            optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
            test_dataloader=dict(data, sampler=sampler),
            test_cfg=dict(),
            test_evaluator=Evaluator([]),
            custom_hooks=[dict(type='mmsca.CheckpointCoverageHook')],
            default_scope='mmengine',
            experiment_name=f'run_{id(kwargs)}',
            **kwargs,
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


def test_registered():
    from mmsca.registry import HOOKS

    assert HOOKS.get('CheckpointCoverageHook') is CheckpointCoverageHook


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


def test_empty_checkpoint_names_the_option(make_runner):
    init_cfg = dict(type='Pretrained', checkpoint='', prefix='backbone.')
    option = 'model.backbone.init_cfg.checkpoint=CKPT'
    with pytest.raises(InputError, match=option):
        make_runner(init_cfg).train()
    # Nothing to resume from yet: this run starts, so it is checked as well.
    with pytest.raises(InputError, match=option):
        make_runner(init_cfg, resume=True).train()


def test_missing_file(make_runner):
    init_cfg = dict(type='Pretrained', checkpoint='nowhere.pth')
    with pytest.raises(InputError, match="'nowhere.pth'"):
        make_runner(init_cfg).train()


@pytest.mark.parametrize(
    'init_cfg', [None, [dict(type='Kaiming', layer='Conv2d')]]
)
def test_random_weights_are_announced(make_runner, init_cfg, tmp_path):
    make_runner(init_cfg).train()
    (log,) = (tmp_path / 'run').glob('*/*.log')
    assert 'backbone starts from random weights' in log.read_text()


def test_random_weights_are_those_of_the_backbone(make_runner):
    runner = make_runner(None)
    runner.train()
    assert (runner.model.first_weight == 3).all()


def test_resume_does_not_need_the_pretrained_file(tmp_path, make_runner):
    runner = make_runner(pretrained(tmp_path, 'backbone.', 'backbone.'))
    runner.train()
    trained = runner.model.backbone.conv.weight.detach().clone()
    init_cfg = dict(type='Pretrained', checkpoint='', prefix='backbone.')
    resumed = make_runner(init_cfg, resume=True)
    resumed.train_loop._max_epochs = 2
    resumed.train()
    assert torch.equal(resumed.model.first_weight, trained)


def test_testing_is_left_alone(tmp_path, make_runner):
    init_cfg = dict(type='Pretrained', checkpoint='', prefix='backbone.')
    make_runner(init_cfg).test()

    runner = make_runner(pretrained(tmp_path, 'backbone.', 'backbone.'))
    runner.train()
    (tmp_path / 'pretrained.pth').unlink()
    runner.test()


def test_unknown_name_of_a_model_zoo(make_runner):
    init_cfg = dict(type='Pretrained', checkpoint='torchvision://none')
    with pytest.raises(InputError, match="'torchvision://none' is no model"):
        make_runner(init_cfg).train()
