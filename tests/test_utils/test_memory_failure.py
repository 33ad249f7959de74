"""A device without room for a batch: what a tool says."""

import tempfile

import pytest
import torch
from mmengine.model import BaseModel

from mmsca.engine.runner import Runner
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


def loader(batch_size):
    return dict(
        dataset=[dict(inputs=torch.zeros(1)) for _ in range(8)],
        batch_size=batch_size,
        sampler=dict(type='DefaultSampler', shuffle=False),
    )


def sentence(tmp_path, monkeypatch, mode, error, batch_size, counts):
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    optim_wrapper = dict(
        optimizer=dict(type='SGD', lr=0.1), accumulative_counts=counts
    )
    config = dict(
        train_dataloader=dict(batch_size=batch_size),
        val_dataloader=dict(batch_size=4),
        optim_wrapper=dict(accumulative_counts=counts),
    )

    def main():
        Runner(
            model=Greedy(mode, error),
            work_dir=str(tmp_path / 'run'),
            train_dataloader=loader(batch_size),
            train_cfg=dict(by_epoch=True, max_epochs=1),
            val_dataloader=loader(4),
            val_cfg=dict(),
            val_evaluator=dict(type='DumpResults', out_file_path='x.pkl'),
            optim_wrapper=optim_wrapper,
            cfg=config,
            experiment_name=f'{tmp_path.name}',
            default_scope='mmengine',
        ).train()

    with pytest.raises(SystemExit) as stop:
        run_tool(main)
    return stop.value.code


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
    assert words in sentence(
        tmp_path, monkeypatch, mode, error, batch_size, counts
    )
