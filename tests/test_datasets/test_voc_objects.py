import pytest
from mmengine.registry import init_default_scope

from mmsca.registry import DATASETS
from mmsca.utils.errors import InputError

XML = """<annotation><object><name>{}</name><difficult>0</difficult>
<bndbox><xmin>{}</xmin><ymin>2</ymin><xmax>9</xmax><ymax>8</ymax></bndbox>
</object><size><width>40</width><height>30</height></size></annotation>"""


@pytest.fixture
def build(tmp_path):
    """Builds the data set of one image with one object."""
    for folder in ('Annotations', 'JPEGImages'):
        (tmp_path / folder).mkdir()
    (tmp_path / 'JPEGImages/1.jpg').touch()
    (tmp_path / 'list.txt').write_text('1\n')
    init_default_scope('mmdet')

    def build(name, xmin=1):
        (tmp_path / 'Annotations/1.xml').write_text(XML.format(name, xmin))
        return DATASETS.build(
            dict(
                type='mmsca.VOCObjects',
                data_root=str(tmp_path),
                ann_file='list.txt',
                data_prefix=dict(sub_data_root=''),
            )
        )

    yield build
    init_default_scope('mmpretrain')


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
