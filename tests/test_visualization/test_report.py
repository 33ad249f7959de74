import io
import json

import pytest
from rich.console import Console

from mmsca.visualization.report import (
    METRICS,
    read_scores,
    scores_markdown,
    scores_table,
    write_report,
)

ARMS = {'untrained': 'untrained', 'swav': 'SwAV'}


@pytest.fixture
def metrics(tmp_path):
    """JSON files of two arms; the detector of the first found nothing."""
    for index, arm in enumerate(ARMS):
        files = dict(
            knn=dict(top1={'20': 31.25 + index}, num_test=40),
            localization={
                'accuracy/top1': 41.5 + index,
                'cam/MaxBoxAcc': 50.0 + index,
                'cam/MaxBoxAccV2': 60.0 + index,
                'cam/pointing': 70.0 + index,
                'cam/threshold_from': 'val',
            },
            detection={'coco/bbox_mAP': 0.123, 'coco/segm_mAP': 0.0456}
            if index
            else {},
        )
        for name, content in files.items():
            path = tmp_path / arm / f'{name}.json'
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(content))
    return tmp_path


def collect(folder):
    return {
        title: read_scores(folder / arm, METRICS)
        for arm, title in ARMS.items()
    }


def test_scores_are_those_of_the_files_in_percent(metrics):
    scores = collect(metrics)
    assert list(scores['SwAV']) == list(METRICS)
    assert list(scores['SwAV'].values()) == pytest.approx(
        [32.25, 42.5, 51, 61, 71, 12.3, 4.56]
    )
    assert list(scores['untrained'].values()) == pytest.approx(
        [31.25, 41.5, 50, 60, 70, 0, 0]
    )


@pytest.mark.parametrize(
    'name, content',
    [
        ('knn', dict(top1={'10': 1.0})),
        ('detection', {'coco/bbox_mAP': 0.1}),
    ],
)
def test_missing_metric_names_file_and_key(metrics, name, content):
    file = metrics / 'swav' / f'{name}.json'
    file.write_text(json.dumps(content))
    with pytest.raises(KeyError, match=f'{file} holds no'):
        collect(metrics)


def test_markdown_table(metrics):
    text = scores_markdown(collect(metrics))
    rows = [
        [cell.strip() for cell in line.strip('|').split('|')]
        for line in text.splitlines()
    ]
    assert rows[0] == ['pretraining', *METRICS]
    assert rows[2][-3:] == ['70.0', '0.0', '0.0']
    assert rows[3] == [
        'SwAV',
        '32.2',
        '42.5',
        '51.0',
        '61.0',
        '71.0',
        '12.3',
        '4.6',
    ]


def test_table_fits_80_columns(metrics):
    console = Console(file=io.StringIO(), width=80)
    console.print(scores_table(collect(metrics)))
    text = console.file.getvalue()
    assert '…' not in text
    for column in METRICS:
        assert column in text
    assert '71.0' in text


def test_report_names_scores_pictures_and_commands(metrics):
    scores = collect(metrics)
    commands = ['python tools/train.py a.py', 'python tools/test.py b.py c']
    report = write_report(metrics, scores, {'a.png': 'A caption.'}, commands)
    text = report.read_text()
    assert scores_markdown(scores) in text
    assert '![](a.png)\n\nA caption.' in text
    assert '\n'.join(['```bash', *commands, '```']) in text
    assert 'proves nothing about SCA' in text
    content = json.loads((metrics / 'report.json').read_text())
    assert content['scores'] == scores
    assert content['commands'] == commands
