"""What a process of the study does, in a module that it can import.

A spawned process does not read `__main__` of a package.
"""

import logging

import torch
from mmengine.logging import MMLogger

from study.photographs.scores import score
from study.photographs.training import Training


def start(data: dict, device: str) -> None:
    """Make a process ready for runs."""
    global DATA
    logging.getLogger('mmengine').setLevel(logging.ERROR)
    MMLogger.get_instance('photographs', log_level='ERROR')
    torch.set_num_threads(1)
    if device != 'cpu':
        torch.cuda.set_stream(torch.cuda.Stream(device))
    DATA = {
        split: {name: values.to(device) for name, values in part.items()}
        for split, part in data.items()
    }


def run(job: tuple[str, dict, int, str]) -> dict:
    """Train and score one row at one seed."""
    name, row, seed, split = job
    training = Training(row, seed, DATA['train'])
    training.run()
    losses = training.losses[: training.length]
    losses = losses.view(-1, training.epoch_length).mean(dim=1)
    return dict(
        name=name,
        **training.row,
        seed=seed,
        split=split,
        **score(training.model, DATA, split),
        losses=[round(loss, 4) for loss in losses.tolist()],
    )
