from types import SimpleNamespace

import pytest
from torch import nn

from mmsca.engine.hooks import ClassesHook
from mmsca.utils.errors import InputError


def head(num_classes):
    module = nn.Identity()
    module.num_classes = num_classes
    return module


def loop(**metainfo):
    dataset = SimpleNamespace(metainfo=metainfo)
    return SimpleNamespace(dataloader=SimpleNamespace(dataset=dataset))


def runner(heads, train=None, val=None, test=None):
    model = nn.ModuleDict({k: head(count) for k, count in heads.items()})
    return SimpleNamespace(
        model=model,
        train_dataloader=train and train.dataloader,
        val_loop=val,
        test_loop=test,
    )


def test_heads_of_as_many_classes_pass():
    animals = loop(classes=('cat', 'cow'))
    heads = dict(head=2, rpn_head=1, backbone=-1)
    ClassesHook().before_train(runner(heads, animals, animals))
    ClassesHook().before_train(runner(heads, loop()))  # pretraining


@pytest.mark.parametrize('count', [1, 3])
def test_a_head_of_another_size_is_named(count):
    animals = loop(classes=('cat', 'cow'))
    expected = rf'model\.head\.num_classes={count}.*Set it to 2'
    with pytest.raises(InputError, match=expected):
        ClassesHook().before_train(runner(dict(head=count), animals))
    with pytest.raises(InputError, match=expected):
        ClassesHook().before_val(runner(dict(head=count), val=animals))
    with pytest.raises(InputError, match=expected):
        ClassesHook().before_test(runner(dict(head=count), test=animals))


def test_a_label_beyond_the_head_is_named():
    with pytest.raises(InputError, match='has the label 9'):
        ClassesHook().before_test(
            runner(dict(head=9), test=loop(num_labels=10))
        )
    ClassesHook().before_test(runner(dict(head=10), test=loop(num_labels=10)))


def test_another_order_of_val_is_refused():
    train, val = loop(classes=('cat', 'cow')), loop(classes=('cow', 'cat'))
    with pytest.raises(InputError, match='another in val_dataloader'):
        ClassesHook().before_train(runner(dict(head=2), train, val))


def test_images_that_choose_thresholds_are_compared_too():
    test = loop(classes=('cat', 'cow'))
    test.calibration_dataloader = loop(classes=('cat', 'dog')).dataloader
    with pytest.raises(InputError, match='test_cfg.calibration_dataset'):
        ClassesHook().before_test(runner(dict(head=2), test=test))
