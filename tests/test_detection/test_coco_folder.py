import json
import shutil
from pathlib import Path

import pytest
from mmengine.config import Config

from mmsca.apis.train import build_runner, parse_args, train_config
from mmsca.engine.coco_folder_runner import fill_in_folder
from mmsca.engine.runner import fill_in_channels
from mmsca.utils.errors import InputError

CONFIG = (
    Path(__file__).parents[2] / 'configs/detection/mask-rcnn_r18_fpn_folder.py'
)
TRAIN = 'annotations/instances_train2017.json'
VAL = 'annotations/instances_val2017.json'


@pytest.fixture
def folder(coco_folder, tmp_path):
    """A copy that a test may break."""
    return Path(shutil.copytree(coco_folder, tmp_path / 'folder'))


def config(folder):
    cfg = Config.fromfile(CONFIG)
    cfg.coco_folder.root = str(folder)
    return cfg


def edit(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_classes_and_paths_are_filled_in(folder):
    cfg = config(folder)
    fill_in_folder(cfg)
    for name in ('train', 'val', 'test'):
        dataset = cfg[f'{name}_dataloader'].dataset
        assert dataset.metainfo.classes == ('person', 'car')
        assert dataset.data_root == str(folder)
    heads = cfg.model.roi_head
    assert heads.bbox_head.num_classes == heads.mask_head.num_classes == 2
    assert cfg.val_evaluator.ann_file == str(folder / VAL)
    assert cfg.test_evaluator.ann_file == str(folder / VAL)


@pytest.mark.parametrize('data', ['folder', '1x_coco'])
def test_channels_of_timm_are_filled_in(data):
    cfg = Config.fromfile(CONFIG.with_name(f'mask-rcnn_timm_fpn_{data}.py'))
    cfg.model.backbone.model_name = 'convnext_atto'
    fill_in_channels(cfg)
    assert cfg.model.neck.in_channels == [40, 80, 160, 320]


def test_trains_and_evaluates_on_any_folder(folder):
    """Two classes nobody wrote down, through the tool, from random weights."""
    for path in (TRAIN, VAL):
        edit(
            folder / path,
            lambda c: [
                k.update(name=f'class {k["id"]}') for k in c['categories']
            ],
        )
    args = parse_args(
        [
            str(CONFIG),
            f'--work-dir={folder}',
            '--cfg-options',
            f'coco_folder.root={folder}',
            'model.backbone.init_cfg=None',
            'model.train_cfg.rcnn.sampler.num=8',
            'model.test_cfg.rpn.max_per_img=20',
            'train_dataloader.dataset.pipeline.2.scale=(96,96)',
            'val_dataloader.dataset.pipeline.1.scale=(96,96)',
            'train_dataloader.num_workers=0',
            'val_dataloader.num_workers=0',
            'train_cfg.max_epochs=1',
            'default_hooks.checkpoint=None',
            f'experiment_name={folder.parent.name}',
        ]
    )
    runner = build_runner(train_config(args))
    runner.train()
    dataset = runner.train_loop.dataloader.dataset
    assert dataset.metainfo['classes'] == ('class 1', 'class 2')
    assert runner.model.roi_head.bbox_head.num_classes == 2
    scores = runner.val_loop.run()
    assert {'coco/bbox_mAP', 'coco/segm_mAP'} <= set(scores)


def test_training_without_validation(folder):
    cfg = config(folder)
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    fill_in_folder(cfg)
    assert cfg.train_dataloader.dataset.metainfo.classes == ('person', 'car')


def test_a_test_split_alone(folder):
    """A folder of another project, whose name is a number."""
    for path in (TRAIN, 'annotations/instances_val2017.json'):
        (folder / path).rename(folder / f'{Path(path).stem}.json')
    (folder / 'instances_train2017.json').unlink()
    cfg = config(folder)
    with pytest.raises(InputError, match='To test alone'):
        fill_in_folder(cfg)
    cfg.coco_folder.update(
        train=None,
        val=None,
        test=dict(ann_file='instances_val2017.json', images='val2017'),
    )
    fill_in_folder(cfg)
    assert cfg.test_dataloader.dataset.metainfo.classes == ('person', 'car')
    found = folder / 'instances_val2017.json'
    assert cfg.test_evaluator.ann_file == str(found)
    for name in ('train_dataloader', 'train_cfg', 'optim_wrapper', 'val_cfg'):
        assert cfg[name] is None
    cfg.coco_folder.test.images = None
    with pytest.raises(InputError, match='nothing to test on'):
        fill_in_folder(cfg)


def test_a_test_split_beside_the_others(folder):
    path = folder / 'annotations/instances_test.json'
    shutil.copy(folder / VAL, path)
    cfg = config(folder)
    cfg.coco_folder.test.ann_file = f'annotations/{path.name}'
    fill_in_folder(cfg)
    dataset = cfg.test_dataloader.dataset
    assert dataset.ann_file == 'annotations/instances_test.json'
    assert dataset.data_prefix.img == 'val2017'
    assert cfg.test_evaluator.ann_file == str(path)
    assert cfg.val_evaluator.ann_file == str(folder / VAL)
    edit(path, lambda c: c['categories'].reverse())
    with pytest.raises(InputError, match=r'instances_test\.json.* same order'):
        fill_in_folder(cfg)


def test_a_folder_whose_name_is_a_number(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    folder.rename(folder.parent / '2024')
    cfg = config(2024)
    cfg.coco_folder.root = 2024  # as --cfg-options reads it
    fill_in_folder(cfg)
    assert cfg.train_dataloader.dataset.data_root == '2024'


def test_missing_and_broken_files_are_named(folder):
    (folder / VAL).write_text('{"images": [')
    with pytest.raises(InputError, match='is not a JSON file'):
        fill_in_folder(config(folder))
    edit(folder / TRAIN, lambda c: c['annotations'][3].pop('segmentation'))
    with pytest.raises(InputError, match=r'train2017.*annotations\[3\]'):
        fill_in_folder(config(folder))
    (folder / TRAIN).unlink()
    with pytest.raises(InputError, match=r'coco_folder\.train\.ann_file'):
        fill_in_folder(config(folder))


def test_boxes_without_masks_train_a_detector_of_boxes(folder):
    for path in (TRAIN, VAL):
        edit(
            folder / path,
            lambda c: [a.pop('segmentation') for a in c['annotations']],
        )
    cfg = config(folder)
    fill_in_folder(cfg)
    assert cfg.model.type == 'FasterRCNN'
    assert cfg.model.roi_head.mask_head is None
    assert cfg.val_evaluator.metric == cfg.test_evaluator.metric == 'bbox'
    # A single mask is one of many that were forgotten.
    mask = dict(segmentation=[[0, 0, 9, 0, 9, 9]])
    edit(folder / TRAIN, lambda c: c['annotations'][0].update(mask))
    with pytest.raises(InputError, match='segmentation'):
        fill_in_folder(config(folder))
