"""A run that resumes under other settings."""

from math import cos, pi

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from torch import nn
from toy_runs import loader, toy_runner

from mmsca.engine.hooks import ResumedSettingsHook
from mmsca.utils.errors import InputError


class Model(BaseModel):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, inputs, mode='loss'):
        return dict(loss=self.layer(torch.stack(inputs)).mean())


class LearningRates(Hook):
    def __init__(self):
        self.values = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.values += runner.optim_wrapper.get_lr()['lr']


@pytest.fixture
def run(tmp_path):
    """`run(**changes)` trains; with a `checkpoint` it resumes."""

    def call(
        checkpoint=None,
        allow_changes=False,
        epochs=2,
        lr=0.1,
        type='SGD',
        seed=0,
        images=4,
        schedules=None,
    ):
        schedules = schedules or [
            dict(type='ConstantLR', by_epoch=False, factor=0.5, end=2),
            dict(type='CosineAnnealingLR', T_max=epochs),
        ]
        parts = dict(
            train_cfg=dict(by_epoch=True, max_epochs=epochs),
            optim_wrapper=dict(optimizer=dict(type=type, lr=lr)),
            param_scheduler=schedules,
            randomness=dict(seed=seed),
        )
        checkpoints = dict(type='CheckpointHook', interval=1)
        runner = toy_runner(
            Model(),
            tmp_path / 'run',
            loader([dict(inputs=torch.ones(1))] * images),
            load_from=checkpoint and str(checkpoint),
            resume=checkpoint is not None,
            default_hooks=dict(checkpoint=checkpoints),
            cfg=Config(parts),
            **parts,
        )
        rates = LearningRates()
        runner.register_hook(rates)
        runner.register_hook(ResumedSettingsHook(allow_changes))
        runner.train()
        return runner, rates.values

    return call


@pytest.fixture
def first_epoch(run, tmp_path):
    run()
    return tmp_path / 'run' / 'epoch_1.pth'


def test_the_same_settings_go_on(run, first_epoch):
    runner, rates = run(first_epoch)
    assert runner.iter == 4
    assert rates == [pytest.approx(0.05), pytest.approx(0.05)]


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(lr=0.2), r'optim_wrapper\.optimizer\.lr: 0\.1 -> 0\.2'),
        (dict(type='Adam'), "optimizer.type: 'SGD' -> 'Adam'"),
        (dict(seed=1), 'randomness.seed: 0 -> 1'),
        (dict(images=6), r'iterations of an epoch \(.*\): 2 -> 3'),
        (dict(epochs=4), r'param_scheduler\.1\.T_max: 2 -> 4'),
    ],
)
def test_what_changed_is_an_error(change, message, run, first_epoch):
    with pytest.raises(InputError, match=message) as error:
        run(first_epoch, **change)
    assert 'epoch_1.pth' in str(error.value)
    assert '--allow-changes' in str(error.value)
    runner, _ = run(first_epoch, allow_changes=True, **change)
    assert runner.epoch == runner.max_epochs


def test_todays_schedule_holds_if_changes_are_allowed(run, first_epoch):
    _, rates = run(first_epoch, allow_changes=True, epochs=4, lr=0.2)
    expected = [0.1 * (1 + cos(pi * epoch / 4)) for epoch in (1, 2, 3)]
    assert rates == pytest.approx([lr for lr in expected for _ in range(2)])


def test_a_longer_training_on_the_same_schedule_goes_on(
    run, first_epoch, tmp_path
):
    constant = [dict(type='ConstantLR', factor=0.5, end=2)]
    run(schedules=constant)
    _, rates = run(first_epoch, epochs=3, schedules=constant)
    assert rates == [pytest.approx(0.1)] * 4
    logs = [log.read_text() for log in (tmp_path / 'run').glob('*/*.log')]
    assert any('train_cfg.max_epochs: 2 -> 3' in text for text in logs)


def test_fewer_epochs_than_done(run, first_epoch):
    last = first_epoch.with_name('epoch_2.pth')
    with pytest.raises(InputError, match='has done 2 epochs.*max_epochs is 1'):
        run(last, epochs=1, allow_changes=True)


@pytest.mark.parametrize(
    'without, message',
    [
        (['meta'], 'it has no meta. .*load_from='),
        (['message_hub'], 'it has no message_hub'),
        (['meta', 'message_hub', 'optimizer'], 'no meta, message_hub'),
        (['optimizer'], "optimizer in the checkpoint: 'none' -> 'needed'"),
        (None, 'no state_dict, meta, message_hub'),
    ],
)
def test_parts_that_are_missing(without, message, run, first_epoch):
    checkpoint = torch.load(first_epoch, weights_only=False)
    for part in without or []:
        del checkpoint[part]
    torch.save(checkpoint if without else ['a list'], first_epoch)
    with pytest.raises(InputError, match=message):
        run(first_epoch)
