import cv2
import pytest
import torch

from mmsca.models.cam.maps import normalize_maps, weigh_channels


def test_weigh_channels_is_a_sum_in_fp32_even_under_autocast():
    features, weights = torch.randn(2, 5, 3, 3), torch.randn(2, 5)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        maps = weigh_channels(features, weights)
    expected = sum(
        weights[:, c, None, None] * features[:, c] for c in range(5)
    )
    torch.testing.assert_close(maps, expected)


@pytest.mark.parametrize(
    ('interpolation', 'flag'),
    [('bilinear', cv2.INTER_LINEAR), ('bicubic', cv2.INTER_CUBIC)],
)
def test_normalize_maps_upsamples_like_opencv_then_normalizes(
    interpolation, flag
):
    maps = torch.randn(2, 7, 5)
    result = normalize_maps(maps, (21, 30), interpolation).numpy()
    for got, raw in zip(result, maps.numpy(), strict=True):
        large = cv2.resize(raw, (30, 21), interpolation=flag)
        large = (large - large.min()) / (large.max() - large.min())
        assert abs(got - large).max() < 1e-5
        assert got.min() == 0 and got.max() == 1


@pytest.mark.parametrize('value', [0.0, 3.0, float('nan'), float('inf')])
def test_maps_that_point_nowhere_become_zero(value):
    maps = torch.rand(2, 4, 4)
    expected = normalize_maps(maps[1:], (8, 8))
    maps[0] = value if value == 0 else 3.0
    maps[0, 0] = value
    result = normalize_maps(maps, (8, 8))
    assert (result[0] == 0).all()
    torch.testing.assert_close(result[1:], expected)
