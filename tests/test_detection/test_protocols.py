"""What each config of full size trains, against the published protocols."""

from pathlib import Path

import pytest
from mmengine.config import Config

CONFIGS = Path(__file__).parents[2] / 'configs/detection'
MS = [(1333, side) for side in (640, 672, 704, 736, 768, 800)]
MS_VOC = [(1333, side) for side in (480, 512, 544, 576, 608)] + MS
SYNC = dict(type='SyncBN', requires_grad=True)
IOUS = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]

# Parts with SyncBN; frozen_stages: -1 nothing, 0 the stem.
FPN = dict(
    detector='MaskRCNN',
    norm=('backbone', 'neck', 'bbox_head', 'mask_head'),
    frozen=-1,
    bbox_head='Shared4Conv1FCBBoxHead',
    scales=('RandomChoiceResize', MS),
    lr=0.02,
    length=12,
    milestones=[8, 11],
    warmup=500,
    evaluator='FasterCocoMetric',
)
MMDET = dict(
    FPN,
    norm=('backbone',),
    frozen=0,
    bbox_head='Shared2FCBBoxHead',
    scales=('Resize', (1333, 800)),
)
C4 = dict(FPN, norm=('backbone', 'shared_head'), bbox_head='BBoxHead')
PROTOCOLS = {
    'mask-rcnn_r50_fpn_1x_coco': FPN,
    'mask-rcnn_r50_fpn_2x_coco': dict(
        FPN, length=24, milestones=[16, 22], warmup=1000
    ),
    'mask-rcnn_r50-mmdet_fpn_1x_coco': MMDET,
    'mask-rcnn_r50-mmdet_fpn_ms-2x_coco': dict(
        MMDET,
        scales=('RandomResize', [(1333, 640), (1333, 800)]),
        length=24,
        milestones=[16, 22],
    ),
    'mask-rcnn_r50_c4_1x_coco': C4,
    'mask-rcnn_r50_c4_2x_coco': dict(
        C4, length=24, milestones=[16, 22], warmup=1000
    ),
    'faster-rcnn_r50_c4_24k_voc0712': dict(
        C4,
        detector='FasterRCNN',
        scales=('RandomChoiceResize', MS_VOC),
        length=24000,
        milestones=[18000, 22000],
        warmup=100,
        evaluator='VOCMetric',
    ),
    'retinanet_r50_fpn_1x_coco': dict(
        FPN,
        detector='RetinaNet',
        norm=('backbone', 'neck'),
        bbox_head='RetinaHead',
        lr=0.01,
    ),
}


def parts_of(model):
    """The modules of a config that can have a norm, by name."""
    parts = {'backbone': model.backbone}
    for holder in (model, model.get('roi_head', {})):
        for name in ('neck', 'bbox_head', 'mask_head', 'shared_head'):
            if holder.get(name):
                parts[name] = holder[name]
    return parts


