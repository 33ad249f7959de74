"""Training in bf16, where that is fast."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.device import get_device
from mmengine.optim import OptimWrapper
from torch import nn

from mmsca.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class BF16OptimWrapper(OptimWrapper):
    """Mixed precision with bf16 if the hardware multiplies matrices in it.

    That is a GPU from NVIDIA's Ampere on, or a CPU with AMX or AVX512-BF16;
    elsewhere it is mmengine's OptimWrapper. Weights stay in fp32, and as bf16
    has the range of fp32, losses are not scaled.
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """The forward pass of a training step."""
        device = get_device()
        autocast = torch.autocast(
            device, torch.bfloat16, enabled=has_fast_bf16(device)
        )
        with super().optim_context(model), autocast:
            yield


def has_fast_bf16(device: str) -> bool:
    """Whether there are instructions for products of bf16.

    Args:
        device (str): 'cpu' or 'cuda'; no other is known to have them.
    """
    if device == 'cuda':
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device == 'cpu':
        # Older versions of torch do not tell.
        return any(
            getattr(torch.cpu, f'_is_{name}_supported', bool)()
            for name in ('amx_tile', 'avx512_bf16')
        )
    return False
