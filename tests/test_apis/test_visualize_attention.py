import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import MODELS
from PIL import Image
from small_runs import load_config

from mmsca.apis.attend import attentions, check_number, read_images
from mmsca.apis.load import load_model
from mmsca.apis.visualize_attention import visualize_attention
from mmsca.utils.errors import InputError

CONFIG = 'sca/swav_sca_r18_materials'


@pytest.mark.parametrize('query', [None, (0.9, 0.1)])
def test_answers_are_cosines_to_the_query(untrained_sca, query):
    model = load_model(untrained_sca, CONFIG)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (5, 48, 48, 3), dtype=np.uint8)
    found = attentions(model, images, query)

    mean = torch.tensor([123.675, 116.28, 103.53])
    std = torch.tensor([58.395, 57.12, 57.375])
    x = ((torch.from_numpy(images) - mean) / std).permute(0, 3, 1, 2)
    with torch.no_grad():
        maps = model.backbone(x)[-1]  # (5, C, 6, 6)
    centered = maps - maps.mean(dim=(0, 2, 3))[:, None, None]
    small = torch.einsum('nchw,cd->ndhw', centered, model.sca.projection)
    unit = F.normalize(small.bfloat16().float(), dim=1)
    for i, attention in enumerate(found):
        assert attention.mask.shape == (6, 6)
        assert attention.mask.sum() == pytest.approx(1, abs=1e-5)
        y, x = attention.query
        if query is None:
            assert attention.mask[y, x] == attention.mask.max()
        else:
            assert (y, x) == (0, 5)
        assert len(attention.partners) == 4
        for partner, answer in zip(
            attention.partners, attention.answers, strict=True
        ):
            j = next(j for j in range(5) if (images[j] == partner).all())
            assert j != i
            expected = torch.einsum('c,chw->hw', unit[i, :, y, x], unit[j])
            np.testing.assert_allclose(answer, expected, atol=0.01)


def test_tool_writes_a_picture_per_image(
    untrained_sca, material_scenes, call_tool, tmp_path
):
    files = sorted(material_scenes.glob('test/*/*.png'))[:6]
    printed = call_tool(
        'visualize_attention.py',
        *(CONFIG, untrained_sca, *files),
        *('--size', 64, '--out-dir', tmp_path),
    ).stdout
    pictures = sorted(tmp_path.glob('*.png'))
    assert [p.name[4:] for p in pictures] == [
        f'{file.stem}.png' for file in files
    ]
    lines = printed.splitlines()[-len(files) :]
    assert lines == [str(p) for p in pictures]
    for picture in pictures:
        pixels = np.asarray(Image.open(picture))
        # Eight panels beside one another.
        assert pixels.shape[1] > 5 * pixels.shape[0] and pixels.std() > 10


@pytest.mark.parametrize(
    'config, files, message',
    [
        (CONFIG, ['a.png'], 'Got 1 images.*Give 6 or more, better 21'),
        (CONFIG, ['a.png'] * 5, 'Got 5 images.*4 partners.*16 negatives'),
        (CONFIG, ['a.png'] * 6, "'.*a.png' cannot be read"),
        (
            'sca/swav_r18_materials',
            ['a.png', 'b.png'],
            'A SwAV has no SCA. Expected a pretraining',
        ),
    ],
)
def test_bad_input(config, files, message, untrained_sca, tmp_path):
    paths = [str(tmp_path / file) for file in files]
    (tmp_path / 'a.png').write_text('no picture')
    with pytest.raises(InputError, match=message):
        visualize_attention([config, str(untrained_sca), *paths])


def test_images_of_any_kind_as_a_training_reads_them(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying
    stored = np.zeros((8, 8), np.uint16)
    stored[:, 4:] = 25700
    files = [tmp_path / 'turned.png', tmp_path / 'plain.png']
    Image.fromarray(stored).save(files[0], exif=exif)
    Image.fromarray((stored.T >> 8).astype(np.uint8)).save(files[1])
    turned, plain = read_images(files, 8)
    np.testing.assert_array_equal(turned, plain)
    assert plain[4:].min() == plain.max() == 100


def test_without_negatives_two_images_are_enough():
    cfg = load_config(CONFIG)
    cfg.model.sca.num_negatives = 0
    model = MODELS.build(cfg.model)
    check_number(model, 2)
    with pytest.raises(InputError, match='Got 1 images.*Give 2 or more'):
        check_number(model, 1)
