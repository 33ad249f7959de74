import json

import cv2
import numpy as np

from mmsca.comparison.fields import make_table
from mmsca.comparison.pictures import draw_pictures
from mmsca.comparison.project import read_config
from mmsca.comparison.run import runs_of
from mmsca.utils.config_names import find_config


def test_detections_of_a_folder(tmp_path):
    """Whose config does not say where the photographs are."""
    noise = np.random.default_rng(0).integers(0, 255, (8, 8, 3), np.uint8)
    cv2.imwrite(str(tmp_path / 'a.png'), noise)
    image = dict(id=1, file_name='a.png', width=8, height=8)
    box = dict(bbox=[1, 2, 4, 3], area=12, iscrowd=0)
    content = dict(
        images=[image],
        annotations=[dict(id=1, image_id=1, category_id=1, **box)],
        categories=[dict(id=1, name='cup')],
    )
    (tmp_path / 'splits').mkdir()
    for split in ('train', 'test'):
        file = tmp_path / f'splits/boxes_{split}.json'
        file.write_text(json.dumps(content))
    fields = read_config(find_config('_base_/evaluations/folder')).to_dict()
    backbones = dict(a=dict(title='a'))
    fields |= dict(title='t', data_root=str(tmp_path), backbones=backbones)
    table = make_table('photographs', fields)
    (run,) = runs_of(table, tmp_path)
    folder = run.stages[-1].folder
    folder.mkdir(parents=True)
    (folder / 'detections.bbox.json').write_text('[]')
    (file,) = draw_pictures(table, [run], tmp_path / 'pictures')
    assert cv2.imread(str(file)).std() > 1
