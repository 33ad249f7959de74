from pathlib import Path

import pytest

from mmsca.comparison.fields import make_table
from mmsca.comparison.project import read_config, resolve
from mmsca.comparison.run import runs_of
from mmsca.utils.config_names import configs_folder
from mmsca.utils.errors import InputError

TABLES = sorted((configs_folder() / 'comparisons').glob('*.py'))


@pytest.mark.parametrize('file', TABLES, ids=lambda file: file.stem)
def test_tables_of_the_project(file, tmp_path):
    table = make_table(file.stem, read_config(file).to_dict())
    assert not table.small or table.control in table.small['backbones']
    for run in runs_of(table, tmp_path):
        for stage in run.stages:
            assert all(path.is_file() for path in stage.command[:2])
        if run.backbone.pretrain:
            assert resolve(run.backbone.pretrain, run.backbone.options)


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(control='swav'), '`control` .* names .swav.'),
        (dict(compare=[('sca', 'moco')]), '`compare` .* names .moco.'),
        (dict(columns=['kNN', 'lineer']), "Did you mean 'linear'"),
        (dict(small=dict(backbones=['x'], seeds=[0])), '`small` .* .x.'),
        (dict(title=''), 'has no `title`'),
        (
            dict(backbones=dict(a=dict(title='a'), b=dict(title='a'))),
            "two backbones with the title 'a'",
        ),
    ],
)
def test_bad_table(fields, change, message):
    with pytest.raises(InputError, match=message):
        make_table('noise', fields | change)


@pytest.mark.parametrize(
    'backbone, message',
    [
        (dict(), 'has no `title`'),
        (dict(title='a', epochs=3), "names 'epochs'"),
        (dict(title='a', pretrain='sca/x.py'), "config 'sca/x.py' does not e"),
        (dict(title='a', checkpoint='x.pth'), "'x.pth', which does not exist"),
    ],
)
def test_bad_backbone(fields, backbone, message):
    with pytest.raises(InputError, match=f"backbone 'a' .*{message}"):
        make_table('noise', fields | dict(backbones=dict(a=backbone)))


LINEAR = dict(tool='test.py', config='classification/r18_linear_cifar10.py')


@pytest.mark.parametrize(
    'evaluation, message',
    [
        (dict(tool='x.py', config='a'), "evaluation 'a' .* names 'x.py'"),
        (LINEAR | dict(weights='b'), "`weights` .* names 'b'"),
    ],
)
def test_bad_evaluation(fields, evaluation, message):
    with pytest.raises(InputError, match=message):
        make_table('noise', fields | dict(evaluations=dict(a=evaluation)))


@pytest.mark.parametrize(
    'rows, message',
    [
        ('dict(a=dict(), a=dict())', 'keyword argument repeated: a'),
        # Which Python takes without a word.
        ("{'a': dict(),\n'b': 1, 'a': dict()}", "line 2: .* key 'a' twice"),
    ],
)
def test_two_backbones_of_one_name(tmp_path, rows, message):
    (tmp_path / 'base.py').write_text(f'backbones = {rows}\n')
    (tmp_path / 'table.py').write_text("_base_ = './base.py'\n")
    for name in ('base.py', 'table.py'):
        with pytest.raises(InputError, match=f'base.py.*{message}'):
            read_config(tmp_path / name)


def test_part_of_a_table(fields):
    fields['backbones']['untrained']['seeds'] = [1]
    table = make_table('noise', fields)
    names = [run.name for run in runs_of(table, Path())]
    # One seed of every backbone before the next.
    assert names == ['sca_seed0', 'untrained_seed1', 'sca_seed1']
    assert table.compare == (('sca', 'untrained'),)
    part = table.subset(['sca'], [1])
    assert [run.name for run in runs_of(part, Path())] == ['sca_seed1']
    assert part.compare == ()
    for names, seeds in ((['moco'], []), ([], [9])):
        with pytest.raises(InputError, match='Expected is one of'):
            table.subset(names, seeds)


def test_without_an_evaluation_goes_what_reads_it(fields):
    fields['backbones']['sca']['skip'] = ['linear']
    table = make_table('noise', fields)
    stages = {run.name: run.stages for run in runs_of(table, Path())}
    names = [stage.name for stage in stages['sca_seed0']]
    assert names == ['pretrain', 'knn']


def test_nothing_to_test(fields):
    """An untrained backbone has no weights of its own to test."""
    fields['evaluations'] = dict(
        maps=dict(tool='test.py', config='localization/r18_labelfree_coco.py')
    )
    table = make_table('noise', fields)
    names = {b.name: table.evaluations_of(b) for b in table.backbones}
    assert names['untrained'] == [] and len(names['sca']) == 1
