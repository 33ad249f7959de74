"""The whole road as `make demo` goes it, on a tiny MaterialScenes."""

import io
import json
from pathlib import Path

import cv2
import pytest
import torch
from mmengine.config import Config
from mmsca.apis.demo import ARMS, SELF_SUPERVISED, TITLES, Demo
from rich.console import Console

from mmsca.utils.errors import InputError

SMALL = (
    'train_dataloader.batch_size=8',
    'train_dataloader.num_workers=0',
    'train_cfg.max_epochs=1',
)
SCENES = {
    'train': 40,
    'val': 20,
    'test': 50,
    'detection-train': 8,
    'detection-val': 4,
    'detection-test': 4,
}


@pytest.fixture(scope='module')
def work_dir(tmp_path_factory):
    """Work directory of a demo of a few iterations."""
    folder = tmp_path_factory.mktemp('road')
    demo = Demo(
        folder / 'demo',
        folder / 'scenes',
        cfg_options=dict(
            pretrain=(
                *SMALL,
                'default_hooks.logger.interval=1',
                'train_cfg.val_interval=1',
            ),
            linear=(*SMALL, 'train_cfg.val_interval=1'),
            detection=('train_cfg.max_epochs=1', 'train_cfg.val_interval=1'),
        ),
        scenes_args=[
            argument
            for split, number in SCENES.items()
            for argument in (f'--num-{split}', number)
        ],
        console=Console(file=io.StringIO()),
    )
    report = demo.run()
    assert report == folder / 'demo' / 'report.md'
    return folder / 'demo'


PRETRAINED = [arm for arm, (_, config) in ARMS.items() if config]


def state_dict(work_dir: Path) -> dict:
    checkpoint = (work_dir / 'last_checkpoint').read_text()
    # A checkpoint of mmengine holds its log buffers, not tensors alone.
    return torch.load(checkpoint, weights_only=False)['state_dict']


def scalars(work_dir: Path) -> list[dict]:
    (file,) = work_dir.glob('*/vis_data/scalars.json')
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize('arm', SELF_SUPERVISED)
def test_pretraining_logs_its_terms(work_dir, arm):
    steps = scalars(work_dir / arm / 'pretrain')
    assert len(steps) == 5
    assert all(0 < step['loss'] < 10 for step in steps)
    # SCA starts after a fifth of the iterations.
    has_mask = ['mask_entropy' in step for step in steps]
    sca = arm == 'swav_sca'
    assert has_mask == [False, sca, sca, sca, sca]


def test_arms_are_paired_until_sca_starts(work_dir):
    swav, sca = (
        scalars(work_dir / arm / 'pretrain') for arm in SELF_SUPERVISED
    )
    assert swav[0]['loss'] == sca[0]['loss']
    assert swav[-1]['loss'] != sca[-1]['loss']


@pytest.mark.parametrize('arm', PRETRAINED)
def test_linear_keeps_the_pretrained_backbone(work_dir, arm):
    """All that a linear classifier may learn is its head."""
    before = state_dict(work_dir / arm / 'pretrain')
    after = state_dict(work_dir / arm / 'linear')
    keys = [key for key in after if key.startswith('backbone.')]
    assert len(keys) == 120  # of any ResNet-18 without its classifier
    for key in keys:
        assert torch.equal(before[key], after[key]), key


@pytest.mark.parametrize('arm', ARMS)
def test_scores(work_dir, arm):
    localization, knn, detection = (
        json.loads((work_dir / arm / f'{name}.json').read_text())
        for name in ('localization', 'knn', 'detection')
    )
    assert localization['cam/threshold_from'] == 'val'
    for name in ('cam/MaxBoxAccV2', 'cam/pointing', 'accuracy/top1'):
        assert 0 <= localization[name] <= 100
    assert 0 <= knn['top1']['20'] <= 100
    # Empty where nothing was detected at all.
    assert 0 <= detection.get('coco/segm_mAP', 0) <= 1


def test_report(work_dir):
    report = (work_dir / 'report.md').read_text()
    assert all(f'| {title} |' in report for title in TITLES.values())
    pictures = list(work_dir.glob('*.png'))
    assert len(pictures) == 3
    for file in pictures:
        assert file.name in report
        assert cv2.imread(str(file)).std() > 1


def test_runs_of_other_settings_are_refused(work_dir):
    demo = Demo(work_dir, work_dir.parent / 'scenes')
    with pytest.raises(InputError, match='holds a run of .*swav_r18'):
        demo.run()


def test_config_inherited_from_the_package(
    material_scenes, run_tool, tmp_path
):
    config = tmp_path / 'mine.py'
    config.write_text("_base_ = 'mmsca::sca/swav_sca_r18_materials.py'\n")
    assert Config.fromfile(config).model.type == 'mmsca.SwAVSCA'
    run_tool(
        'train.py',
        config,
        '--work-dir',
        tmp_path / 'work',
        '--cfg-options',
        *SMALL,
        f'train_dataloader.dataset.data_root={material_scenes}',
    )
    assert state_dict(tmp_path / 'work')
