import pytest
from annotation_files import voc_xml
from mmengine.registry import init_default_scope

from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError


@pytest.fixture
def build(touch):
    """Builds the data set of one image with one object."""
    root = touch('JPEGImages/1.jpg', 'Annotations/1.xml')
    (root / 'list.txt').write_text('1\n')
    init_default_scope('mmdet')

    def build(name, xmin=1):
        text = voc_xml((40, 30), (name, xmin, 2, 9, 8))
        (root / 'Annotations/1.xml').write_text(text)
        return DATASETS.build(
            dict(
                type='mmsca.VOCObjects',
                data_root=str(root),
                ann_file='list.txt',
                data_prefix=dict(sub_data_root=''),
            )
        )

    return build


def test_is_what_mmdet_builds(build):
    (instance,) = build('bird').get_data_info(0)['instances']
    assert instance == dict(bbox=[0, 1, 8, 7], bbox_label=2, ignore_flag=0)


def test_what_mmdet_would_drop_or_find_late(build, tmp_path):
    with pytest.raises(InputError, match=r'1\.xml.*brid.*meant to be bird'):
        build('brid')
    with pytest.raises(InputError, match=r'1\.xml.*box 10, 2, 9, 8'):
        build('bird', xmin=10)
    (tmp_path / 'JPEGImages/1.jpg').unlink()
    with pytest.raises(InputError, match=r'1\.jpg.*1 of 1 images'):
        build('bird')
