"""A device without room for a batch: what a tool says."""

import tempfile

import pytest
import torch
from mmengine.model import BaseModel
from toy_runs import loader, toy_runner

from mmsca.utils.errors import run_tool

OF_GPU = torch.OutOfMemoryError(
    'CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total '
    'capacity of 79.10 GiB of which 1.31 GiB is free.'
)
OF_CPU = RuntimeError(
    "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't "
    'allocate memory: you tried to allocate 1099511627776 bytes.'
)


class Greedy(BaseModel):
    """Takes all memory there is in one mode."""

    def __init__(self, mode, error):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.greedy = mode, error

    def forward(self, inputs, mode='tensor'):
        if mode == self.greedy[0]:
            error = self.greedy[1]
            raise type(error)(*error.args)  # a new one, without traceback
        if mode == 'loss':
            return dict(loss=self.weight.sum())
        return []


@pytest.mark.parametrize(
    'mode, error, batch_size, counts, words',
    [
        (
            *('loss', OF_GPU, 4, 1),
            'error: The GPU, asked for another 2.50 GiB, is out of memory '
            'with train_dataloader.batch_size=4 and '
            'optim_wrapper.accumulative_counts=1. Set '
            'train_dataloader.batch_size=2 and '
            'optim_wrapper.accumulative_counts=2, so that',
        ),
        (
            *('loss', OF_GPU, 7, 2),
            'Set train_dataloader.batch_size=3 and '
            'optim_wrapper.accumulative_counts=5, so that',
        ),
        (
            *('loss', OF_CPU, 1, 3),
            'error: The machine, asked for another 1099511627776 bytes, is '
            'out of memory with train_dataloader.batch_size=1 and '
            'optim_wrapper.accumulative_counts=3. Train on smaller images or '
            'a smaller model. The traceback is in ',
        ),
        (
            *('predict', OF_GPU, 8, 1),
            'is out of memory with val_dataloader.batch_size=4. Lower that. ',
        ),
    ],
    ids=['gpu', 'odd', 'one', 'validation'],
)
def test_the_sentence_names_what_to_set(
    tmp_path, monkeypatch, mode, error, batch_size, counts, words
):
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    items = [dict(inputs=torch.zeros(1))] * 8
    wrapper = dict(
        optimizer=dict(type='SGD', lr=0.1), accumulative_counts=counts
    )
    config = dict(
        train_dataloader=dict(batch_size=batch_size),
        val_dataloader=dict(batch_size=4),
        optim_wrapper=dict(accumulative_counts=counts),
    )

    def main():
        toy_runner(
            Greedy(mode, error),
            tmp_path / 'run',
            loader(items, batch_size),
            val_dataloader=loader(items, batch_size=4),
            val_cfg=dict(),
            val_evaluator=dict(type='DumpResults', out_file_path='x.pkl'),
            optim_wrapper=wrapper,
            cfg=config,
        ).train()

    with pytest.raises(SystemExit) as stop:
        run_tool(main)
    assert words in stop.value.code
