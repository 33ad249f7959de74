import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from mmsca.apis.comparison import Arm
from mmsca.apis.study_table import Table
from mmsca.apis.suites import MATERIALS
from mmsca.visualization.panels import read_image
from mmsca.visualization.study_report import (
    published_section,
    write_study_report,
)

COLUMNS = ('kNN', 'linear', 'MaxBoxAccV2', 'pointing')
DETECTION = ('box AP', 'mask AP')
CONTROL = 'SWAV (control)'
SEEDS = dict(untrained=[0], swav=[0, 1, 2], sca=[2, 1, 0, 3])


@pytest.fixture
def table():
    arms = [
        Arm(
            name,
            title=name.upper(),
            config=None if name == 'untrained' else Path(f'{name}.py'),
            seeds=tuple(seeds),
            detection=name != 'untrained',
        )
        for name, seeds in SEEDS.items()
    ]
    return Table(
        name='tiny',
        title='A tiny table',
        suite=MATERIALS,
        data_root=Path('data/tiny'),
        scenes_args=(),
        control='swav',
        arms=tuple(arms),
        compare=(('sca', 'swav'), ('sca', 'untrained')),
        small_arms=('swav',),
        small_seeds=(0,),
    )


@pytest.fixture
def records(table):
    generator = np.random.default_rng(0)
    return [
        dict(
            arm=arm.name,
            seed=seed,
            config=arm.config and str(arm.config),
            scores={
                metric: float(generator.normal(50, 5))
                for metric in COLUMNS + DETECTION * arm.detection
            },
            machine=dict(cpu='A CPU', torch='2.0', bf16=True),
        )
        for arm in table.arms
        for seed in arm.seeds
    ]


def tables_of(text):
    """Rows of each Markdown table: first cell -> the others."""
    tables, rows = [], {}
    for line in [*text.splitlines(), '']:
        if line.startswith('|'):
            first, *rest = (c.strip() for c in line.strip('|').split('|'))
            rows[first] = rest
        elif rows:
            tables.append(rows)
            rows = {}
    return tables


def interval(low_high):
    low, high = low_high
    return (low + high) / 2, (high - low) / 2


def column(records, arm, metric):
    return {r['seed']: r['scores'][metric] for r in records if r['arm'] == arm}


def test_numbers_are_those_of_scipy(table, records, tmp_path):
    text = write_study_report(tmp_path, table, records).read_text()
    scores, differences = tables_of(text)
    metrics = COLUMNS + DETECTION
    assert scores['pretraining'] == ['seeds', *metrics]
    assert list(scores)[2:] == ['UNTRAINED', CONTROL, 'SCA']
    assert scores['UNTRAINED'][0] == '1'
    assert scores['UNTRAINED'][5:] == ['', '']  # no detection
    for arm, title in (('swav', CONTROL), ('sca', 'SCA')):
        assert scores[title][0] == str(len(SEEDS[arm]))
        for i, metric in enumerate(metrics, 1):
            values = list(column(records, arm, metric).values())
            test = stats.ttest_1samp(values, 0)
            mean, half = interval(test.confidence_interval(0.95))
            assert scores[title][i] == f'{mean:.1f} ± {half:.1f}'
    # The seeds 0, 1 and 2 have pairs, in whatever order they were run.
    assert differences['SCA − SWAV'][0] == '3'
    for i, metric in enumerate(metrics, 1):
        swav, sca = (column(records, a, metric) for a in ('swav', 'sca'))
        test = stats.ttest_rel([sca[s] for s in swav], list(swav.values()))
        mean, half = interval(test.confidence_interval(0.95))
        expected = f'{mean:+.1f} ± {half:.1f}'
        assert differences['SCA − SWAV'][i] == expected
    single = differences['SCA − UNTRAINED']
    one, other = (
        column(records, arm, 'kNN')[0] for arm in ('sca', 'untrained')
    )
    assert single[:2] == ['1', f'{one - other:+.1f}']
    assert single[5:] == ['', '']


def test_files(table, records, tmp_path):
    text = write_study_report(tmp_path, table, records, ['More.']).read_text()
    assert read_image(tmp_path / 'tiny.png').std() > 1
    with (tmp_path / 'tiny.csv').open(newline='') as f:
        rows = list(csv.DictReader(f))
    assert len(rows) == sum(len(r['scores']) for r in records)
    for row in rows:
        values = column(records, row['arm'], row['metric'])
        assert float(row['value']) == values[int(row['seed'])]
    assert '8 runs on MaterialScenes' in text and 'More.' in text
    machine = 'Machine: A CPU, torch 2.0, pretraining in bf16.'
    assert machine in ' '.join(text.split())
    prose = [li for li in text.splitlines() if not li.startswith('|')]
    assert max(map(len, prose)) <= 79


def test_report_of_a_single_run(table, records, tmp_path):
    text = write_study_report(tmp_path, table, records[1:2]).read_text()
    scores, differences = tables_of(text)
    assert list(scores)[2:] == [CONTROL]
    assert '±' not in ''.join(scores[CONTROL])
    assert list(differences) == ['difference', '---']
    assert read_image(tmp_path / 'tiny.png').size > 0


def test_small_scores_stand_beside_the_published_ones(records):
    here = [dict(records[1], scores=dict(kNN=12.34))]
    _, text, _ = published_section(here, records)
    published = column(records, 'swav', 'kNN')
    low, high = min(published.values()), max(published.values())
    assert text.splitlines()[2:] == [
        f'| swav | 0 | kNN | 12.3 | {published[0]:.1f} '
        f'| {low:.1f} to {high:.1f} (3) |'
    ]
    _, text, _ = published_section(here, [])
    assert text.splitlines()[2:] == ['| swav | 0 | kNN | 12.3 |  |  |']
