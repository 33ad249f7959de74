"""The tool: what becomes of its arguments."""

import pytest

from mmsca.apis.compare import comparisons, parse_args
from mmsca.utils.errors import InputError

SCA = 'configs/sca/swav_sca_r18_materials.py'
SWAV = 'configs/sca/swav_r18_materials.py'


def made(*arguments):
    return comparisons(parse_args([str(a) for a in arguments]))


def test_tables():
    files = [f'comparisons/{name}.py' for name in ('demo', 'materials')]
    one, other = made(*files, '--cfg-options', 'data_root=a b')
    assert str(one.work_dir) == 'work_dirs/demo'
    assert str(one.table.data_root) == 'a b'
    assert str(other.records) == 'docs/study/materials'
    (small,) = made(files[1], '--small')
    assert str(small.records) == 'work_dirs/materials_small/records'
    assert [b.name for b in small.table.backbones] == ['swav', 'swav_sca']


def test_skip(tmp_path):
    """An evaluation goes with those that read it."""
    files = ['comparisons/demo.py', 'comparisons/cifar10.py']
    demo, _ = made(*files, '--skip', 'detection')  # the other one has none
    table = demo.table.subset(skip=['detection'])
    names = [e.name for e in table.evaluations_of(table.backbones[0])]
    assert names == ['knn', 'linear', 'localization']


def test_ablation():
    values = 'model.sca.temperature=0.1,0.03'
    arguments = ['--set', 'model.weight=0,0.7', values, '--seeds', 3, 4]
    (comparison,) = made(SCA, *arguments)
    table = comparison.table
    assert [b.options for b in table.backbones] == [
        ('model.weight=0', 'model.sca.temperature=0.1'),
        ('model.weight=0', 'model.sca.temperature=0.03'),
        ('model.weight=0.7', 'model.sca.temperature=0.1'),
        ('model.weight=0.7', 'model.sca.temperature=0.03'),
    ]
    assert {b.seeds for b in table.backbones} == {(3, 4)}
    assert table.control == table.backbones[0].name
    assert str(table.data_root) == 'data/material_scenes'
    (comparison,) = made(SWAV, SCA)
    titles = [b.title for b in comparison.table.backbones]
    assert titles == ['swav_r18_materials', 'swav_sca_r18_materials']
    (comparison,) = made(SCA, '--set', 'model.sca.stages=[3,4],[4]')
    assert [b.options for b in comparison.table.backbones] == [
        ('model.sca.stages=[3,4]',),
        ('model.sca.stages=[4]',),
    ]


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['gone.py'], "'.*gone.py' does not exist"),
        ([SCA, SCA], "Two rows have the name 'swav_sca_r18_materials'"),
        (['comparisons/demo.py', SCA], 'not both'),
        (['comparisons/demo.py', '--set', 'a=1'], 'not both'),
        (['comparisons/demo.py'] * 2, "Two tables have the name 'demo'"),
        (['comparisons/demo.py', '--small'], 'has no `small`'),
        ([SCA, '--set', 'model.weight'], 'expected KEY=VALUE'),
        (
            ['comparisons/demo.py', '--skip', 'detektion'],
            "--skip names 'detektion'.* Did you mean 'detection'",
        ),
        (['sca/swav_sca_r50.py'], "trains on 'data/imagenet', for which"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        made(*arguments)
