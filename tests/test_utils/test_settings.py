import pytest
from mmengine.config import Config, ConfigDict

from mmsca.utils.settings import changes, differences, parse_fields

FIELDS = dict(
    model=dict(type='A', head=dict(num_prototypes=32), test_cfg=dict(a=1)),
    train_dataloader=dict(batch_size=8, num_workers=2),
    optim_wrapper=dict(optimizer=dict(lr=0.1, betas=(0.9, 0.95))),
    train_cfg=dict(max_epochs=15, val_interval=1),
    randomness=dict(seed=0),
    work_dir='here',
)


def text(**fields):
    return Config({**FIELDS, **fields}).pretty_text


def test_parsed_is_what_was_written():
    odd = ConfigDict(
        {'a': {0: 'x', 'b-c': (1, [2.5, None])}, 'd': float('-inf')}
    )
    odd['e'] = "quote's\nline"
    assert parse_fields(Config(dict(model=odd)).pretty_text) == {
        'model': {
            'a': {0: 'x', 'b-c': (1, [2.5, None])},
            'd': '-inf',
            'e': "quote's\nline",
        }
    }


def test_nothing_is_executed(tmp_path):
    code = f'import os\na = open("{tmp_path}/x", "w")\nb = [inf, f(1), x.y]'
    assert parse_fields(code) == {
        'a': f"open('{tmp_path}/x', 'w')",
        'b': ['inf', 'f(1)', 'x.y'],
    }
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    'change, expected',
    [
        ({}, []),
        (
            dict(randomness=dict(seed=1)),
            [('randomness.seed', 0, 1)],
        ),
        (
            dict(model=dict(type='A', head=dict(num_prototypes=64))),
            [('model.head.num_prototypes', 32, 64)],
        ),
        (
            dict(train_dataloader=dict(batch_size=8, dataset=dict(root='x'))),
            [('train_dataloader.dataset.root', '-', 'x')],
        ),
        (
            dict(optim_wrapper=dict(optimizer=dict(lr=0.1, betas=(0.9, 0.9)))),
            [('optim_wrapper.optimizer.betas', [0.9, 0.95], [0.9, 0.9])],
        ),
        # Change nothing in the training.
        (dict(work_dir='there', load_from='a.pth', val_dataloader={}), []),
        (dict(train_dataloader=dict(batch_size=8, num_workers=0)), []),
        (dict(train_cfg=dict(max_epochs=15, val_interval=5)), []),
    ],
)
def test_changes(change, expected):
    assert changes(text(), text(**change)) == expected


def test_differences_in_lists():
    old = dict(a=[dict(b=1), dict(c=[1, 2])], d=[])
    assert differences(old, dict(a=[dict(b=1)], d=[3])) == [
        ('a.1.c', [1, 2], '-'),
        ('d', [], [3]),
    ]
