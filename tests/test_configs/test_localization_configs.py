"""The localization configs end to end, with an untrained backbone."""

import math

import pytest
from small_runs import load_config

from mmsca.apis.train import build_runner


def run(cfg, tmp_path, interval=10, **dataset):
    loader = cfg.test_dataloader
    loader.dataset.update(dataset)
    loader.update(batch_size=8, num_workers=0, persistent_workers=False)
    cfg.work_dir, cfg.launcher = str(tmp_path / 'run'), 'none'
    cfg.default_hooks.visualization.update(
        enable=True, interval=interval, out_dir=str(tmp_path / 'pictures')
    )
    results = build_runner(cfg).test()
    assert len(list((tmp_path / 'pictures').iterdir())) == 2
    assert results['cam/threshold_from'] == 'val'
    return results


def check_label_free(results):
    assert all(math.isfinite(results[f'cam/{k}']) for k in ('PxAP', 'CorLoc'))
    assert 'cam/Top-1_Loc' not in results


@pytest.mark.parametrize('method', ['prototype', 'channel_sum'])
def test_material_scenes(method, material_scenes, tmp_path):
    cfg = load_config('localization/r18_labelfree_materials')
    cfg.model.cam_method = method
    check_label_free(run(cfg, tmp_path, data_root=str(material_scenes)))


@pytest.mark.parametrize('size', ['r18', 'r50'])
def test_grad_cam(size, material_scenes, tmp_path):
    name = {'r18': 'r18_gradcam_materials', 'r50': 'r50_gradcam_in1k'}[size]
    cfg = load_config(f'localization/{name}')
    cfg.model.backbone.init_cfg = None
    if size == 'r50':
        cfg.model.backbone.update(stem_channels=8, base_channels=8)
        cfg.model.head.in_channels = 256
    results = run(cfg, tmp_path, data_root=str(material_scenes))
    for key in ('MaxBoxAccV2', 'Top-1_Loc', 'pointing'):
        assert 0 <= results[f'cam/{key}'] <= 100
    assert 0 <= results['accuracy/top1'] <= 100


@pytest.mark.parametrize('kind', ['gradcam', 'labelfree'])
def test_tiny_imagenet(kind, tiny_imagenet, tmp_path):
    """Of three boxes one covers 6 to 50 % of its image."""
    cfg = load_config(f'localization/r18_{kind}_tinyimagenet')
    cfg.model.backbone.init_cfg = None
    if kind == 'gradcam':
        cfg.train_dataloader.dataset.data_root = str(tiny_imagenet)
    results = run(cfg, tmp_path, interval=3, data_root=str(tiny_imagenet))
    assert results['cam/skipped'] == 0
    assert results['object/skipped'] == 4
    assert results['object/threshold_from'] == 'val'
    # The boxes: 16 %, 0.4 % and all of it.
    assert results['cam/whole_image_MaxBoxAccV2'] == pytest.approx(100 / 3)
    assert results['object/whole_image_MaxBoxAccV2'] == 0
    assert 0 <= results['object/MaxBoxAccV2'] <= 100


def test_any_folder_in_the_format_of_coco(material_scenes, tmp_path):
    cfg = load_config('localization/r50_labelfree_coco')
    cfg.model.backbone.update(depth=18, stem_channels=8, base_channels=4)
    pipeline = cfg.test_dataloader.dataset.pipeline
    pipeline[1].scale, pipeline[2].crop_size = 48, 32
    cfg.test_cfg.calibration_dataset.update(
        ann_file='annotations/masks_val.json', data_prefix='', indices=10
    )
    results = run(
        cfg,
        tmp_path,
        data_root=str(material_scenes),
        ann_file='annotations/masks_train.json',
        data_prefix='',
        indices=20,
    )
    check_label_free(results)
    assert results['cam/skipped'] < 20
