"""Layers whose weights stay as they are for the first iterations."""

import pytest
import torch
from mmengine.model import BaseModel
from torch import nn
from toy_runs import loader, toy_runner

from mmsca.utils.errors import InputError

STEPS = 60


class Model(BaseModel):
    """Keeps its weights after each step in `history`."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Linear(3, 3)
        self.heads = nn.ModuleList([nn.Linear(3, 2), nn.Linear(3, 2)])
        self.history = []

    def forward(self, inputs, mode='loss'):
        x = self.body(torch.stack(inputs))
        return dict(loss=sum(head(x).square().mean() for head in self.heads))

    def remember(self, optimizer, args, kwargs):
        self.history.append(
            {k: v.clone() for k, v in self.state_dict().items()}
        )


def train(work_dir, iters, accumulative_counts=1):
    """Weights after each of 60 steps with momentum and weight decay."""
    num_batches = STEPS * accumulative_counts
    model = Model()
    sgd = dict(type='SGD', lr=0.1, momentum=0.9, weight_decay=0.01)
    runner = toy_runner(
        model,
        work_dir,
        loader([dict(inputs=torch.arange(3.0))] * num_batches * 2),
        train_cfg=dict(by_epoch=False, max_iters=num_batches),
        optim_wrapper=dict(
            optimizer=sgd, accumulative_counts=accumulative_counts
        ),
        custom_hooks=[dict(type='mmsca.FreezeHook', iters=iters)],
    )
    runner.optim_wrapper = runner.build_optim_wrapper(runner.optim_wrapper)
    optimizer = runner.optim_wrapper.optimizer
    optimizer.register_step_post_hook(model.remember)
    runner.train()
    assert all(p.requires_grad for p in model.parameters())
    return model.history


def steps_without_change(history, name):
    weights = [h[name] for h in history]
    start = Model().state_dict()[name]
    return sum(torch.equal(weight, start) for weight in weights)


def test_each_layer_is_frozen_for_its_own_time(tmp_path):
    history = train(tmp_path, {'heads.0': 2, 'heads.1': 5})
    assert steps_without_change(history, 'body.weight') == 0
    for name in ('weight', 'bias'):
        assert steps_without_change(history, f'heads.0.{name}') == 2
        assert steps_without_change(history, f'heads.1.{name}') == 5
    # The first free step starts from rest.
    before, after = history[4:6]
    model = Model()
    model.load_state_dict(before)
    model([torch.arange(3.0)] * 2)['loss'].backward()
    weight = model.heads[1].weight
    expected = weight - 0.1 * (weight.grad + 0.01 * weight)
    torch.testing.assert_close(after['heads.1.weight'], expected)


def test_accumulated_batches_count_each(tmp_path):
    history = train(tmp_path, {'heads.0': 4}, accumulative_counts=2)
    assert steps_without_change(history, 'heads.0.weight') == 2


def test_no_more_than_a_tenth_of_the_training_is_frozen(tmp_path):
    history = train(tmp_path, {'heads.0': 500})
    assert steps_without_change(history, 'heads.0.weight') == STEPS // 10
    (log,) = tmp_path.glob('*/*.log')
    line = "'heads.0' is frozen for 6 of the 60 iterations instead of 500."
    assert line in log.read_text()


def test_unknown_name_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no parameter 'neck'"):
        train(tmp_path, {'neck': 1})
