"""Operators that mmcv gets from torchvision, on a GPU as on a CPU."""

import pytest
import torch
from mmcv.ops import RoIAlign, batched_nms

pytestmark = pytest.mark.gpu


def random_boxes(count):
    corner = torch.rand(count, 2) * 40
    return torch.cat([corner, corner + torch.rand(count, 2) * 24 + 1], dim=1)


@pytest.mark.parametrize('aligned', [True, False])
def test_roi_align(aligned):
    torch.manual_seed(0)
    maps = torch.randn(2, 3, 16, 16)
    index = torch.randint(2, (9, 1)).float()
    rois = torch.cat([index, random_boxes(9)], dim=1)
    weight = torch.randn(9, 3, 7, 7)
    results = []
    for device in ('cpu', 'cuda'):
        x = maps.to(device, copy=True).requires_grad_()
        layer = RoIAlign(7, 0.25, 2, aligned=aligned)
        pooled = layer(x, rois.to(device))
        (pooled * weight.to(device)).sum().backward()
        results.append((pooled.detach().cpu(), x.grad.cpu()))
    torch.testing.assert_close(results[1], results[0], rtol=1e-4, atol=1e-5)


def test_batched_nms():
    torch.manual_seed(1)
    boxes, scores = random_boxes(300), torch.rand(300)
    labels = torch.randint(3, (300,))
    config = dict(type='nms', iou_threshold=0.5)
    cpu = batched_nms(boxes, scores, labels, config)
    gpu = batched_nms(boxes.cuda(), scores.cuda(), labels.cuda(), config)
    assert torch.equal(gpu[1].cpu(), cpu[1])
    torch.testing.assert_close(gpu[0].cpu(), cpu[0])
    assert 1 < len(cpu[1]) < 300
