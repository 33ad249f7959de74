import cv2
import numpy as np
import pytest

from mmsca.datasets import WSOLDataset
from mmsca.utils.errors import InputError

IDS = ['test/b/1.png', 'test/a/0.png', 'test/a,b/2.png']


@pytest.fixture
def root(tmp_path):
    for image_id in IDS:
        path = tmp_path / image_id
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((60, 80, 3), 7, dtype=np.uint8))
    folder = tmp_path / 'metadata' / 'test'
    folder.mkdir(parents=True)
    # As published: no newline at the end of the file.
    lines = {
        'image_ids': IDS,
        'class_labels': [f'{IDS[1]},0', f'{IDS[0]},1', f'{IDS[2]},2'],
        'image_sizes': [f'{image_id},80,60' for image_id in IDS],
        'localization': [
            f'{IDS[0]},1,2,30,40',
            f'{IDS[1]},5,6,7,8',
            f'{IDS[2]},0,0,80,60',
            f'{IDS[0]},3,4,50,60',
        ],
    }
    for name, content in lines.items():
        (folder / f'{name}.txt').write_text('\n'.join(content))
    return tmp_path


def build(root, **kwargs):
    return WSOLDataset(data_root=str(root), ann_file='metadata/test', **kwargs)


def test_order_labels_and_boxes(root):
    dataset = build(root)
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert [info['img_path'] for info in infos] == [
        str(root / image_id) for image_id in IDS
    ]
    assert [info['gt_label'] for info in infos] == [1, 0, 2]
    assert dataset.get_gt_labels().tolist() == [1, 0, 2]
    assert [info['ori_gt_bboxes'].tolist() for info in infos] == [
        [[1, 2, 30, 40], [3, 4, 50, 60]],
        [[5, 6, 7, 8]],
        [[0, 0, 80, 60]],
    ]
    assert infos[0]['ori_size'] == (80, 60)


def test_boxes_pass_the_pipeline_as_they_are(root):
    dataset = build(
        root,
        pipeline=[
            dict(type='mmsca.LoadImage'),
            dict(type='Resize', scale=(20, 20), keep_ratio=False),
            dict(
                type='PackInputs',
                algorithm_keys=('ori_gt_bboxes', 'ori_size'),
            ),
        ],
    )
    packed = dataset[0]
    sample = packed['data_samples']
    assert packed['inputs'].shape == (3, 20, 20)
    assert sample.ori_gt_bboxes.tolist() == [[1, 2, 30, 40], [3, 4, 50, 60]]
    assert sample.ori_size == (80, 60)
    assert int(sample.gt_label) == 1


def write(root, name, text):
    (root / f'metadata/test/{name}.txt').write_text(text)


def read(root, name):
    return (root / f'metadata/test/{name}.txt').read_text()


@pytest.mark.parametrize(
    'name', ['image_ids', 'class_labels', 'image_sizes', 'localization']
)
def test_a_missing_file_or_line_is_named(root, name):
    lines = [s for s in read(root, name).split('\n') if IDS[1] not in s]
    write(root, name, '\n'.join(lines))
    if name != 'image_ids':
        with pytest.raises(InputError, match=f'{name}.txt has no line for'):
            build(root)
    (root / f'metadata/test/{name}.txt').unlink()
    with pytest.raises(InputError, match=f'{name}.txt is missing'):
        build(root)


NO_BOX = 'line 5: expected a box.*80 x 60'


@pytest.mark.parametrize(
    'name, line, message',
    [
        ('image_ids', IDS[1], f'lists {IDS[1]} more than once'),
        ('localization', f'{IDS[0]},a.png,b.png', 'line 5: .* a path and 4'),
        ('localization', f'{IDS[0]},30,2,1,40', NO_BOX),  # corners swapped
        ('localization', f'{IDS[0]},5,6,5,8', NO_BOX),  # no width
        ('localization', f'{IDS[0]},5,8,9,8', NO_BOX),  # no height
        ('localization', f'{IDS[0]},-1,0,9,9', NO_BOX),
        ('localization', f'{IDS[0]},0,0,81,60', NO_BOX),
        ('localization', f'{IDS[0]},80,0,90,60', NO_BOX),
        ('class_labels', f'{IDS[0]},-1', 'line 4: expected a label from 0,'),
    ],
)
def test_a_line_that_is_not_possible_is_named(root, name, line, message):
    write(root, name, f'{read(root, name)}\n{line}')
    with pytest.raises(InputError, match=message):
        build(root)


def test_lists_that_do_not_fit(root):
    assert build(root).metainfo['num_labels'] == 3
    with pytest.raises(InputError, match='line 3: .* from 0 to 1, got .2'):
        build(root, metainfo=dict(classes=('a', 'b')))
    # Boxes with fractions are no masks.
    text = read(root, 'localization')
    write(root, 'localization', f'{IDS[0]},1,2,30,40.5\n{text}')
    with pytest.raises(InputError, match='line 1: expected a path and 4 int'):
        build(root)
    write(root, 'localization', text)
    (root / IDS[0]).unlink()
    with pytest.raises(InputError, match='data_root'):
        build(root)
    write(root, 'image_ids', '\n')
    with pytest.raises(InputError, match='lists no image'):
        build(root)


@pytest.fixture
def masks(root):
    """The text files of OpenImages: masks, and an empty file of sizes."""
    write(root, 'image_sizes', '')  # as published
    (root / 'test/a,b').rename(root / 'test/ab')
    lines = [
        f'{IDS[0]},masks/0.png,masks/i.png',
        f'{IDS[1]},masks/1.png,',
        f'{IDS[0]},masks/1.png,',
        f'{IDS[2].replace(",", "")},masks/1.png,',
    ]
    write(root, 'localization', '\n'.join(lines))
    for name in ('image_ids', 'class_labels'):
        write(root, name, read(root, name).replace(IDS[2], 'test/ab/2.png'))
    (root / 'masks').mkdir()
    regions = {'0': np.s_[:15, :10], '1': np.s_[15:, :20], 'i': np.s_[:, :30]}
    for name, region in regions.items():
        mask = np.zeros((30, 40), dtype=np.uint8)
        mask[region] = 255
        cv2.imwrite(str(root / f'masks/{name}.png'), mask)
    return root


def test_masks_are_joined_and_what_is_ignored_lies_beside_them(masks):
    dataset = build(
        masks,
        pipeline=[
            dict(type='mmsca.LoadImage'),
            dict(type='Resize', scale=(20, 30), keep_ratio=False),
            dict(type='mmsca.LoadObjectMask'),
            dict(type='PackInputs', algorithm_keys=('gt_mask',)),
        ],
    )
    sample = dataset[0]['data_samples']
    assert int(sample.gt_label) == 1
    expected = np.zeros((30, 20))
    expected[:, :15] = 255
    expected[:15, :5] = expected[15:, :10] = 1
    assert (sample.gt_mask == expected).all()
    assert set(np.unique(dataset[1]['data_samples'].gt_mask)) == {0, 1}


def test_a_mask_line_of_another_format_is_named(masks):
    text = read(masks, 'localization')
    write(masks, 'localization', f'{text}\ntest/b/1.png,masks/1.png')
    with pytest.raises(InputError, match='line 5: expected a path and 2'):
        build(masks)
