import json
import shutil
from pathlib import Path

import pytest
from mmengine.config import Config

from mmsca.apis.train import build_runner, parse_args, train_config
from mmsca.engine.coco_folder_runner import fill_in_folder
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


@pytest.mark.parametrize(
    'path, change, message',
    [
        (TRAIN, lambda c: c.pop('categories'), "has no 'categories'"),
        (TRAIN, lambda c: c.update(annotations=[]), "has no 'annotations'"),
        (
            VAL,
            lambda c: c['annotations'][3].pop('segmentation'),
            r"annotations\[3\] has no 'segmentation'",
        ),
        (
            TRAIN,
            lambda c: c['images'][0].update(file_name='gone.jpg'),
            r'coco_folder\.train\.images',
        ),
        (
            TRAIN,
            lambda c: c['categories'][1].update(name='person'),
            "several categories of the name 'person'",
        ),
        (VAL, lambda c: c['categories'].reverse(), 'the same order'),
    ],
)
def test_bad_annotations_are_named(folder, path, change, message):
    edit(folder / path, change)
    with pytest.raises(InputError, match=message) as error:
        fill_in_folder(config(folder))
    assert Path(path).name in str(error.value)


def test_missing_and_broken_files_are_named(folder):
    (folder / VAL).write_text('{"images": [')
    with pytest.raises(InputError, match='is not a JSON file'):
        fill_in_folder(config(folder))
    (folder / TRAIN).unlink()
    with pytest.raises(InputError, match=r'coco_folder\.train\.ann_file'):
        fill_in_folder(config(folder))
