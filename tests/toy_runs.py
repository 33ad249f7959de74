"""Runs of toy models on tensors, in milliseconds."""

from itertools import count

from mmsca.engine import Runner

NUMBERS = count()


def loader(items, batch_size: int = 2, **sampler) -> dict:
    """Config of a dataloader of a list, in its order."""
    sampler = dict(type='DefaultSampler', shuffle=False) | sampler
    return dict(dataset=items, batch_size=batch_size, sampler=sampler)


def toy_runner(model, work_dir, train_dataloader: dict, **fields) -> Runner:
    """A Runner of one epoch; `fields` are further arguments of it."""
    defaults = dict(
        train_cfg=dict(by_epoch=True, max_epochs=1),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
        default_scope='mmengine',
        # Each run needs a name of its own.
        experiment_name=f'toy_{next(NUMBERS)}',
    )
    return Runner(
        model=model,
        work_dir=str(work_dir),
        train_dataloader=train_dataloader,
        **defaults | fields,
    )
