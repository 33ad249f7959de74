"""The whole road as `make demo` goes it, on a tiny MaterialScenes."""

import io
import json
from pathlib import Path

import cv2
import pytest
import torch
from forked_tools import ForkingProcesses, forked_subprocess
from rich.console import Console
from small_runs import SMALL, logged

from mmsca.comparison.compare import Comparison
from mmsca.comparison.fields import make_table
from mmsca.comparison.project import read_config
from mmsca.comparison.stage import Checkpoint
from mmsca.utils.config_names import find_config

SCENES = {
    'train': 40,
    'val': 20,
    'test': 50,
    'detection-train': 8,
    'detection-val': 4,
    'detection-test': 4,
}
OPTIONS = dict(
    linear=[*SMALL, 'train_cfg.val_interval=1'],
    detection=['train_cfg.max_epochs=1', 'train_cfg.val_interval=1'],
)
SELF_SUPERVISED = ('swav', 'swav_sca')
PRETRAINED = (*SELF_SUPERVISED, 'supervised')
BACKBONES = ('untrained', *PRETRAINED)


@pytest.fixture(scope='module')
def demo(tmp_path_factory):
    """The comparison of `make demo` after a few iterations."""
    folder = tmp_path_factory.mktemp('road')
    fields = read_config(find_config('comparisons/demo')).to_dict()
    fields['data_root'] = str(folder / 'scenes')
    fields['data']['arguments'] = [
        argument
        for split, number in SCENES.items()
        for argument in (f'--num-{split}', str(number))
    ]
    for name, options in OPTIONS.items():
        fields['evaluations'][name]['options'] = options
    for name in PRETRAINED:
        fields['backbones'][name]['options'] = [
            *SMALL,
            'train_cfg.val_interval=1',
        ]
    console = Console(file=io.StringIO())
    comparison = Comparison(
        make_table('demo', fields), folder / 'demo', console=console
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('mmsca.comparison.local.Processes', ForkingProcesses)
        patch.setattr('mmsca.comparison.data.subprocess', forked_subprocess)
        assert comparison.measure() == {}
    assert comparison.report() == folder / 'demo/report.md'
    return comparison


@pytest.fixture(scope='module')
def folders(demo):
    """Backbone and stage -> folder."""
    found = {}
    for name in BACKBONES:
        (run,) = demo.work_dir.glob(f'{name}-????????/seed0')
        for stage in run.iterdir():
            if stage.is_dir():
                found[name, stage.name.partition('-')[0]] = stage
    return found


def state_dict(work_dir: Path) -> dict:
    checkpoint = Checkpoint(work_dir).path
    # A checkpoint of mmengine holds its log buffers, not tensors alone.
    return torch.load(checkpoint, weights_only=False)['state_dict']


@pytest.mark.parametrize('name', SELF_SUPERVISED)
def test_pretraining_logs_its_terms(folders, name):
    steps = logged(folders[name, 'pretrain'])
    assert len(steps) == 5
    assert all(0 < step['loss'] < 10 for step in steps)
    # SCA starts after a fifth of the iterations.
    has_mask = ['mask_entropy' in step for step in steps]
    sca = name == 'swav_sca'
    assert has_mask == [False, sca, sca, sca, sca]


def test_backbones_are_paired_until_sca_starts(folders):
    swav, sca = (logged(folders[n, 'pretrain']) for n in SELF_SUPERVISED)
    assert swav[0]['loss'] == sca[0]['loss']
    assert swav[-1]['loss'] != sca[-1]['loss']


@pytest.mark.parametrize('name', PRETRAINED)
def test_linear_keeps_the_pretrained_backbone(folders, name):
    """All that a linear classifier may learn is its head."""
    before = state_dict(folders[name, 'pretrain'])
    after = state_dict(folders[name, 'linear'])
    keys = [key for key in after if key.startswith('backbone.')]
    assert len(keys) == 120  # of any ResNet-18 without its classifier
    for key in keys:
        assert torch.equal(before[key], after[key]), key


@pytest.mark.parametrize('name', BACKBONES)
def test_scores(demo, folders, name):
    localization, knn, detection = (
        json.loads((folders[name, stage] / 'metrics.json').read_text())
        for stage in ('localization', 'knn', 'detection_test')
    )
    assert localization['cam/threshold_from'] == 'val'
    (file,) = demo.records.glob(f'{name}-????????_seed0.json')
    assert json.loads(file.read_text())['scores'] == {
        'kNN': round(knn['top1']['20'], 4),
        'linear': round(localization['accuracy/top1'], 4),
        'MaxBoxAcc': round(localization['cam/MaxBoxAcc'], 4),
        'MaxBoxAccV2': round(localization['cam/MaxBoxAccV2'], 4),
        'pointing': round(localization['cam/pointing'], 4),
        # Empty where nothing was detected at all.
        'box AP': round(100 * detection.get('coco/bbox_mAP', 0), 4),
        'mask AP': round(100 * detection.get('coco/segm_mAP', 0), 4),
    }


def test_report(demo):
    report = (demo.work_dir / 'report.md').read_text()
    page = (demo.work_dir / 'report.html').read_text()
    for backbone in demo.table.backbones:
        assert f'| {backbone.title}' in report
    pictures = list(demo.work_dir.glob('pictures/*.png'))
    assert len(pictures) == 3
    for file in pictures:
        assert f'](pictures/{file.name})' in report
        assert cv2.imread(str(file)).std() > 1
    assert page.count('src="data:image/png') == 3
