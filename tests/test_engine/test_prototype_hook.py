import math
from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.model import BaseModel
from mmengine.optim import OptimWrapper
from torch import nn
from toy_runs import loader, toy_runner

from mmsca.engine.hooks import PrototypeHook
from mmsca.models import SwAVHead
from mmsca.utils.progress import training_progress


class Model(BaseModel):
    def __init__(self):
        super().__init__()
        self.head = SwAVHead(in_channels=4, num_prototypes=[5, 3])
        self.neck = nn.Linear(4, 4)
        self.epochs = []

    def forward(self, inputs, mode='loss'):
        norms = [p.weight.norm(dim=1) for p in self.head.prototypes]
        torch.testing.assert_close(torch.cat(norms), torch.ones(8))
        self.epochs.append(training_progress().epoch)
        z = self.neck(torch.stack(inputs))
        return dict(
            loss=sum(p(z).square().sum() for p in self.head.prototypes)
        )


def test_prototypes_have_unit_length_in_every_forward_pass(tmp_path):
    torch.manual_seed(0)
    model = Model()
    start = model.head.state_dict()['prototypes.0.weight'].clone()
    items = [dict(inputs=torch.arange(4.0))] * 6
    toy_runner(
        model,
        tmp_path,
        loader(items, type='InfiniteSampler'),
        # Counted by iteration, where mmengine stays in epoch 0.
        train_cfg=dict(by_epoch=False, max_iters=7),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.01)),
        custom_hooks=[dict(type='mmsca.PrototypeHook')],
    ).train()
    assert model.epochs == [0, 0, 0, 1, 1, 1, 2]
    # They moved, along the sphere.
    assert not torch.allclose(model.head.prototypes[0].weight, start)


@pytest.mark.parametrize('scale, warnings', [(1.005, 1), (0.97, 0)])
def test_a_loss_that_stays_at_ln_k_is_told_once(scale, warnings):
    model, messages = Model(), []
    hub = MessageHub.get_instance(f'stuck_{scale}')
    logger = SimpleNamespace(warning=messages.append)
    runner = SimpleNamespace(
        model=model,
        message_hub=hub,
        logger=logger,
        max_iters=200,
        train_dataloader=[None],
        optim_wrapper=OptimWrapper(torch.optim.SGD(model.parameters())),
    )
    hook = PrototypeHook()
    hook.before_train(runner)
    uniform = (math.log(5) + math.log(3)) / 2
    for iteration in range(60):
        # Once it moves; then it stays for more than a tenth.
        moved = iteration == 15
        hub.update_scalar('train/loss', uniform * (0.5 if moved else scale))
        hook.after_train_iter(runner, 0)
        assert len(messages) == (warnings if iteration >= 35 else 0)
    if warnings:
        assert 'ln K, 1.354' in messages[0]
        assert 'lower model.head.epsilon' in messages[0]
