from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import METRICS, MODELS, DefaultScope
from mmengine.runner import Runner
from mmengine.structures import InstanceData

from mmsca.datasets.material_scenes import CLASSES

CONFIGS = Path(__file__).parents[2] / 'configs'
SMALL = CONFIGS / 'detection/mask-rcnn_r18_fpn_materials.py'


def build(model):
    model.backbone.init_cfg = None
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmdet'):
        detector = MODELS.build(model)
        detector.init_weights()
    return detector


@pytest.fixture(scope='module')
def small(material_scenes):
    cfg = Config.fromfile(SMALL)
    for split in ('train', 'val', 'test'):
        loader = cfg[f'{split}_dataloader']
        loader.dataset.data_root = str(material_scenes)
        loader.update(num_workers=0, persistent_workers=False, batch_size=2)
    return cfg


@pytest.fixture(scope='module')
def detector(small):
    return build(small.model)


def first_batch(loader):
    with DefaultScope.overwrite_default_scope('mmdet'):
        return next(iter(Runner.build_dataloader(loader, seed=0)))


def test_coco_model_freezes_nothing():
    cfg = Config.fromfile(CONFIGS / 'detection/mask-rcnn_r50_fpn_1x_coco.py')
    detector = build(cfg.model).train()
    assert all(p.requires_grad for p in detector.parameters())
    batch_norms = [
        m for m in detector.modules() if isinstance(m, torch.nn.SyncBatchNorm)
    ]
    # 53 in the backbone, 8 in the FPN, 4 in each head.
    assert len(batch_norms) == 69 and all(m.training for m in batch_norms)


def test_small_backbone_is_the_one_of_pretraining(small):
    thin = Config.fromfile(CONFIGS / '_base_/models/resnet18_thin.py')
    ours = small.model.backbone
    for key, value in thin.model.backbone.items():
        if key != 'out_indices':
            assert ours[key] == value, key
    pretrained = MODELS.build(thin.model.backbone)
    state_dict = {
        k: torch.full_like(v, 3) for k, v in pretrained.state_dict().items()
    }
    backbone = build(small.model).backbone
    backbone.load_state_dict(state_dict, strict=True)
    assert all((v == 3).all() for v in backbone.state_dict().values())


def test_small_strides_are_those_of_the_maps(small, detector):
    inputs = torch.randn(1, 3, 128, 128)
    maps = detector.eval().extract_feat(inputs)
    strides = [128 // m.shape[-1] for m in maps]
    model = small.model
    assert strides == list(model.rpn_head.anchor_generator.strides)
    for name in ('bbox_roi_extractor', 'mask_roi_extractor'):
        assert strides[:4] == list(model.roi_head[name].featmap_strides)
    channels = [m.shape[1] for m in detector.backbone(inputs)]
    assert channels == model.neck.in_channels


def test_small_classes(small):
    for split in ('train', 'val', 'test'):
        dataset = small[f'{split}_dataloader'].dataset
        assert tuple(dataset.metainfo.classes) == CLASSES
    heads = small.model.roi_head
    assert heads.bbox_head.num_classes == len(CLASSES)
    assert heads.mask_head.num_classes == len(CLASSES)


def test_small_train_step(small, detector):
    detector.train().zero_grad()
    batch = first_batch(small.train_dataloader)
    assert batch['inputs'][0].shape == (3, 128, 128)
    losses = detector(**detector.data_preprocessor(batch, True), mode='loss')
    loss, logs = detector.parse_losses(losses)
    assert {'loss_rpn_cls', 'loss_cls', 'loss_bbox', 'loss_mask'} <= set(logs)
    assert all(torch.isfinite(value).all() for value in logs.values())
    loss.backward()
    for name in ('conv1', 'layer1', 'layer2', 'layer3', 'layer4'):
        gradients = [
            p.grad for p in getattr(detector.backbone, name).parameters()
        ]
        assert all(torch.isfinite(g).all() for g in gradients), name
        assert any(g.abs().sum() > 0 for g in gradients), name


def test_small_predict(small, detector):
    detector.eval()
    # Untrained scores hardly pass the threshold of a trained detector.
    detector.roi_head.test_cfg.score_thr = 0.0
    batch = first_batch(small.test_dataloader)
    with torch.no_grad():
        samples = detector.test_step(batch)
    for sample in samples:
        instances = sample.pred_instances
        assert 0 < len(instances) <= 100
        assert instances.masks.shape[1:] == (128, 128)
        assert instances.masks.dtype == torch.bool
        assert instances.labels.max() < len(CLASSES)
        assert instances.bboxes.min() >= 0 and instances.bboxes.max() <= 128


def test_small_metric_of_the_ground_truth_is_one(small, material_scenes):
    """Boxes, masks, classes and ids agree between data and evaluator."""
    small = small.copy()
    small.test_evaluator.ann_file = str(
        material_scenes / 'annotations/instances_test.json'
    )
    with DefaultScope.overwrite_default_scope('mmdet'):
        loader = Runner.build_dataloader(small.test_dataloader, seed=0)
        metric = METRICS.build(small.test_evaluator)
    metric.dataset_meta = loader.dataset.metainfo
    for batch in loader:
        for sample in batch['data_samples']:
            truth = sample.gt_instances
            sample.pred_instances = InstanceData(
                bboxes=truth.bboxes.tensor,
                labels=truth.labels,
                scores=torch.ones(len(truth)),
                masks=truth.masks.to_tensor(torch.bool, 'cpu'),
            )
            metric.process(batch, [sample.to_dict()])
    scores = metric.evaluate(len(loader.dataset))
    assert scores['coco/bbox_mAP'] == 1 and scores['coco/segm_mAP'] == 1
