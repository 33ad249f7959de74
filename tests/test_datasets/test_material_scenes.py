import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import skimage.data
from PIL import Image
from pycocotools import mask as mask_utils
from pycocotools.coco import COCO

from mmsca.datasets.material_scenes import CLASSES, Settings, writer
from mmsca.datasets.material_scenes.outlines import (
    coverage,
    place_outline,
    random_outline,
    tight_box,
)
from mmsca.datasets.material_scenes.photographs import (
    BACKGROUNDS,
    MATERIALS,
    SPLITS,
    Photograph,
    find_file,
    load_region,
    region_box,
)
from mmsca.datasets.material_scenes.scenes import make_scene
from mmsca.datasets.material_scenes.writer import write_material_scenes
from mmsca.utils.errors import InputError

TINY = Settings(
    num_train=20,
    num_val=10,
    num_test=10,
    num_detection_train=4,
    num_detection_val=2,
    num_detection_test=2,
)
TINY_ARGS = [
    f'--{name.replace("_", "-")}={value}'
    for name, value in TINY.to_dict().items()
    if name.startswith('num_') and name != 'num_objects'
]


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    root = tmp_path_factory.mktemp('tiny') / 'scenes'
    assert write_material_scenes(root, TINY)
    return root


def contents(root):
    files = [path for path in root.rglob('*') if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def read_json(path):
    return json.loads(path.read_text(encoding='utf-8'))


def read_lines(root, split, name):
    path = root / 'metadata' / split / f'{name}.txt'
    return [line.split(',') for line in path.read_text().splitlines()]


# Photographs


def test_classes_are_alphabetical_and_no_photograph_serves_twice():
    assert len(CLASSES) == 10
    assert list(CLASSES) == sorted(MATERIALS)
    files = [p.file for p in (*MATERIALS.values(), *BACKGROUNDS.values())]
    assert len(set(files)) == len(files)


@pytest.mark.parametrize(
    'photograph', [*MATERIALS.values(), *BACKGROUNDS.values()]
)
def test_no_pixel_in_two_splits(photograph):
    with Image.open(find_file(photograph.file)) as image:
        count = np.zeros(image.size[::-1], int)
    for split in SPLITS:
        x0, y0, x1, y1 = region_box(photograph, split)
        assert load_region(photograph, split).shape == (y1 - y0, x1 - x0, 3)
        count[y0:y1, x0:x1] += 1
    x0, y0, x1, y1 = photograph.box
    assert (count[y0:y1, x0:x1] == 1).all()
    assert count.sum() == (x1 - x0) * (y1 - y0)


def test_region_holds_the_photograph():
    photograph = Photograph('skimage/data/coffee.png', (10, 20, 110, 60))
    joined = np.hstack([load_region(photograph, split) for split in SPLITS])
    assert (joined == skimage.data.coffee()[20:60, 10:110]).all()


@pytest.mark.parametrize('file', ['skimage/data/none.png', 'no_such/a.png'])
def test_missing_photograph(file):
    with pytest.raises(InputError, match=f'{file}.*pip install'):
        find_file(file)


# Outlines


@pytest.mark.parametrize('seed', range(5))
def test_outline_inside_image_covers_the_area_of_its_polygon(seed):
    rng = np.random.default_rng(seed)
    points = place_outline(random_outline(rng), 30.0, 40, rng)
    assert points.min() >= 0 and points.max() <= 40
    assert np.ptp(points, 0).max() == pytest.approx(30)
    x, y = points.T
    area = abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2
    covered = coverage(points, 40)
    # fillPoly also paints the fine pixels that the outline passes through.
    assert covered.sum() == pytest.approx(area, rel=0.06)
    centre = (np.arange(40) + 0.5) @ covered.sum(0) / covered.sum()
    cross = x * np.roll(y, 1) - y * np.roll(x, 1)
    expected = ((x + np.roll(x, 1)) * cross).sum() / (3 * cross.sum())
    assert centre == pytest.approx(expected, abs=0.1)


# Scenes


def grown(mask):
    """Pixels beside those of a mask."""
    shifts = [(axis, shift) for axis in (0, 1) for shift in (-1, 1)]
    return np.any([np.roll(mask, s, axis) for axis, s in shifts], axis=0)


@pytest.mark.parametrize('detection', [False, True])
def test_clutter_changes_the_background_only(detection):
    for index in range(5):
        easy, hard = (
            make_scene(replace(TINY, clutter=c), 'train', index, detection)
            for c in ('easy', 'hard')
        )
        assert (easy.masks == hard.masks).all()
        assert (easy.labels == hard.labels).all()
        background = ~easy.masks.any(0)
        differs = (easy.image != hard.image).any(-1)
        assert differs[background].mean() > 0.5
        # On an edge the background shines through.
        edge = grown(background)
        for one, other in combinations(easy.masks, 2):
            edge |= grown(one) & other | grown(other) & one
        assert not differs[~background & ~edge].any()


def test_clutter_is_contrast_of_background():
    stds = []
    for clutter in ('easy', 'default', 'hard'):
        settings = replace(TINY, clutter=clutter)
        scene = make_scene(settings, 'train', 3, False)
        stds.append(scene.image[~scene.masks[0]].std(0).mean())
    assert stds == sorted(stds)


def test_objects_do_not_share_pixels():
    for index in range(20):
        scene = make_scene(TINY, 'val', index, detection=True)
        assert 2 <= len(scene.labels) == len(scene.masks) <= 4
        assert scene.masks.sum(0).max() == 1
        assert scene.masks.any((1, 2)).all()
        assert scene.image.shape == (128, 128, 3)


def test_later_objects_lie_in_front():
    settings = replace(TINY, min_visible=0.0, tint=1.0, num_objects=(2, 2))
    settings = replace(settings, detection_object_size=(0.9, 0.9))
    scene = make_scene(settings, 'train', 0, detection=True)
    behind, front = scene.masks
    assert tight_box(front)[2:] > tight_box(front)[:2]
    assert front.sum() > 0.3 * 128**2
    assert behind.sum() < front.sum()


@pytest.mark.parametrize('size', [0.2, 0.5])
def test_object_size_is_longer_side(size):
    settings = replace(TINY, object_size=(size, size))
    for index in range(5):
        mask = make_scene(settings, 'test', index, False).masks[0]
        x0, y0, x1, y1 = tight_box(mask)
        assert max(x1 - x0, y1 - y0) == pytest.approx(size * 64, abs=2)


def test_classes_are_balanced():
    for detection in (False, True):
        scenes = [make_scene(TINY, 'train', i, detection) for i in range(30)]
        first = [scene.labels[0] for scene in scenes]
        assert np.bincount(first, minlength=10).tolist() == [3] * 10


@pytest.mark.parametrize(
    'change',
    [
        dict(num_train=9),
        dict(num_detection_test=0),
        dict(seed=-1),
        dict(size=8),
        dict(clutter='none'),
        dict(object_size=(0.8, 0.2)),
    ],
)
def test_settings_name_the_field(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        Settings(**change)


# Files

LISTS = ('image_ids', 'class_labels', 'image_sizes', 'localization')


def test_repeated_runs_are_byte_identical(tiny, tmp_path):
    write_material_scenes(tmp_path / 'again', TINY)
    assert contents(tmp_path / 'again') == contents(tiny)


def test_seed_changes_every_image(tiny, tmp_path):
    write_material_scenes(tmp_path / 'other', replace(TINY, seed=1))
    old, new = contents(tiny), contents(tmp_path / 'other')
    images = [name for name in old if name.endswith('.png')]
    assert images and not any(old[name] == new[name] for name in images)


def test_splits_do_not_depend_on_counts(tiny, tmp_path):
    more = replace(TINY, num_train=30, num_val=20, num_detection_train=6)
    write_material_scenes(tmp_path / 'more', more)
    old, new = contents(tiny), contents(tmp_path / 'more')
    changed = {name for name in old if old[name] != new[name]}
    # Longer lists, and nothing else.
    assert changed == {
        'meta.json',
        'annotations/masks_train.json',
        'annotations/masks_val.json',
        'annotations/instances_train.json',
        *(f'metadata/{s}/{k}.txt' for s in ('train', 'val') for k in LISTS),
    }
    for name in ('masks_train', 'instances_train'):
        first = read_json(tiny / f'annotations/{name}.json')
        longer = read_json(tmp_path / f'more/annotations/{name}.json')
        for key in ('images', 'annotations'):
            assert longer[key][: len(first[key])] == first[key]


@pytest.mark.parametrize('split', SPLITS)
@pytest.mark.parametrize('detection', [False, True])
def test_coco_agrees_with_scenes(tiny, split, detection):
    kind = 'instances' if detection else 'masks'
    images = tiny / 'detection' / split if detection else tiny
    coco = COCO(tiny / f'annotations/{kind}_{split}.json')
    assert [c['name'] for c in coco.loadCats(coco.getCatIds())] == [*CLASSES]
    assert len(coco.imgs) == TINY.num_scenes(split, detection)
    for index, record in enumerate(coco.imgs.values()):
        scene = make_scene(TINY, split, index, detection)
        with Image.open(images / record['file_name']) as image:
            assert image.mode == 'RGB'
            assert image.size == (record['width'], record['height'])
            assert (np.asarray(image) == scene.image).all()
        found = coco.imgToAnns[record['id']]
        assert [a['category_id'] - 1 for a in found] == scene.labels.tolist()
        for annotation, mask in zip(found, scene.masks, strict=True):
            code = annotation['segmentation']
            assert isinstance(code['counts'], str)
            assert (mask_utils.decode(code) == mask).all()
            assert mask_utils.toBbox(code).tolist() == annotation['bbox']
            assert annotation['area'] == mask.sum()
            ys, xs = np.nonzero(mask)
            assert annotation['bbox'] == [
                xs.min(),
                ys.min(),
                np.ptp(xs) + 1,
                np.ptp(ys) + 1,
            ]


@pytest.mark.parametrize('split', SPLITS)
def test_wsol_agrees_with_coco(tiny, split):
    coco = read_json(tiny / f'annotations/masks_{split}.json')
    ids = [line[0] for line in read_lines(tiny, split, 'image_ids')]
    assert ids == [image['file_name'] for image in coco['images']]
    assert set(ids) == {
        path.relative_to(tiny).as_posix()
        for path in (tiny / split).rglob('*.png')
    }
    expected = dict(class_labels=[], image_sizes=[], localization=[])
    for path, annotation in zip(ids, coco['annotations'], strict=True):
        x, y, width, height = annotation['bbox']
        label = CLASSES.index(path.split('/')[1])
        assert annotation['category_id'] == label + 1
        expected['class_labels'].append([path, str(label)])
        expected['image_sizes'].append([path, '64', '64'])
        box = [x, y, x + width, y + height]
        expected['localization'].append([path, *map(str, box)])
    for name, lines in expected.items():
        assert read_lines(tiny, split, name) == lines


# What is already there


def test_complete_folder_is_kept(tiny):
    before = (tiny / 'meta.json').stat()
    assert not write_material_scenes(tiny, TINY)
    assert (tiny / 'meta.json').stat() == before


def test_empty_folder_and_link_are_filled(tmp_path):
    target = tmp_path / 'disk'
    target.mkdir()
    link = tmp_path / 'link'
    link.symlink_to(target)
    assert write_material_scenes(link, TINY)
    assert link.is_symlink() and (target / 'meta.json').is_file()


@pytest.mark.parametrize('overwrite', [False, True])
@pytest.mark.parametrize('name', ['notes.txt', 'meta.json'])
def test_foreign_folder_is_never_touched(tmp_path, name, overwrite):
    (tmp_path / name).write_text('{}')
    with pytest.raises(InputError, match='not a MaterialScenes folder'):
        write_material_scenes(tmp_path, TINY, overwrite)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_interrupted_run_leaves_old_data(tmp_path, monkeypatch):
    root = tmp_path / 'scenes'
    write_material_scenes(root, TINY)
    before = contents(tmp_path)

    def interrupt(settings, split, index, detection):
        if detection:
            raise KeyboardInterrupt
        return make_scene(settings, split, index, detection)

    monkeypatch.setattr(writer, 'make_scene', interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_material_scenes(root, replace(TINY, seed=1), overwrite=True)
    assert contents(tmp_path) == before


# Tool


def test_tool_keeps_refuses_and_overwrites(tmp_path, call_tool):
    root = tmp_path / 'scenes'

    def make(*options, **kwargs):
        options = (root, *TINY_ARGS, *options)
        return call_tool('make_material_scenes.py', *options, **kwargs)

    make()
    assert 'nothing to do' in make().stdout
    before = contents(root)

    refused = make('--seed=1', check=False)
    assert refused.returncode == 1 and 'Traceback' not in refused.stderr
    assert 'error: ' in refused.stderr and '--overwrite' in refused.stderr
    assert 'seed 0 instead of 1' in refused.stderr
    assert contents(root) == before

    make('--clutter=hard', '--size=32', '--overwrite')
    settings = read_json(root / 'meta.json')['settings']
    assert settings == replace(TINY, clutter='hard', size=32).to_dict()
    assert [path.name for path in tmp_path.iterdir()] == ['scenes']
