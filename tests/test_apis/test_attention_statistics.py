import json

import pytest
from small_runs import data_root_options

from mmsca.apis.attention_statistics import attention_statistics
from mmsca.utils.errors import InputError

CONFIG = 'sca/swav_sca_r18_materials_watched'


def test_options_change_what_is_seen(
    untrained_sca, material_scenes, tmp_path, capsys
):
    options = data_root_options(CONFIG, material_scenes)
    out = tmp_path / 'new' / 'attention.json'
    arguments = [CONFIG, str(untrained_sca), '--cfg-options', *options]
    cluster = attention_statistics([*arguments, '--out', str(out)])
    random = attention_statistics([*arguments, 'model.sca.partners=random'])
    assert json.loads(out.read_text()) == cluster
    assert (
        f'mask_in_box  {cluster["mask_in_box"]:.3f}' in capsys.readouterr().out
    )
    assert cluster['box_area'] == random['box_area']
    assert cluster['mask_in_box'] != random['mask_in_box']
    assert cluster['same_cluster'] > random['same_cluster']


def test_refuses_a_config_that_names_no_images(untrained_sca):
    with pytest.raises(InputError, match='has no .*attention_statistics'):
        attention_statistics(
            ['sca/swav_sca_r18_materials', str(untrained_sca)]
        )
