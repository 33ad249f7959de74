"""LARC and LARS step as their references do, and never ask the device."""

import copy

import pytest
import torch
from mmengine.optim import build_optim_wrapper
from mmpretrain.engine.optimizers import LARS as TheirLARS
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from mmsca.engine.optimizers import LARC, LARS

TRUST, EPS = 0.001, 1e-8
SETTINGS = dict(momentum=0.9, weight_decay=0.01)


class LARCOfApex:
    """SGD after the loop of LARC.step in apex/parallel/LARC.py."""

    def __init__(self, parameters, lr, momentum, weight_decay):
        self.weight_decay = weight_decay
        self.sgd = torch.optim.SGD(parameters, lr=lr, momentum=momentum)

    @property
    def param_groups(self):
        return self.sgd.param_groups

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group['params']:
                if p.grad is None:
                    continue
                p_norm, g_norm = p.norm().item(), p.grad.norm().item()
                if p_norm != 0 and g_norm != 0:
                    rate = TRUST * p_norm
                    rate /= g_norm + self.weight_decay * p_norm + EPS
                    p.grad = (p.grad + self.weight_decay * p) * rate
        self.sgd.step()


def make_layers():
    """A matrix, a vector, zeros, and one whose gradients are zero."""
    torch.manual_seed(0)
    tensors = [
        torch.randn(5, 4),
        torch.randn(7),
        torch.zeros(3),
        torch.randn(6),
    ]
    return [nn.Parameter(t.double()) for t in tensors]


def set_gradients(layers, step):
    generator = torch.Generator().manual_seed(step)
    for layer in layers:
        layer.grad = torch.randn(
            layer.shape, generator=generator, dtype=layer.dtype
        )
    layers[3].grad.zero_()
    if step < 2:
        layers[1].grad = None


def run(optimizer, layers, steps=range(6)):
    """Steps with a learning rate that changes, as under a schedule."""
    for step in steps:
        set_gradients(layers, step)
        for group in optimizer.param_groups:
            group['lr'] = 0.5 / (1 + step)
        optimizer.step()
    return layers


@pytest.mark.parametrize(
    'ours, reference', [(LARC, LARCOfApex), (LARS, TheirLARS)]
)
def test_steps_equal_the_reference(ours, reference):
    ours_layers, their_layers = make_layers(), make_layers()
    run(ours(ours_layers, lr=0.5, **SETTINGS), ours_layers)
    run(reference(their_layers, lr=0.5, **SETTINGS), their_layers)
    torch.testing.assert_close(ours_layers, their_layers, rtol=1e-13, atol=0)
    assert not torch.equal(ours_layers[0], make_layers()[0])


def test_learning_rate_acts_at_once_in_larc_alone():
    moved = {}
    for optimizer_type in (LARC, LARS):
        layers = make_layers()
        optimizer = optimizer_type(layers, lr=0.5, **SETTINGS)
        run(optimizer, layers, steps=range(3))
        before = layers[0].detach().clone()
        set_gradients(layers, 3)
        optimizer.param_groups[0]['lr'] = 0.0
        optimizer.step()
        moved[optimizer_type] = not torch.equal(before, layers[0])
    assert moved == {LARC: False, LARS: True}


@pytest.mark.parametrize('optimizer_type', [LARC, LARS])
def test_state_dict_continues_the_same_steps(optimizer_type):
    whole = make_layers()
    run(optimizer_type(whole, lr=0.5, **SETTINGS), whole)

    halved = make_layers()
    first = optimizer_type(halved, lr=0.5, **SETTINGS)
    run(first, halved, steps=range(3))
    second = optimizer_type(halved, lr=0.5, **SETTINGS)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    run(second, halved, steps=range(3, 6))
    torch.testing.assert_close(halved, whole, rtol=0, atol=0)


@pytest.mark.parametrize('optimizer_type', [LARC, LARS])
def test_no_value_is_asked_of_the_device(optimizer_type):
    asked = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            name = func.overloadpacket.__name__
            if name in ('_local_scalar_dense', 'nonzero', 'is_nonzero'):
                asked.append(name)
            return func(*args, **(kwargs or {}))

    layers = make_layers()
    optimizer = optimizer_type(layers, lr=0.5, **SETTINGS)
    set_gradients(layers, 2)
    with Watch():
        optimizer.step()
        assert asked == []
        layers[0].norm().item()
    # The watch sees what it is to see.
    assert asked == ['_local_scalar_dense']


@pytest.mark.parametrize('optimizer_type', [LARC, LARS])
def test_closure_is_run_with_gradients(optimizer_type):
    layers = make_layers()
    optimizer = optimizer_type(layers, lr=0.5, **SETTINGS)

    def closure():
        optimizer.zero_grad()
        loss = sum(layer.square().sum() for layer in layers)
        loss.backward()
        return loss

    first, second = optimizer.step(closure), optimizer.step(closure)
    assert second < first


def test_config_excludes_layers_from_lars():
    model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2, bias=False))
    reference = copy.deepcopy(model)
    optimizers = [
        build_optim_wrapper(
            m,
            dict(
                optimizer=dict(
                    type=kind, lr=0.5, momentum=0.9, weight_decay=0.01
                ),
                paramwise_cfg=dict(
                    custom_keys={'bias': dict(decay_mult=0, lars_exclude=True)}
                ),
            ),
        ).optimizer
        for m, kind in [(model, 'mmsca.LARS'), (reference, 'mmpretrain.LARS')]
    ]
    assert type(optimizers[0]) is LARS
    for step in range(3):
        torch.manual_seed(step)
        images = torch.randn(8, 4)
        for m, optimizer in zip((model, reference), optimizers, strict=True):
            optimizer.zero_grad()
            m(images).square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(
        model.state_dict(), reference.state_dict(), rtol=1e-5, atol=1e-7
    )


@pytest.mark.parametrize('optimizer_type', [LARC, LARS])
def test_negative_settings_are_refused(optimizer_type):
    with pytest.raises(ValueError, match='needs weight_decay of at least 0'):
        optimizer_type(make_layers(), lr=0.5, weight_decay=-1)
