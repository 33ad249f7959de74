"""Learning rates of trainings that are shorter than their configs."""

import pytest
import torch
from mmengine.config import Config
from mmengine.model import BaseModel
from torch import nn
from toy_runs import loader, toy_runner

from mmsca.engine.schedules import fit_schedules
from mmsca.utils.config_names import config_names, find_config
from mmsca.utils.errors import InputError

TRAININGS = [
    name
    for name in config_names()
    if name.startswith(('sca/', 'classification/', 'detection/'))
    and '/ablations/' not in name  # which inherit their schedule
]


class Model(BaseModel):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1)

    def forward(self, inputs, mode='loss'):
        return dict(loss=self.layer(torch.stack(inputs)).square().mean())


def rates(schedulers, train_cfg, epoch_length, work_dir, lr=1.0):
    """Learning rate of each iteration, and that after the last one."""
    runner = toy_runner(
        Model(),
        work_dir,
        loader([dict(inputs=torch.ones(2))] * epoch_length, batch_size=1),
        train_cfg=train_cfg,
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=lr)),
        param_scheduler=schedulers,
        log_level='ERROR',
    )
    loop = runner.build_train_loop(runner._train_loop)
    runner._train_loop = loop
    runner.optim_wrapper = runner.build_optim_wrapper(runner.optim_wrapper)
    runner.param_schedulers = runner.build_param_scheduler(schedulers)
    group = runner.optim_wrapper.optimizer.param_groups[0]
    values = []
    for iteration in range(loop.max_iters):
        values.append(group['lr'])
        for scheduler in runner.param_schedulers:
            if not scheduler.by_epoch or (iteration + 1) % epoch_length == 0:
                scheduler.step()
    return [*values, group['lr']]


def cosine(epochs, **options):
    return dict(type='CosineAnnealingLR', T_max=epochs, **options)


WARMUP = dict(type='LinearLR', start_factor=0.03, by_epoch=False, end=30)
BY_STEPS = dict(convert_to_iter_based=True)
OFFICIAL = cosine(200, end=200, eta_min=6e-4, **BY_STEPS)


@pytest.mark.parametrize(
    'name, written, epochs',
    [
        ('sca/swav_r18_materials', [WARMUP, cosine(15, **BY_STEPS)], 15),
        ('classification/r18_linear_materials', [cosine(10, end=10)], 10),
        ('sca/swav_r50', [OFFICIAL], 200),
    ],
)
def test_full_length_is_the_written_one(name, written, epochs, tmp_path):
    cfg = Config.fromfile(find_config(name))
    assert cfg.train_cfg.max_epochs == epochs
    args = cfg.train_cfg, 31, tmp_path, cfg.optim_wrapper.optimizer.lr
    assert rates(cfg.param_scheduler, *args) == rates(written, *args)


@pytest.mark.parametrize('name', TRAININGS)
def test_short_training_anneals_to_the_end(name, tmp_path):
    cfg = Config.fromfile(find_config(name))
    loop = cfg.train_cfg
    length = 'max_epochs' if 'max_epochs' in loop else 'max_iters'
    loop[length] = 2 if length == 'max_epochs' else 40
    values = rates(cfg.param_scheduler, loop, 20, tmp_path)
    assert len(values) == 41
    assert max(values) > 0.9
    last = cfg.param_scheduler[-1]
    if last.get('by_epoch') and not last.get('convert_to_iter_based'):
        if last.type == 'CosineAnnealingLR':
            # One that goes by epochs has but two values.
            assert values == pytest.approx([1] * 20 + [0.5] * 21)
            return
    assert values[-1] < 0.05
    if last.type == 'MultiStepLR':
        assert values[-2] < 0.05  # nothing is left for after the training


FPN_1X = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, end=500),
    dict(type='MultiStepLR', begin=0, end=12, milestones=[8, 11], gamma=0.1),
]


def test_shrinks_milestones_and_warmup():
    linear, steps = fit_schedules(FPN_1X, 60, 20, by_epoch=True)
    assert (linear['end'], linear['by_epoch']) == (12, False)
    assert (steps['milestones'], steps['end']) == ([40, 55], 60)
    assert steps['by_epoch'] is False
    assert FPN_1X[1]['milestones'] == [8, 11]


def test_what_fits_stays():
    for epochs in (12, 24):
        fitted = fit_schedules(FPN_1X, 1000 * epochs, 1000, by_epoch=True)
        assert fitted == FPN_1X


def test_all_that_counts_epochs_shrinks_together():
    written = [
        dict(type='LinearLR', end=10, convert_to_iter_based=True),
        dict(type='CosineAnnealingLR', T_max=190, begin=10, end=200),
    ]
    linear, cosine = fit_schedules(written, 20 * 5, 5, by_epoch=True)
    assert linear['end'] == cosine['begin'] == 5
    assert (cosine['T_max'], cosine['end']) == (95, 100)


def test_a_training_of_iterations_counts_them_alone():
    cosine = dict(type='CosineAnnealingLR', convert_to_iter_based=True)
    steps = dict(type='MultiStepLR', end=24000, milestones=[18000, 22000])
    steps['by_epoch'] = False
    fitted = fit_schedules([cosine, steps], 12, 5, by_epoch=False)
    assert fitted[0] == dict(type='CosineAnnealingLR', by_epoch=False)
    assert (fitted[1]['milestones'], fitted[1]['end']) == ([9, 11], 12)


def test_a_warmup_without_a_step_is_left_out():
    assert fit_schedules(FPN_1X[:1], 4, 2, by_epoch=True) == []


def test_milestones_of_no_known_length_are_an_error():
    steps = [dict(type='MultiStepLR', milestones=[8, 11])]
    assert fit_schedules(steps, 22, 2, by_epoch=True) == steps
    with pytest.raises(InputError, match=r'\[8, 11\].* ends at 10\. Say'):
        fit_schedules(steps, 20, 2, by_epoch=True)


def test_accumulated_batches_scale_the_rate_together(tmp_path):
    def scaled_rate(counts):
        wrapper = dict(
            optimizer=dict(type='SGD', lr=1.0), accumulative_counts=counts
        )
        data = dict(batch_size=16)
        runner = toy_runner(Model(), tmp_path, data, optim_wrapper=wrapper)
        wrapper = runner.build_optim_wrapper(wrapper)
        runner.scale_lr(wrapper, dict(enable=True, base_batch_size=64))
        return wrapper.optimizer.param_groups[0]['lr']

    assert scaled_rate(1) == 0.25
    assert scaled_rate(4) == 1.0
