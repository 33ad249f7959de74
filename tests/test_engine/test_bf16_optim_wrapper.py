import pytest
import torch
from mmengine.optim import OptimWrapper
from torch import nn

from mmsca.engine.optimizers import BF16OptimWrapper, bf16_optim_wrapper

MODULE = bf16_optim_wrapper.__name__


def step(wrapper_type):
    """Dtype of what a linear layer returns, its gradient and new weight."""
    torch.manual_seed(0)
    layer = nn.Linear(64, 32)
    wrapper = wrapper_type(torch.optim.SGD(layer.parameters(), lr=0.1))
    with wrapper.optim_context(layer):
        out = layer(torch.randn(8, 64))
    wrapper.update_params(out.float().square().mean(), zero_kwargs=None)
    return out.dtype, layer.weight.detach()


@pytest.mark.parametrize('fast', [True, False])
def test_bf16_where_it_is_fast_only(monkeypatch, fast):
    monkeypatch.setattr(f'{MODULE}.get_device', lambda: 'cpu')
    monkeypatch.setattr(f'{MODULE}.has_fast_bf16', lambda device: fast)
    dtype, weight = step(BF16OptimWrapper)
    expected_dtype, expected = step(OptimWrapper)
    assert expected_dtype == weight.dtype == torch.float32
    if fast:
        assert dtype == torch.bfloat16
        torch.testing.assert_close(weight, expected, rtol=0, atol=1e-4)
        assert not torch.equal(weight, expected)
    else:
        assert dtype == torch.float32
        assert torch.equal(weight, expected)


@pytest.mark.parametrize('amx', [True, False])
@pytest.mark.parametrize('avx512', [True, False])
def test_one_kind_of_instruction_is_enough_on_a_cpu(monkeypatch, amx, avx512):
    for name, value in (('amx_tile', amx), ('avx512_bf16', avx512)):
        monkeypatch.setattr(
            f'torch.cpu._is_{name}_supported',
            lambda value=value: value,
            raising=False,
        )
    assert bf16_optim_wrapper.has_fast_bf16('cpu') == (amx or avx512)


def test_no_other_device_is_taken_for_fast():
    assert not bf16_optim_wrapper.has_fast_bf16('mps')
