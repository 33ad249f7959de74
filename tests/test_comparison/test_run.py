"""Commands of runs, and the settings that name their folders."""

from dataclasses import replace
from pathlib import Path

import pytest

from mmsca.comparison.fields import make_table
from mmsca.comparison.project import (
    moved_options,
    read_config,
    resolve,
)
from mmsca.comparison.run import runs_of, shell_line
from mmsca.utils.config_fields import read_fields
from mmsca.utils.config_names import find_config

CONFIGS = {
    'sca/swav_sca_r18_materials.py': 'data/material_scenes',
    'localization/r18_gradcam_materials.py': 'data/material_scenes',
    'detection/mask-rcnn_r18_fpn_materials.py': 'data/material_scenes',
    'classification/r18_linear_cifar10.py': 'data/cifar10',
}


def places(cfg, root):
    """Where a run reads a path below a folder."""
    return [
        path
        for path, value in read_fields(cfg)
        if isinstance(value, str) and str(root) in value
    ]


@pytest.mark.parametrize('name', CONFIGS)
def test_data_root_reaches_every_path_of_a_config(name, tmp_path):
    file, root = find_config(name), CONFIGS[name]
    before = places(read_config(file), root)
    assert before
    options = moved_options(file, Path(root), tmp_path)
    moved = resolve(file, options)
    assert places(moved, root) == []
    assert places(moved, tmp_path) == before


@pytest.fixture
def stages(fields, tmp_path):
    """Stages of the pretrained backbone, seed 1, by name."""

    def build(**changes):
        table = make_table('noise', fields | changes)
        run = runs_of(table, tmp_path)[-1]
        assert run.name == 'sca_seed1'
        return {stage.name: stage for stage in run.stages}

    return build


def test_commands(stages, tmp_path):
    built = stages()
    assert list(built) == ['pretrain', 'knn', 'linear', 'linear_test']
    for name in ('pretrain', 'linear'):
        folder = built[name].folder
        (folder).mkdir(parents=True)
        (folder / 'last_checkpoint').write_text('/elsewhere/epoch_3.pth')
    lines = {n: shell_line(stage.command) for n, stage in built.items()}
    weights = f'{built["pretrain"].folder}/epoch_3.pth'
    root = f'data_root={tmp_path}/cifar10'
    for name, parts in dict(
        pretrain=[
            'tools/train.py configs/sca/swav_sca_r18_cifar10.py',
            f'--work-dir {built["pretrain"].folder} --resume',
            'randomness.seed=1 default_hooks.checkpoint.interval=1',
        ],
        knn=[f'{weights} --k 20 --out {built["knn"].folder}/metrics.json'],
        linear=[
            f'randomness.seed=1 model.backbone.init_cfg.checkpoint={weights}'
        ],
        linear_test=[
            f'tools/test.py configs/classification/r18_linear_cifar10.py '
            f'{built["linear"].folder}/epoch_3.pth',
            '--out-item metrics',
        ],
    ).items():
        for part in [*parts, root]:
            assert part in lines[name]
    # Only what draws numbers has a seed.
    assert 'seed=' not in lines['linear_test'].replace('seed1', '')


def test_other_settings_have_other_folders(stages, fields):
    def folders(**changes):
        return {n: stage.folder for n, stage in stages(**changes).items()}

    before = folders()
    # Neither where data lies nor how fast it is read changes a score.
    assert folders(data_root='/elsewhere') == before
    assert folders(title='Other') == before
    evaluations = fields['evaluations']
    linear = evaluations['linear']
    for option, same in (
        ('train_dataloader.num_workers=7', True),
        ('model.backbone.init_cfg.checkpoint=other.pth', True),
        ('train_cfg.max_epochs=7', False),
    ):
        other = evaluations | dict(linear=linear | dict(options=[option]))
        after = folders(evaluations=other)
        assert after['knn'] == before['knn']
        assert (after['linear'] == before['linear']) == same
        # It tests what the other one trained.
        assert (after['linear_test'] == before['linear_test']) == same
    backbones = fields['backbones']
    sca = backbones['sca'] | dict(options=['model.weight=0.5'])
    after = folders(backbones=backbones | dict(sca=sca))
    assert not set(after.values()) & set(before.values())


def test_settings_of_a_file_are_its_content(fields, tmp_path):
    checkpoint = tmp_path / 'a.pth'
    checkpoint.write_bytes(b'1')
    fields['backbones']['sca'] = dict(title='a', checkpoint=str(checkpoint))
    table = make_table('noise', fields)
    run = runs_of(table, tmp_path)[-1]
    assert str(checkpoint) in map(str, run.stages[0].command)
    copy = tmp_path / 'b.pth'
    copy.write_bytes(b'1')
    other = replace(run, backbone=replace(run.backbone, checkpoint=copy))
    assert other.folder == run.folder
    copy.write_bytes(b'2')
    new = tmp_path / 'c.pth'
    new.write_bytes(b'2')
    other = replace(run, backbone=replace(run.backbone, checkpoint=new))
    assert other.folder != run.folder