@pytest.mark.parametrize('name', PROTOCOLS)
def test_protocol(name):
    wanted = PROTOCOLS[name]
    cfg = Config.fromfile(CONFIGS / f'{name}.py')
    model = cfg.model
    parts = parts_of(model)

    assert model.type == wanted['detector']
    assert parts['bbox_head'].type == wanted['bbox_head']
    with_norm = [k for k, part in parts.items() if part.get('norm_cfg')]
    assert sorted(with_norm) == sorted(wanted['norm'])
    for part in with_norm:
        assert parts[part].norm_cfg == SYNC, part

    backbone = model.backbone
    assert backbone.type == 'mmpretrain.ResNet' and backbone.depth == 50
    assert backbone.frozen_stages == wanted['frozen']
    assert backbone.norm_eval is False
    assert backbone.style == 'pytorch'
    assert backbone.init_cfg == dict(type='Pretrained', checkpoint='')
    # RGB with ImageNet's statistics, as in pretraining.
    pixels = model.data_preprocessor
    assert pixels.bgr_to_rgb is True
    assert pixels.mean == [123.675, 116.28, 103.53]
    assert pixels.std == [58.395, 57.12, 57.375]

    loader = cfg.train_dataloader
    assert loader.batch_size == 2
    assert cfg.auto_scale_lr.base_batch_size == 16
    # VOC joins two sets.
    for dataset in loader.dataset.get('datasets', [loader.dataset]):
        resize, flip = dataset.pipeline[2:4]
        kind, scales = wanted['scales']
        assert resize.type == kind and resize.keep_ratio
        assert resize.get('scales', resize.get('scale')) == scales
        assert flip == dict(type='RandomFlip', prob=0.5)
    for test_loader in (cfg.val_dataloader, cfg.test_dataloader):
        assert test_loader.dataset.pipeline[1].scale == (1333, 800)

    optimizer = cfg.optim_wrapper.optimizer
    assert optimizer == dict(
        type='SGD', lr=wanted['lr'], momentum=0.9, weight_decay=1e-4
    )
    assert 'clip_grad' not in cfg.optim_wrapper
    loop = cfg.train_cfg
    assert loop.get('max_epochs', loop.get('max_iters')) == wanted['length']
    warmup, steps = cfg.param_scheduler
    assert (warmup.begin, warmup.end) == (0, wanted['warmup'])
    assert warmup.type == 'LinearLR' and warmup.by_epoch is False
    assert steps.type == 'MultiStepLR' and steps.gamma == 0.1
    assert steps.milestones == wanted['milestones']
    assert steps.by_epoch == ('max_epochs' in loop)

    assert cfg.val_evaluator == cfg.test_evaluator
    assert cfg.test_evaluator.type == wanted['evaluator']
    (hook,) = cfg.custom_hooks
    assert hook.type == 'mmsca.CheckpointCoverageHook'


@pytest.mark.parametrize('name', [n for n in PROTOCOLS if '_c4_' in n])
def test_c4_ends_in_an_extra_norm(name):
    model = Config.fromfile(CONFIGS / f'{name}.py').model
    assert model.backbone.num_stages == 3
    assert model.backbone.out_indices == (2,)
    tail = model.roi_head.shared_head
    assert tail.type == 'ResLayerExtraNorm' and tail.stage == 3
    assert tail.norm_eval is False and tail.style == 'pytorch'
    assert not tail.get('init_cfg')
    assert model.roi_head.bbox_roi_extractor.roi_layer.output_size == 14
    assert model.test_cfg.rcnn.max_per_img == 100


def test_heads_and_scores_of_fpn():
    cfg = Config.fromfile(CONFIGS / 'mask-rcnn_r50_fpn_1x_coco.py')
    heads = cfg.model.roi_head
    assert heads.bbox_roi_extractor.roi_layer.output_size == 7
    assert heads.mask_roi_extractor.roi_layer.output_size == 14
    assert cfg.model.test_cfg.rcnn.max_per_img == 100
    assert cfg.test_evaluator.metric == ['bbox', 'segm']


def test_voc_ap_is_the_mean_over_ten_thresholds_of_11_points():
    cfg = Config.fromfile(CONFIGS / 'faster-rcnn_r50_c4_24k_voc0712.py')
    metric = cfg.test_evaluator
    assert (metric.metric, metric.eval_mode) == ('mAP', '11points')
    assert metric.iou_thrs == IOUS
    train, test = cfg.train_dataloader.dataset, cfg.test_dataloader.dataset
    assert [d.ann_file for d in train.datasets] == [
        f'VOC{year}/ImageSets/Main/trainval.txt' for year in (2007, 2012)
    ]
    assert test.ann_file == 'VOC2007/ImageSets/Main/test.txt'
    # Small boxes are learnt too.
    assert all('bbox_min_size' not in d.filter_cfg for d in train.datasets)
    assert cfg.model.roi_head.bbox_head.num_classes == 20
    assert cfg.default_hooks.checkpoint.interval == 2000
    assert cfg.train_cfg.val_interval == 2000
