"""A training step waits for the device nowhere: no value goes to the host."""

import pytest
import torch
from fake_gpu import fake_gpu
from mmengine.logging import MessageHub
from mmengine.registry import MODELS, init_default_scope
from tiny_swav import tiny_swav
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
)

from mmsca.augmentation import Recipe, blur
from mmsca.augmentation.batch import apply_recipe
from mmsca.engine.optimizers import LARC
from mmsca.models.multi_crop_preprocessor import MultiCropPreprocessor


def fakes_can_be_indexed() -> bool:
    """Not in torch 2.6, which asks the driver for the real device."""
    try:
        with fake_gpu():
            return torch.rand(4, device='cuda')[0].dim() == 0
    except RuntimeError:
        return False


pytestmark = pytest.mark.skipif(
    not fakes_can_be_indexed(), reason='needs a newer torch'
)


@pytest.mark.parametrize(
    'wait',
    [
        lambda x: x.max().item(),
        lambda x: bool(x[0] > 0),
        lambda x: x[x > 1],
        lambda x: x.tolist(),
    ],
    ids=['item', 'bool', 'mask', 'tolist'],
)
def test_values_on_the_host_are_detected(wait):
    errors = DataDependentOutputException, DynamicOutputShapeException
    with fake_gpu(), pytest.raises(errors):
        wait(torch.rand(4, device='cuda'))


def test_copies_that_block_are_detected():
    with fake_gpu() as blocking:
        x = torch.rand(4, device='cuda')
        x.new_full((), 1.0)
        torch.zeros(4).to(x.device, non_blocking=True)
        assert not blocking.found
        x.new_tensor(1.0)
        torch.zeros(4).to(x.device)
        x.cpu()
    assert blocking.found == 2 * ['cpu to cuda:0'] + ['cuda:0 to cpu']


SCA = dict(
    type='mmsca.SwAVSCA',
    sca=dict(type='mmsca.SpatialCrossAttention'),
    warmup=0,
    memory=dict(length=24, map_size=(4, 4)),
)


@pytest.mark.parametrize('fields', [{}, SCA], ids=['swav', 'sca'])
@pytest.mark.parametrize('device', ['cuda', 'cpu'])
def test_training_step(request, fields, device):
    hub = MessageHub.get_instance(request.node.name)
    hub.update_info_dict(dict(epoch=1, iter=5, max_iters=10))
    init_default_scope('mmpretrain')
    cfg = tiny_swav(queue_length=12, queue_start=0) | fields
    model = MODELS.build(cfg).train()
    # A step that may wait: the first one after a start.
    model.loss([torch.rand(6, 3, s, s) for s in (32, 32, 16)])
    with fake_gpu(model, device=device) as blocking:
        optimizer = LARC(model.parameters(), lr=0.1, momentum=0.9)
        views = [torch.rand(6, 3, s, s, device=device) for s in (32, 32, 16)]
        # With a queue that is filling, and full.
        for _ in range(2):
            loss = model.loss(views)['loss']
            if device == 'cpu':
                optimizer.zero_grad()
                loss.backward()
            else:
                # Without a GPU torch has no thread for its backward pass.
                for weight in model.parameters():
                    weight.grad = torch.zeros_like(weight)
            optimizer.step()
            model.head.normalize_prototypes()
    assert model.head.queue.count == 12
    assert not blocking.found


def test_augmentation():
    blur.shifts.cache_clear()  # of matrices on the fake GPU, before and after
    parameters = Recipe(solarize=0.3).draw(12)
    with fake_gpu() as blocking:
        views = apply_recipe(
            torch.rand(12, 3, 32, 32, device='cuda'), parameters
        )
    blur.shifts.cache_clear()
    assert views.is_cuda
    assert not blocking.found


def test_upload():
    preprocessor = MultiCropPreprocessor([127.0] * 3, [64.0] * 3)
    with fake_gpu(preprocessor) as blocking:
        preprocessor._device = torch.device('cuda')
        views = preprocessor.cast_data(torch.zeros(2, 3, dtype=torch.uint8))
    assert views.is_cuda
    assert not blocking.found
