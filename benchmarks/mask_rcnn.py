"""A training step of Mask R-CNN R50-FPN: mmsca beside torchvision.

mmsca's is that of mask-rcnn_r50-mmdet_fpn_1x_coco.py, whose protocol is
torchvision's: stem and first stage frozen, norms of the backbone too, none
elsewhere. Random weights, random pixels, and boxes filled by their masks.
"""

import statistics

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from mmengine.structures import InstanceData
from torch import Tensor
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone

import mmsca  # noqa: F401  registers the models
from benchmarks.ratio import Ratio, pairwise
from benchmarks.step import CONFIGS
from benchmarks.timing import alternate

CONFIG = 'mask-rcnn_r50-mmdet_fpn_1x_coco.py'
NUM_CLASSES = 80


def draw_targets(
    num_images: int, size: tuple[int, int], num_boxes: int
) -> list[dict]:
    """Boxes (B, 4), labels (B, ) and masks (B, H, W) of images, on the CPU."""
    generator = torch.Generator().manual_seed(0)
    height, width = size
    targets = []
    for _ in range(num_images):
        places = torch.rand(num_boxes, 4, generator=generator)
        corner = places[:, :2] * 0.6
        boxes = torch.cat([corner, corner + 0.1 + places[:, 2:] * 0.3], dim=1)
        boxes = (boxes * torch.tensor([width, height] * 2)).round()
        masks = torch.zeros(num_boxes, height, width, dtype=torch.uint8)
        for mask, (x0, y0, x1, y1) in zip(masks, boxes.int(), strict=True):
            mask[y0:y1, x0:x1] = 1
        labels = torch.randint(NUM_CLASSES, (num_boxes,), generator=generator)
        targets.append(dict(boxes=boxes, labels=labels, masks=masks))
    return targets


def build_mmsca(targets: list[dict], size: tuple[int, int], device: str):
    """Takes uint8 images (3, H, W), returns the loss."""
    # Not before it is asked for: importing it takes seconds.
    from mmdet.structures import DetDataSample
    from mmdet.structures.mask import BitmapMasks

    init_default_scope('mmdet')
    cfg = Config.fromfile(CONFIGS.parent / 'detection' / CONFIG).model
    cfg.backbone.init_cfg = None
    model = MODELS.build(cfg).train().to(device)
    samples = []
    for target in targets:
        sample = DetDataSample(
            metainfo=dict(
                img_shape=size,
                ori_shape=size,
                pad_shape=size,
                batch_input_shape=size,
                scale_factor=(1, 1),
            )
        )
        sample.gt_instances = InstanceData(
            bboxes=target['boxes'].to(device),
            labels=target['labels'].to(device),
            masks=BitmapMasks(target['masks'].numpy().astype(np.uint8), *size),
        )
        samples.append(sample)

    def loss(images: list[Tensor]) -> Tensor:
        batch = dict(inputs=images, data_samples=samples)
        losses = model(**model.data_preprocessor(batch, True), mode='loss')
        return model.parse_losses(losses)[0]

    return model, loss


def build_torchvision(targets: list[dict], size: tuple[int, int], device: str):
    """Takes uint8 images (3, H, W), returns the loss."""
    backbone = resnet_fpn_backbone(
        backbone_name='resnet50', weights=None, trainable_layers=3
    )
    model = MaskRCNN(
        backbone, NUM_CLASSES + 1, min_size=min(size), max_size=max(size)
    )
    model = model.train().to(device)
    targets = [
        dict(
            boxes=target['boxes'].to(device),
            labels=target['labels'].to(device) + 1,  # 0 is the background
            masks=target['masks'].to(device),
        )
        for target in targets
    ]

    def loss(images: list[Tensor]) -> Tensor:
        images = [image.float() / 255 for image in images]
        return sum(model(images, targets).values())

    return model, loss


def build_step(arm: str, targets: list[dict], size, device: str):
    build = dict(mmsca=build_mmsca, torchvision=build_torchvision)[arm]
    torch.manual_seed(0)
    model, loss = build(targets, size, device)
    weights = [w for w in model.parameters() if w.requires_grad]
    # So small that random weights stay finite.
    optimizer = torch.optim.SGD(weights, 1e-6, momentum=0.9)

    def step(images: list[Tensor]) -> None:
        optimizer.zero_grad()
        loss(images).backward()
        optimizer.step()

    return step


def measure(
    batch_size: int,
    size: tuple[int, int],
    num_boxes: int,
    pairs: int,
    device: str,
) -> tuple[list[Ratio], list[dict]]:
    """Milliseconds of a step, in fp32.

    Args:
        batch_size (int): Images.
        size (tuple[int, int]): Their height and width.
        num_boxes (int): Objects in each.
        pairs (int): Steps of each arm, after one that warms up.
        device (str): 'cpu' or 'cuda'.
    """
    size = tuple(size)
    targets = draw_targets(batch_size, size, num_boxes)
    images = [
        torch.randint(256, (3, *size), dtype=torch.uint8, device=device)
        for _ in targets
    ]
    steps = {
        arm: build_step(arm, targets, size, device)
        for arm in ('mmsca', 'torchvision')
    }
    seconds = alternate(steps, [images] * (pairs + 1), device)
    rows = [
        {'arm': arm, 'ms a step': 1e3 * statistics.median(values)}
        for arm, values in seconds.items()
    ]
    values = pairwise(seconds['mmsca'], seconds['torchvision'])
    return [Ratio('time, mmsca / torchvision', values)], rows
