import json
from pathlib import Path

import torch
from scenes_options import data_root_options

CONFIG = Path('configs/sca/swav_sca_r18_materials_watched.py')


def test_logs_every_epoch_and_changes_nothing(
    material_scenes, call_tool, tmp_path
):
    states = []
    for name in ('swav_sca_r18_materials_watched', 'swav_sca_r18_materials'):
        file = Path(f'configs/sca/{name}.py')
        call_tool(
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


def test_refuses_a_model_without_sca(material_scenes, call_tool, tmp_path):
    control = Path('configs/sca/swav_r18_materials.py').resolve()
    file = tmp_path / 'watched.py'
    file.write_text(
        f"_base_ = '{control}'\n"
        'default_hooks = dict(attention_statistics=dict('
        "type='mmsca.AttentionStatisticsHook', dataloader=dict()))"
    )
    process = call_tool(
        'train.py',
        file,
        *('--work-dir', tmp_path, '--cfg-options'),
        *data_root_options(file, material_scenes),
        'train_dataloader.batch_size=8',
        check=False,
    )
    assert process.returncode == 1
    assert 'needs model.type=mmsca.SwAVSCA, got SwAV.' in process.stderr
