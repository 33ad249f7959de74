"""A device that is not there, to see on any machine where it is waited for."""

from contextlib import contextmanager

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

COPIES = {'aten::_to_copy': 0, 'aten::copy_': 1}


class BlockingCopies(TorchDispatchMode):
    """Collects copies between devices that the host waits for."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        name = func._schema.name
        if name in COPIES:
            source = args[COPIES[name]]
            waits = not kwargs.get('non_blocking', args[2:] == (True,))
            if waits and source.device != out.device:
                self.found.append(f'{source.device} to {out.device}')
        return out


@contextmanager
def fake_gpu(*modules, device='cuda'):
    """Moves modules to a fake device, and yields the copies that block.

    Tensors made inside hold no values. What needs one on the host, `item` or
    a choice by booleans, raises an error of torch's fake tensors.
    """
    # At the first backward pass autograd starts a thread for each device. A
    # process with such threads cannot be forked: it must not find this one.
    torch.zeros(1, requires_grad=True).sum().backward()
    with FakeTensorMode(allow_non_fake_inputs=True):
        for module in modules:
            for part in module.modules():
                for name, value in part._parameters.items():
                    if value is not None:
                        fake = torch.empty_like(value, device=device)
                        part._parameters[name] = nn.Parameter(fake)
                for name, value in part._buffers.items():
                    if value is not None:
                        fake = torch.empty_like(value, device=device)
                        part._buffers[name] = fake
        with BlockingCopies() as copies:
            yield copies
