"""A training step waits for the device nowhere: no value goes to the host."""

import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.registry import MODELS, init_default_scope
from tiny_swav import tiny_swav
from torch.utils._python_dispatch import TorchDispatchMode

from mmsca.engine.optimizers import LARC

WAITING = {
    'aten::_local_scalar_dense',
    'aten::equal',
    'aten::is_nonzero',
    'aten::masked_select',
    'aten::nonzero',
    'aten::unique',
}


class HostSync(TorchDispatchMode):
    """Collects the operations that would wait."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name
        by_mask = name.startswith('aten::index') and any(
            index is not None and index.dtype == torch.bool
            for index in (
                args[1] if isinstance(args[1], (list, tuple)) else ()
            )
        )
        if name in WAITING or name.startswith('aten::_unique') or by_mask:
            self.found.append(name)
        return func(*args, **(kwargs or {}))


def test_the_detector_detects():
    x = torch.arange(3.0)
    with HostSync() as sync:
        x.max().item()
        x[x > 1]
        x.nonzero()
    assert len(sync.found) == 3


def build(sca, memory):
    init_default_scope('mmpretrain')
    cfg = tiny_swav(queue_length=12, queue_start=0)
    if sca:
        cfg.update(type='mmsca.SwAVSCA', sca=sca, warmup=0)
        if memory:
            cfg['memory'] = dict(length=24, map_size=(4, 4))
    return MODELS.build(cfg).train()


@pytest.mark.parametrize(
    'sca, memory',
    [
        (None, False),
        (dict(type='mmsca.SpatialCrossAttention'), False),
        (dict(type='mmsca.SpatialCrossAttention'), True),
    ],
    ids=['swav', 'sca', 'memory'],
)
def test_training_step(request, sca, memory):
    hub = MessageHub.get_instance(request.node.name)
    hub.update_info_dict(dict(epoch=1, iter=5, max_iters=10))
    model = build(sca, memory)
    optimizer = LARC(model.parameters(), lr=0.1, momentum=0.9)
    views = [torch.rand(6, 3, s, s) for s in (32, 32, 16)]

    def step():
        loss = model.loss(views)['loss']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    # Queues fill, and optimizers set up their state.
    for _ in range(3):
        step()
    with HostSync() as sync:
        step()
    assert not sync.found
