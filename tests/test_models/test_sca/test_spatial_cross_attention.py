"""SCA against a literal re-derivation, one location at a time."""

import pytest
import torch
import torch.nn.functional as F

from mmsca.models import SpatialCrossAttention
from mmsca.models.sca import spatial_cross_attention as sca_module
from mmsca.models.sca.partners import short_descriptors
from mmsca.utils.errors import InputError

CHANNELS = 6
# The 6 samples of the problem below are fewer than 9: all are negatives.
FORMS = {
    'partners alone': dict(num_negatives=0),
    'negatives': dict(num_negatives=9),
    'a smaller space': dict(num_negatives=9, embed_dims=2),
    'own lengths': dict(partners='none'),
}


def problem(h=3, w=2, n=6):
    """Maps of two views of three images, and their embeddings."""
    generator = torch.Generator().manual_seed(0)
    maps = torch.rand(n, CHANNELS, h, w, generator=generator).double()
    z = torch.randn(n, 8, generator=generator)
    return maps, short_descriptors(F.normalize(z, dim=1)), n // 2


def build(**kwargs):
    kwargs = dict(embed_dims=CHANNELS, num_partners=3) | kwargs
    return SpatialCrossAttention(CHANNELS, **kwargs).double()


def attend(sca, maps, images, num_images):
    return sca(sca.candidates(maps, images, len(maps) // num_images))


def reference(sca, maps, images, num_images):
    """Masks (N, 1, H, W)."""
    n, _, h, w = maps.shape
    small = torch.einsum('nchw,cd->nhwd', maps, sca.projection)
    small = (small - small.mean(dim=(0, 1, 2))).bfloat16().double()
    places = [(y, x) for y in range(h) for x in range(w)]

    def match(token, image):
        return max(
            F.cosine_similarity(token, small[image, y, x], dim=0)
            for y, x in places
        )

    def mean_match(token, chosen):
        return sum(match(token, image) for image in chosen) / len(chosen)

    z = images.embeddings.double()
    masks = []
    for i in range(n):
        others = [j for j in range(n) if (j - i) % num_images]
        partners = sorted(others, key=lambda j: -(z[i] @ z[j]).item())
        partners = partners[: sca.num_partners]
        responses = []
        for y, x in places:
            token = small[i, y, x]
            if sca.partners == 'none':
                response = token.norm() / small.norm(dim=3).mean()
            else:
                response = mean_match(token, partners)
                if sca.num_negatives:
                    response = response - mean_match(token, others)
            responses.append(torch.exp(response / sca.temperature))
        masks.append(torch.stack(responses).view(1, h, w) / sum(responses))
    return torch.stack(masks)


@pytest.mark.parametrize('h, w', [(3, 3), (1, 4)])
@pytest.mark.parametrize('form', FORMS)
def test_equals_definition(form, h, w):
    sca, inputs = build(**FORMS[form]), problem(h, w)
    mask = attend(sca, *inputs).mask
    torch.testing.assert_close(mask, reference(sca, *inputs))
    assert mask.std() > 0.001


def test_all_dimensions_keep_all_cosines():
    maps = problem()[0]
    tokens = maps.movedim(1, 3).flatten(0, 2)
    small = tokens @ build().projection
    torch.testing.assert_close(small @ small.T, tokens @ tokens.T)


def test_projection_keeps_angles_on_average():
    """The cosine of d random directions is off by about 1 / sqrt(d)."""
    torch.manual_seed(0)
    tokens = F.normalize(torch.randn(400, 2048), dim=1)
    small = F.normalize(tokens @ SpatialCrossAttention(2048).projection, dim=1)
    error = (small @ small.T - tokens @ tokens.T)[~torch.eye(400).bool()]
    assert error.mean().abs() < 0.002
    torch.testing.assert_close(error.std().item(), 64**-0.5, rtol=0.1, atol=0)


@pytest.mark.parametrize('form', FORMS)
def test_blocks_change_nothing(form, monkeypatch):
    sca, inputs = build(**FORMS[form]), problem()
    whole = attend(sca, *inputs)
    monkeypatch.setattr(sca_module, 'MAX_ELEMENTS', 1)
    torch.testing.assert_close(attend(sca, *inputs), whole)


@pytest.mark.parametrize('form', FORMS)
def test_permuted_images_give_the_permuted_result(form):
    sca = build(**FORMS[form])
    maps, images, n = problem()
    order = torch.tensor([2, 0, 1, 5, 3, 4])
    mask = attend(sca, maps, images, n).mask
    images = type(images)(*(x[order] for x in images))
    permuted = attend(sca, maps[order], images, n).mask
    torch.testing.assert_close(permuted, mask[order])


def test_a_single_image_is_guided_by_its_other_view():
    sca = build(num_negatives=4)
    maps, images, _ = problem(n=2)
    attention = attend(sca, maps, images, 1)
    assert attention.partners[:, 0].tolist() == [1, 0]
    # No negative is of another image, so that none counts.
    alone = attend(build(num_negatives=0), maps, images, 1)
    torch.testing.assert_close(attention.mask, alone.mask)


def test_a_single_sample_is_finite():
    maps, images, _ = problem(n=1)
    mask = attend(build(), maps, images, 1).mask
    torch.testing.assert_close(mask.sum(), mask.new_tensor(1))


def planted(num_pairs=6, size=6, channels=32):
    """Pairs of noise maps that share one 2x2 patch, and where it is."""
    generator = torch.Generator().manual_seed(0)
    shape = (2 * num_pairs, channels, size, size)
    maps = torch.randn(shape, generator=generator)
    corners = torch.randint(0, size - 1, (len(maps), 2), generator=generator)
    for i in range(0, len(maps), 2):
        patch = torch.randn(channels, 2, 2, generator=generator)
        for j in (i, i + 1):
            y, x = corners[j]
            maps[j, :, y : y + 2, x : x + 2] = patch
    # One prototype for each pair.
    codes = torch.eye(num_pairs).repeat_interleave(2, dim=0)
    z = torch.full((len(maps), 4), 0.5)
    return maps, short_descriptors(z, codes), corners


@pytest.mark.parametrize(
    'partners, least, most', [('cluster', 1.0, 1.0), ('random', 0.0, 0.5)]
)
def test_mask_peaks_inside_the_planted_patch(partners, least, most):
    maps, images, corners = planted()
    sca = SpatialCrossAttention(
        32, 32, num_partners=1, num_negatives=0, partners=partners
    )
    peaks = sca(sca.candidates(maps, images)).mask.flatten(1).argmax(1)
    places = torch.stack([peaks // 6, peaks % 6], dim=1)
    inside = ((places >= corners) & (places <= corners + 1)).all(1)
    assert least <= inside.float().mean() <= most


@pytest.mark.parametrize('num_negatives, share', [(0, 0.5), (12, 1.0)])
def test_negatives_take_away_what_all_images_share(num_negatives, share):
    """A second patch, in every image, matches as well as that of the pair."""
    maps, images, corners = planted(size=8)
    common = torch.randn(32, 2, 2, generator=torch.Generator().manual_seed(1))
    # In the quarter of the map that the other patch is not in.
    places = (corners + 4) % 8
    places = places - (places == 7).long()
    for i, (y, x) in enumerate(places):
        maps[i, :, y : y + 2, x : x + 2] = common
    sca = SpatialCrossAttention(
        32, 32, num_partners=1, num_negatives=num_negatives
    )
    mask = sca(sca.candidates(maps, images)).mask[:, 0]
    weights = torch.stack(
        [
            torch.stack([m[y : y + 2, x : x + 2].sum() for y, x in ends])
            for m, *ends in zip(mask, corners, places, strict=True)
        ]
    )  # (N, 2)
    of_pair = weights[:, 0] / weights.sum(dim=1)
    torch.testing.assert_close(of_pair.mean().item(), share, rtol=0, atol=0.05)


def test_images_are_the_mean_of_their_locations_by_default():
    sca, (maps, *_) = build(), problem()
    images = sca.candidates(maps).images
    small = (maps.mean(dim=(2, 3)) @ sca.projection).float()
    expected = F.normalize(small - small.mean(dim=0), dim=1)
    torch.testing.assert_close(
        images.embeddings.float(), expected, rtol=0, atol=0.02
    )
    assert images.codes.shape == (6, 0)


def test_fp32_under_autocast():
    sca = SpatialCrossAttention(CHANNELS, CHANNELS)
    maps, images, _ = problem()
    expected = sca(sca.candidates(maps.float(), images)).mask
    with torch.autocast('cpu', dtype=torch.bfloat16):
        mask = sca(sca.candidates(maps.float(), images)).mask
    assert torch.equal(mask, expected) and mask.dtype == torch.float32


def test_rejects_partners_of_another_kind():
    message = "partners is 'nearest'.* cluster, other_view, random, none"
    with pytest.raises(InputError, match=message):
        SpatialCrossAttention(CHANNELS, partners='nearest')
