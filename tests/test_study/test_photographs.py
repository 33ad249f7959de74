"""The study on photographs, on three classes of small images."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from official_tiny_imagenet import write_tiny_imagenet

from study.photographs import __main__ as study
from study.photographs.data import SIDE, coverage, read_splits, whole
from study.photographs.draw import draw, read
from study.photographs.draw import table as draw_table
from study.photographs.masks import (
    box_mask,
    centre_mask,
    even_mask,
    rim_mask,
)
from study.photographs.training import Training

DOCS = Path(__file__).parents[2] / 'docs'
# A mean, and the differences at each seed.
CELL = r'\d+\.\d \([^()]*\d\)'


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp('tiny_imagenet')
    write_tiny_imagenet(root)
    return root


@pytest.fixture(scope='module')
def data(root):
    return read_splits(root)


def corners(x0, y0, x1, y1, flip=False):
    values = [torch.tensor([float(v)]) for v in (x0, y0, x1, y1)]
    return *values, torch.tensor([flip])


@pytest.mark.parametrize('flip', [False, True])
def test_coverage_counts_pixels(flip):
    """A view of 32 px in 4 cells: 8 px a cell, by hand."""
    boxes = torch.tensor([[12.0, 10.0, 30.0, 26.0]])
    found = coverage(boxes, corners(8, 8, 40, 40, flip), 4)[0]
    pixels = torch.zeros(SIDE, SIDE)
    pixels[10:26, 12:30] = 1
    cells = pixels[8:40, 8:40].view(4, 8, 4, 8).mean(dim=(1, 3))
    torch.testing.assert_close(found, cells.flip(1) if flip else cells)


def test_masks_sum_to_one():
    maps = torch.randn(4, 8, 6, 6)
    views = [whole(2, maps.device)] * 2
    boxes = torch.tensor([[0.0, 0, SIDE, SIDE], [8, 8, 20, 30]])
    masks = [box_mask(boxes, views, 6), centre_mask(maps), rim_mask(maps)]
    for mask in masks:
        assert mask.shape == (4, 1, 6, 6)
        torch.testing.assert_close(mask.sum(dim=(1, 2, 3)), torch.ones(4))
    # A box around the image says nothing.
    torch.testing.assert_close(masks[0][:1], even_mask(maps)[:1])


@pytest.mark.parametrize('use', ['pool', 'background'])
def test_an_even_mask_is_swav(use, data):
    """Both terms are then the same number."""
    losses = []
    for row in (dict(), dict(use=use, source='even')):
        row.update(batch=18, epochs=1)
        training = Training(row, 0, data['train'])
        training.step(guided=True)
        losses.append(training.losses[0])
    torch.testing.assert_close(losses[1], losses[0])


@pytest.mark.parametrize(
    'name', ['supervised', 'paste box', 'pool cluster', 'partner label']
)
def test_a_step_changes_the_backbone(name, data):
    row = dict(study.ROWS[name], batch=18, epochs=1)
    training = Training(row, 0, data['train'])
    weight = training.model.backbone.conv1.weight
    before = weight.detach().clone()
    for _ in range(2):
        training.step(guided=True)
    assert training.losses[:2].isfinite().all()
    assert not torch.equal(weight, before)


def test_runs_and_records(root, data, tmp_path):
    out = tmp_path / 'rows.jsonl'
    options = ['--rows', 'untrained', 'pool box', '--seeds', '0']
    options += ['--split', 'test', '--epochs', '1', '--batch', '18']
    subprocess.run(
        [sys.executable, '-m', 'study.photographs', root, out]
        + ['--device', 'cpu', '--workers', '1', *options],
        cwd=DOCS.parent,
        check=True,
        timeout=300,
    )
    rows = [json.loads(line) for line in Path(out).read_text().splitlines()]
    assert [row['name'] for row in rows] == ['untrained', 'pool box']
    assert len(rows[0]['losses']) == 0 and len(rows[1]['losses']) == 1
    for row in rows:
        for key in ('knn', 'linear', 'all/MaxBoxAccV2', 'mask_in_box'):
            assert 0 <= row[key] <= 100


def test_the_page_has_the_numbers_of_the_records(tmp_path):
    page = re.findall(CELL, (DOCS / 'study.md').read_text())
    found = set()
    for file in sorted((DOCS / 'study').glob('photographs*.jsonl')):
        rows = read(file)
        found |= set(re.findall(CELL, draw_table(rows)))
        draw(rows, tmp_path / 'rows.png')
        assert (tmp_path / 'rows.png').stat().st_size > 10_000
    assert len(page) > 50
    assert set(page) <= found


def test_three_seeds_have_an_interval():
    """Differences 1, 2, 3: mean 2, 4.303 standard errors of 1 / sqrt(3)."""
    keys = ('knn', 'linear', 'object/MaxBoxAccV2', 'object/pointing')
    rows = {
        name: {seed: dict.fromkeys(keys, 10 + share * seed) for seed in seeds}
        for name, share, seeds in (
            ('SwAV', 0, (1, 2, 3)),
            ('two', 1, (1, 2)),
            ('three', 1, (1, 2, 3)),
        )
    }
    lines = draw_table(rows).splitlines()
    assert lines[-2].startswith('| two | 11.5 (+1.0, +2.0) |')
    assert lines[-1].startswith('| three | 12.0 (+2.0 ± 2.5) |')
