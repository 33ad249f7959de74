import numpy as np
import pytest
import torch
from PIL import Image
from small_runs import load_config
from torchvision.transforms.functional import resized_crop

from mmsca.apis.browse_views import (
    augmented_views,
    browse_views,
    first_batch,
)
from mmsca.utils.errors import InputError

CONFIG = 'sca/swav_r18_materials'


def config(material_scenes, **recipe):
    cfg = load_config(CONFIG)
    cfg.train_dataloader.dataset.data_root = str(material_scenes)
    cfg.train_dataloader.dataset.pipeline[1].recipe = recipe
    return cfg


def test_views_are_cut_from_the_files_where_the_boxes_say(material_scenes):
    """With a recipe that changes no colour."""
    cfg = config(material_scenes, jitter=0, gray=0, blur=0)
    files, batch = first_batch(cfg, 3)
    views, crops = augmented_views(cfg, batch)
    assert crops.flips.any() and not crops.flips.all()
    for b, file in enumerate(files):
        image = Image.open(file).convert('RGB')
        for v, view in enumerate(views):
            x0, y0, x1, y1 = crops.boxes[b, v].tolist()
            side = view.size(1)
            expected = np.array(
                resized_crop(image, y0, x0, y1 - y0, x1 - x0, [side, side])
            ).astype(int)
            if crops.flips[b, v]:
                expected = expected[:, ::-1]
            assert np.abs(view[b].numpy() - expected).max() <= 1


def test_writes_a_picture(material_scenes, tmp_path):
    out = tmp_path / 'folder' / 'views.png'
    root = f'train_dataloader.dataset.data_root={material_scenes}'
    argv = [CONFIG, '--cfg-options', root, '--out', str(out)]
    browse_views([*argv, '--number', '2'])
    picture = torch.from_numpy(np.array(Image.open(out).convert('RGB')))
    assert picture.flatten(0, 1).unique(dim=0).size(0) > 100


def test_a_pipeline_without_crops_is_an_error(material_scenes):
    cfg = config(material_scenes)
    batch = dict(inputs=torch.zeros(2, 3, 8, 8), data_samples=None)
    with pytest.raises(InputError, match='gives no crops'):
        augmented_views(cfg, batch)
