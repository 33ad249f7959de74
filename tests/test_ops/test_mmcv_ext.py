import os
import subprocess
import sys
import textwrap

import pytest
import torch
import torchvision
from mmcv import _ext
from mmcv.ops import RoIAlign, batched_nms, nms, soft_nms
from mmcv.utils import collect_env

from mmsca.ops import TorchvisionExtFinder, install_fallback


@pytest.fixture(params=['cpu', pytest.param('cuda', marks=pytest.mark.gpu)])
def device(request):
    return request.param


def random_boxes(count, size, dtype=torch.float32):
    """`count` boxes (count, 4) inside a square of side `size`."""
    corner = torch.rand(count, 2, dtype=dtype) * size * 0.6
    side = torch.rand(count, 2, dtype=dtype) * size * 0.4 + 1
    return torch.cat([corner, corner + side], dim=1)


@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
@pytest.mark.parametrize('aligned', [True, False])
@pytest.mark.parametrize('sampling_ratio', [0, 2])
def test_roi_align_is_that_of_torchvision(
    sampling_ratio, aligned, dtype, device
):
    """Values and gradients; on a GPU those of the CPU."""
    torch.manual_seed(0)
    maps = torch.randn(2, 3, 16, 20, dtype=dtype)
    index = torch.tensor([[0], [1], [1], [0], [1]], dtype=dtype)
    rois = torch.cat([index, random_boxes(5, 64, dtype)], dim=1)
    weight = torch.randn(5, 3, 7, 5, dtype=dtype)
    ours = maps.to(device, copy=True).requires_grad_()
    theirs = maps.clone().requires_grad_()

    layer = RoIAlign((7, 5), 0.25, sampling_ratio, aligned=aligned)
    pooled = layer(ours, rois.to(device)).cpu()
    expected = torchvision.ops.roi_align(
        theirs, rois, (7, 5), 0.25, sampling_ratio, aligned
    )
    (pooled * weight).sum().backward()
    (expected * weight).sum().backward()

    rounding = dict(rtol=0, atol=0)
    if device == 'cuda':
        rounding = dict(rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(pooled, expected, **rounding)
    torch.testing.assert_close(ours.grad.cpu(), theirs.grad, **rounding)
    assert ours.grad.abs().sum() > 0


def test_roi_align_refuses_max_pooling():
    layer = RoIAlign(2, pool_mode='max')
    with pytest.raises(NotImplementedError, match="pool_mode='max'.*'avg'"):
        layer(torch.randn(1, 1, 4, 4), torch.tensor([[0, 0, 0, 2, 2.0]]))


def greedy_nms(boxes, scores, threshold, offset):
    """Textbook NMS on Python lists; widths are x2 - x1 + offset."""

    def overlap(a, b):
        width = min(a[2], b[2]) - max(a[0], b[0]) + offset
        height = min(a[3], b[3]) - max(a[1], b[1]) + offset
        inter = max(width, 0) * max(height, 0)
        area = [
            (c[2] - c[0] + offset) * (c[3] - c[1] + offset) for c in (a, b)
        ]
        return inter / (sum(area) - inter)

    boxes, kept = boxes.tolist(), []
    for i in scores.argsort(descending=True).tolist():
        if all(overlap(boxes[i], boxes[j]) <= threshold for j in kept):
            kept.append(i)
    return kept


@pytest.mark.parametrize('offset', [0, 1])
@pytest.mark.parametrize('threshold', [0.3, 0.7])
def test_nms(threshold, offset):
    torch.manual_seed(1)
    boxes, scores = random_boxes(60, 20), torch.rand(60)
    dets, kept = nms(boxes, scores, threshold, offset=offset)
    assert kept.tolist() == greedy_nms(boxes, scores, threshold, offset)
    assert torch.equal(dets, torch.cat([boxes, scores[:, None]], 1)[kept])
    assert 1 < len(kept) < 60


def test_without_boxes():
    dets, kept = nms(torch.zeros(0, 4), torch.zeros(0), 0.5)
    assert dets.shape == (0, 5) and kept.shape == (0,)
    pooled = RoIAlign(7)(torch.randn(1, 4, 8, 8), torch.zeros(0, 5))
    assert pooled.shape == (0, 4, 7, 7)


@pytest.mark.parametrize('split_thr', [10000, 10])
def test_batched_nms(split_thr, device):
    torch.manual_seed(2)
    boxes, scores = random_boxes(80, 40), torch.rand(80)
    labels = torch.randint(3, (80,))
    config = dict(type='nms', iou_threshold=0.5, split_thr=split_thr)
    found = batched_nms(
        boxes.to(device), scores.to(device), labels.to(device), config
    )
    dets, kept = (x.cpu() for x in found)
    expected = torchvision.ops.batched_nms(boxes, scores, labels, 0.5)
    assert torch.equal(kept, expected)
    torch.testing.assert_close(dets[:, :4], boxes[kept])


def test_missing_operator_names_itself_and_the_mend():
    with pytest.raises(
        NotImplementedError, match="'softnms'.*Install an mmcv"
    ):
        soft_nms(torch.rand(2, 4), torch.rand(2))


def test_environment_report_works():
    assert 'torchvision' in collect_env()['MMCV Compiler']


def test_finder_is_installed_once():
    assert _ext.nms.__module__ == 'mmcv._ext'
    assert _ext.__file__.endswith('mmcv_ext.py')
    install_fallback()
    finders = [isinstance(f, TorchvisionExtFinder) for f in sys.meta_path]
    assert sum(finders) == 1


def run_python(code, folder=''):
    path = os.pathsep.join([str(folder), os.environ.get('PYTHONPATH', '')])
    process = subprocess.run(
        [sys.executable, '-c', textwrap.dedent(code)],
        env=dict(os.environ, PYTHONPATH=path),
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


def test_import_is_lazy():
    code = """
        import sys
        import mmsca, mmsca.registry
        heavy = ['mmcv.ops', 'mmcv._ext', 'mmdet', 'mmpretrain.models']
        print([name for name in heavy if name in sys.modules])
    """
    assert run_python(code) == '[]'


def test_native_operators_win(tmp_path):
    # A package `mmcv` earlier on the path that has a compiled module, here
    # one written in Python: what matters is that it is found first.
    package = tmp_path / 'mmcv'
    package.mkdir()
    (package / '__init__.py').touch()
    (package / '_ext.py').write_text("origin = 'native'")
    code = """
        import mmsca
        from mmcv import _ext
        print(_ext.origin)
    """
    assert run_python(code, tmp_path) == 'native'
