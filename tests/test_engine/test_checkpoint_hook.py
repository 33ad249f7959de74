"""When checkpoints are written, and when not."""

import os
import signal

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from torch import nn
from toy_runs import loader, toy_runner

from mmsca.utils.errors import InputError


class Model(BaseModel):
    """A loss that can be made infinite, or weights without the loss."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.norm = nn.BatchNorm1d(2)
        self.layer = nn.Linear(2, 1)
        self.unused = nn.Parameter(torch.zeros(1))
        self.factor = dict(image=1.0, scores=1.0)

    def forward(self, inputs, mode='loss'):
        x = self.norm(torch.stack(inputs) * self.factor['image'])
        plain = self.layer(x).square().mean()
        return dict(loss_a=plain, loss_b=plain * self.factor['scores'])


class At(Hook):
    """Does something before an iteration."""

    priority = 'LOWEST'

    def __init__(self, iteration, action):
        self.iteration = iteration
        self.action = action

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == self.iteration:
            self.action(runner)


def train(
    work_dir,
    hook=None,
    loop='mmsca.ResumableEpochLoop',
    sampler='mmsca.KeyedSampler',
    resume=False,
    train_cfg=None,
    **checkpoint,
):
    items = [dict(inputs=torch.tensor([i, 1.0])) for i in range(6)]
    checkpoint = dict(type='CheckpointHook', **checkpoint)
    return toy_runner(
        Model(),
        work_dir,
        loader(items, type=sampler, shuffle=True, seed=0),
        train_cfg=train_cfg or dict(type=loop, max_epochs=20),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1, momentum=0.9)),
        default_hooks=dict(checkpoint=checkpoint),
        custom_hooks=[hook] if hook else None,
        resume=resume,
        log_level='ERROR',
    ).train()


def names(work_dir):
    return sorted(path.name for path in work_dir.glob('*.pth'))


@pytest.mark.parametrize(
    'checkpoint, expected',
    [
        (dict(interval=10), range(2, 21, 2)),
        (dict(interval=-1), range(2, 21, 2)),
        (dict(interval=1), range(1, 21)),
        (dict(interval=10, max_keep_ckpts=1), [20]),
    ],
)
def test_each_tenth_of_the_training_has_one(tmp_path, checkpoint, expected):
    train(tmp_path, **checkpoint)
    assert names(tmp_path) == sorted(f'epoch_{i}.pth' for i in expected)


def test_a_training_of_iterations_counts_them(tmp_path):
    loop = dict(type='IterBasedTrainLoop', max_iters=25)
    train(tmp_path, train_cfg=loop, sampler='InfiniteSampler', interval=1)
    expected = [*range(2, 25, 2), 25]
    assert names(tmp_path) == sorted(f'iter_{i}.pth' for i in expected)


def spoil(part):
    return lambda runner: runner.model.factor.update({part: float('inf')})


@pytest.mark.parametrize(
    'part, cause',
    [
        ('image', r"loss_a=nan.* What reached 'norm.running_mean' was not"),
        ('scores', r'finite: loss=inf, loss_b=inf\. Features were finite'),
    ],
)
def test_a_loss_that_is_not_finite_ends_the_run(tmp_path, part, cause):
    with pytest.raises(InputError, match='In iteration 11 .*' + cause):
        train(tmp_path, At(10, spoil(part)))
    assert names(tmp_path) == ['epoch_2.pth']


def test_weights_that_are_not_finite_are_not_written(tmp_path):
    def break_unused(runner):
        runner.model.unused.data[0] = float('nan')

    with pytest.raises(InputError, match="1 of 7 tensors .* 'unused'"):
        train(tmp_path, At(10, break_unused))
    assert names(tmp_path) == ['epoch_2.pth']


def terminate(runner):
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize(
    'loop, sampler, saved, epoch, done',
    [
        ('mmsca.ResumableEpochLoop', 'mmsca.KeyedSampler', 'iter_11', 3, 11),
        # Such an epoch cannot be entered in the middle.
        ('EpochBasedTrainLoop', 'DefaultSampler', 'epoch_2', 2, 6),
    ],
)
def test_sigterm_saves_and_ends(tmp_path, loop, sampler, saved, epoch, done):
    options = dict(loop=loop, sampler=sampler, max_keep_ckpts=2)
    whole = train(tmp_path / 'whole', **options).state_dict()

    work_dir = tmp_path / 'ended'
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as end:
        train(work_dir, At(10, terminate), **options)
    assert end.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before
    last = work_dir / f'{saved}.pth'
    assert (work_dir / 'last_checkpoint').read_text() == str(last)
    meta = torch.load(last, weights_only=False)['meta']
    assert (meta['epoch'], meta['iter']) == (epoch, done)

    resumed = train(work_dir, resume=True, **options).state_dict()
    for name, value in whole.items():
        assert torch.equal(resumed[name], value), name
    # The one in the middle gave way.
    assert names(work_dir) == ['epoch_18.pth', 'epoch_20.pth']
