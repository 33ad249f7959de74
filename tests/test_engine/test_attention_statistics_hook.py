import json
from pathlib import Path

import pytest
import torch
from mmengine.registry import MODELS, init_default_scope
from mmpretrain.structures import DataSample
from tiny_swav import tiny_swav

from mmsca.apis.commands import data_root_options
from mmsca.engine.hooks.attention_statistics_hook import (
    batch_statistics,
    coverage,
)

CONFIG = Path('configs/sca/swav_sca_r18_materials_watched.py')


def sample(label, box, size=(64, 64)):
    return DataSample(
        metainfo=dict(ori_gt_bboxes=[box], ori_size=size)
    ).set_gt_label(label)


def test_coverage_of_cells():
    # 4x4 cells of 16 px: a column and a half, and three rows.
    inside = coverage(sample(0, (8, 16, 32, 64)), (4, 4))
    expected = torch.zeros(4, 4)
    expected[1:, 0], expected[1:, 1] = 0.5, 1
    torch.testing.assert_close(inside, expected)


@pytest.mark.parametrize('partners', ['cluster', 'random'])
def test_statistics_of_a_batch(partners):
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    sca = dict(
        type='mmsca.SpatialCrossAttention', num_partners=1, partners=partners
    )
    cfg = dict(tiny_swav(num_prototypes=4), type='mmsca.SwAVSCA', sca=sca)
    del cfg['backbone']['strides']
    cfg['data_preprocessor'] = dict(type='SelfSupDataPreprocessor')
    model = MODELS.build(cfg).eval()
    # Pairs of equal images, each pair of a label of its own.
    images = torch.rand(4, 3, 64, 64).repeat(2, 1, 1, 1)
    samples = [sample(i % 4, (0, 0, 32, 64)) for i in range(8)]
    found = batch_statistics(model, dict(inputs=images, data_samples=samples))
    assert found['box_area'] == pytest.approx(0.5)
    assert found['chance_purity'] == pytest.approx(1 / 7)
    assert 0 < found['mask_in_box'] < 1
    assert 0 < found['mask_entropy'] <= 1
    if partners == 'cluster':
        assert found['partner_purity'] == 1 == found['same_cluster']
    else:
        assert found['partner_purity'] < 1


def test_logs_every_epoch_and_changes_nothing(
    material_scenes, run_tool, tmp_path
):
    states = []
    for name in ('swav_sca_r18_materials_watched', 'swav_sca_r18_materials'):
        file = Path(f'configs/sca/{name}.py')
        run_tool(
            'train.py',
            file,
            *('--work-dir', tmp_path / name, '--cfg-options'),
            *data_root_options(file, material_scenes),
            'train_cfg.max_epochs=2',
            'train_dataloader.batch_size=8',
            'default_hooks.checkpoint.interval=2',
        )
        checkpoint = torch.load(
            tmp_path / name / 'epoch_2.pth', weights_only=False
        )
        states.append(checkpoint['state_dict'])
    torch.testing.assert_close(*states, rtol=0, atol=0)

    folder = tmp_path / 'swav_sca_r18_materials_watched'
    (scalars,) = folder.glob('*/vis_data/scalars.json')
    lines = [json.loads(line) for line in scalars.read_text().splitlines()]
    logged = [line for line in lines if 'sca/mask_in_box' in line]
    assert len(logged) == 2
    for line in logged:
        assert 0 < line['sca/mask_in_box'] < 1
        assert 0 <= line['sca/partner_purity'] <= 1
        assert line['step'] > 0


def test_refuses_a_model_without_sca(material_scenes, run_tool, tmp_path):
    control = Path('configs/sca/swav_r18_materials.py').resolve()
    file = tmp_path / 'watched.py'
    file.write_text(
        f"_base_ = '{control}'\n"
        'default_hooks = dict(attention_statistics=dict('
        "type='mmsca.AttentionStatisticsHook', dataloader=dict()))"
    )
    process = run_tool(
        'train.py',
        file,
        *('--work-dir', tmp_path, '--cfg-options'),
        *data_root_options(file, material_scenes),
        'train_dataloader.batch_size=8',
        check=False,
    )
    assert process.returncode == 1
    assert 'needs model.type=mmsca.SwAVSCA, got SwAV.' in process.stderr
