import pytest
from mmengine.config import Config

from mmsca.apis.field_ranges import check_flags, check_ranges
from mmsca.utils.errors import InputError

NAN, INF = float('nan'), float('inf')


@pytest.mark.parametrize(
    'name, good, bad',
    [
        (
            'num_prototypes',
            [1, [3, 4]],
            [0, -1, NAN, '8', 8.0, [8, 0], [], True],
        ),
        ('queue_length', [0, 7], [-1, NAN, 'x', 0.5]),
        ('epsilon', [0.05, 1], [0, -1, NAN, 'x', None]),
        ('iterations', [3], [0, -1, NAN, 'x', 2.5]),
        ('temperature', [0.1], [0, -1, NAN, 'x']),
        ('batch_size', [1], [0, -1, NAN, 'x', 2.5, None]),
        ('num_workers', [0, 2], [-1, NAN, 'x', 2.5]),
        ('max_epochs', [1], [0, -1, NAN, 'x', 2.5]),
        ('sizes', [[32, 20]], [[0, 20], [-1], [NAN], 'x', [2.5]]),
        ('lr', [0.1, 1], [0, -0.1, NAN, INF, 'x']),
        ('max_norm', [1.0], [0, -1, INF]),
        ('num_assigned', [2], [0, 1.5]),
        ('std', [[58.4, 57.1], 1, None], [[0, 0, 0], [1, -1]]),
        ('seed', [0, None], [-1, NAN, 'x', 1.5, 2**32]),
        ('depth', [18], [0, -1, NAN, '18', 18.0]),
    ],
)
def test_ranges(name, good, bad):
    for value in good:
        check_ranges(Config(dict(model=dict(part={name: value}))))
    for value in bad:
        with pytest.raises(InputError) as error:
            check_ranges(Config(dict(model=dict(part={name: value}))))
        text = str(error.value)
        assert f'model.part.{name} is {value!r}. Expected a' in text


def test_nan_anywhere():
    with pytest.raises(InputError, match='model.weights.1 is nan'):
        check_ranges(Config(dict(model=dict(weights=[1.0, NAN]))))


@pytest.mark.parametrize('value', ['maybe', 1, None])
def test_flags_are_true_or_false(value):
    head = dict(type='mmsca.SwAVHead', num_prototypes=3, hard=value)
    with pytest.raises(InputError, match=r'model.head.hard is .* True or'):
        check_flags(Config(dict(model=dict(head=head))))
    head['hard'] = True
    check_flags(Config(dict(model=dict(head=head))))
