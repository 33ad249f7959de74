"""The whole road on a tiny MaterialScenes, with the tools users call."""

import json
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

SMALL_TRAINING = (
    'train_dataloader.batch_size=8',
    'train_dataloader.num_workers=0',
    'train_cfg.max_epochs=1',
)


def last_checkpoint(work_dir: Path) -> str:
    return (work_dir / 'last_checkpoint').read_text()


def scalars(work_dir: Path) -> list[dict]:
    (file,) = work_dir.glob('*/vis_data/scalars.json')
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture(scope='module')
def work_dirs(tmp_path_factory):
    return tmp_path_factory.mktemp('work_dirs')


@pytest.fixture(scope='module', params=['swav', 'swav_sca'])
def pretrained(request, work_dirs, material_scenes, run_tool):
    """Work directory of a pretraining of five iterations."""
    work_dir = work_dirs / request.param
    run_tool(
        'train.py',
        f'configs/sca/{request.param}_r18_materials.py',
        '--work-dir',
        work_dir,
        '--cfg-options',
        *SMALL_TRAINING,
        f'train_dataloader.dataset.data_root={material_scenes}',
        'default_hooks.logger.interval=1',
    )
    return work_dir


@pytest.fixture(scope='module')
def linear(pretrained, material_scenes, run_tool):
    """Work directory of a linear classifier on the pretrained backbone."""
    work_dir = Path(f'{pretrained}_linear')
    run_tool(
        'train.py',
        'configs/classification/r18_linear_materials.py',
        '--work-dir',
        work_dir,
        '--cfg-options',
        *SMALL_TRAINING,
        'train_cfg.val_interval=1',
        f'model.backbone.init_cfg.checkpoint={last_checkpoint(pretrained)}',
        f'train_dataloader.dataset.data_root={material_scenes}',
        f'val_dataloader.dataset.data_root={material_scenes}',
    )
    return work_dir


def test_pretraining_logs_its_terms(pretrained):
    steps = scalars(pretrained)
    assert len(steps) == 5
    assert all(0 < step['loss'] < 10 for step in steps)
    # SCA starts after a fifth of the iterations.
    has_mask = ['mask_entropy' in step for step in steps]
    sca = pretrained.name == 'swav_sca'
    assert has_mask == [False, sca, sca, sca, sca]


def test_linear_keeps_the_pretrained_backbone(pretrained, linear):
    """All that a linear classifier may learn is its head."""
    before, after = (
        torch.load(last_checkpoint(folder), weights_only=False)['state_dict']
        for folder in (pretrained, linear)
    )
    keys = [key for key in after if key.startswith('backbone.')]
    assert len(keys) == 122
    for key in keys:
        assert torch.equal(before[key], after[key]), key
    assert 'accuracy/top1' in scalars(linear)[-1]


def test_localization(linear, material_scenes, run_tool, tmp_path):
    metrics_file = tmp_path / 'metrics.json'
    output = run_tool(
        'test.py',
        'configs/localization/r18_gradcam_materials.py',
        last_checkpoint(linear),
        '--work-dir',
        tmp_path / 'work',
        '--out',
        metrics_file,
        '--out-item',
        'metrics',
        '--show-dir',
        tmp_path / 'overlays',
        '--interval',
        '5',
        '--cfg-options',
        f'test_dataloader.dataset.data_root={material_scenes}',
        f'test_cfg.calibration_dataloader.dataset.data_root={material_scenes}',
    )
    metrics = json.loads(metrics_file.read_text())
    names = {key.rpartition('/')[2] for key in metrics}
    assert {'MaxBoxAccV2', 'pointing', 'top1'} <= names, names
    assert 'val' in output.stdout
    assert list((tmp_path / 'overlays').rglob('*.png'))


def test_knn(pretrained, material_scenes, run_tool, tmp_path):
    run_tool(
        'knn.py',
        'configs/classification/r18_linear_materials.py',
        last_checkpoint(pretrained),
        '--k',
        5,
        '--out',
        tmp_path / 'knn.json',
        '--cfg-options',
        f'train_dataloader.dataset.data_root={material_scenes}',
        f'test_dataloader.dataset.data_root={material_scenes}',
    )
    (accuracy,) = json.loads((tmp_path / 'knn.json').read_text()).values()
    assert 0 <= accuracy <= 100


def test_detection(pretrained, material_scenes, run_tool, tmp_path):
    data = [
        option
        for split in ('train', 'val', 'test')
        for option in (
            f'{split}_dataloader.dataset.data_root={material_scenes}',
            f'{split}_dataloader.num_workers=0',
            f'{split}_dataloader.persistent_workers=False',
        )
    ]
    for split in ('val', 'test'):
        ann_file = material_scenes / f'annotations/instances_{split}.json'
        data.append(f'{split}_evaluator.ann_file={ann_file}')
    config = 'configs/detection/mask-rcnn_r18_fpn_materials.py'
    run_tool(
        'train.py',
        config,
        '--work-dir',
        tmp_path,
        '--cfg-options',
        *data,
        'train_cfg.max_epochs=1',
        'train_cfg.val_interval=1',
        f'model.backbone.init_cfg.checkpoint={last_checkpoint(pretrained)}',
    )
    run_tool(
        'test.py',
        config,
        last_checkpoint(tmp_path),
        '--work-dir',
        tmp_path / 'test',
        '--out',
        tmp_path / 'metrics.json',
        '--out-item',
        'metrics',
        '--cfg-options',
        *data,
    )
    metrics = json.loads((tmp_path / 'metrics.json').read_text())
    assert 0 <= metrics['coco/segm_mAP'] <= 1


def test_config_inherited_from_the_package(
    material_scenes, run_tool, tmp_path
):
    config = tmp_path / 'mine.py'
    config.write_text("_base_ = 'mmsca::sca/swav_sca_r18_materials.py'\n")
    cfg = Config.fromfile(config)
    assert cfg.model.type == 'mmsca.SwAVSCA'
    run_tool(
        'train.py',
        config,
        '--work-dir',
        tmp_path / 'work',
        '--cfg-options',
        *SMALL_TRAINING,
        f'train_dataloader.dataset.data_root={material_scenes}',
    )
    assert Path(last_checkpoint(tmp_path / 'work')).is_file()
