import json
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from scenes_options import data_root_options

from mmsca.apis.attention_statistics import attention_statistics
from mmsca.utils.errors import InputError

CONFIG = Path('configs/sca/swav_sca_r18_materials_watched.py')


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    """Untrained weights as a training saves them."""
    path = tmp_path_factory.mktemp('checkpoint') / 'epoch_1.pth'
    cfg = Config.fromfile(CONFIG)
    init_default_scope(cfg.default_scope)
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    torch.save(dict(state_dict=model.state_dict()), path)
    return path


def test_options_change_what_is_seen(
    checkpoint, material_scenes, tmp_path, capsys
):
    options = data_root_options(CONFIG, material_scenes)
    out = tmp_path / 'new' / 'attention.json'
    arguments = [str(CONFIG), str(checkpoint), '--cfg-options', *options]
    cluster = attention_statistics([*arguments, '--out', str(out)])
    random = attention_statistics([*arguments, 'model.sca.partners=random'])
    assert json.loads(out.read_text()) == cluster
    assert (
        f'mask_in_box  {cluster["mask_in_box"]:.3f}' in capsys.readouterr().out
    )
    assert cluster['box_area'] == random['box_area']
    assert cluster['mask_in_box'] != random['mask_in_box']
    assert cluster['same_cluster'] > random['same_cluster']


def test_refuses_a_config_that_names_no_images(checkpoint):
    file = 'configs/sca/swav_sca_r18_materials.py'
    with pytest.raises(InputError, match='has no .*attention_statistics'):
        attention_statistics([file, str(checkpoint)])
