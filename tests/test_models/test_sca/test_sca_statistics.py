import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import MODELS, init_default_scope
from mmpretrain.structures import DataSample
from tiny_swav import tiny_swav

from mmsca.models.sca.statistics import (
    attention_statistics,
    batch_statistics,
    coverage,
)


def sample(label, box, size=(64, 64)):
    return DataSample(
        metainfo=dict(ori_gt_bboxes=[box], ori_size=size)
    ).set_gt_label(label)


def test_coverage_of_cells():
    # 4x4 cells of 16 px: a column and a half, and three rows.
    inside = coverage(sample(0, (8, 16, 32, 64)), (4, 4))
    expected = torch.zeros(4, 4)
    expected[1:, 0], expected[1:, 1] = 0.5, 1
    torch.testing.assert_close(inside, expected)


@pytest.mark.parametrize('partners', ['cluster', 'random'])
def test_statistics_of_a_batch(partners):
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    sca = dict(
        type='mmsca.SpatialCrossAttention', num_partners=1, partners=partners
    )
    head = dict(num_prototypes=4, epsilon=0.005)
    cfg = dict(tiny_swav(**head), type='mmsca.SwAVSCA', sca=sca)
    del cfg['backbone']['strides']
    cfg['data_preprocessor'] = dict(type='SelfSupDataPreprocessor')
    model = MODELS.build(cfg).eval()
    # Pairs of equal images, each pair of a label of its own.
    patterns = 9 * torch.randn(4, 3, 4, 4)
    images = F.interpolate(patterns, (64, 64)).repeat(2, 1, 1, 1)
    samples = [sample(i % 4, (0, 0, 32, 64)) for i in range(8)]
    found = batch_statistics(model, dict(inputs=images, data_samples=samples))
    assert found['box_area'] == pytest.approx(0.5)
    assert found['chance_purity'] == pytest.approx(1 / 7)
    assert 0 < found['mask_in_box'] < 1
    assert 0 < found['mask_entropy'] <= 1
    if partners == 'cluster':
        assert found['partner_purity'] == 1 == found['same_cluster']
    else:
        assert found['partner_purity'] < 1
    # Batches count by their images, as if the first were seen three times.
    pair = dict(inputs=images[:2], data_samples=samples[:2])
    other = batch_statistics(model, pair)
    mean = attention_statistics(
        model, [dict(inputs=images, data_samples=samples), pair]
    )
    for name, value in mean.items():
        expected = (8 * found[name] + 2 * other[name]) / 10
        assert value == pytest.approx(float(expected), abs=1e-6)
