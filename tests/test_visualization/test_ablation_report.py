import io

import pytest
from rich.console import Console

from mmsca.visualization.ablation_report import (
    ablation_markdown,
    ablation_table,
    write_ablation_report,
)
from mmsca.visualization.panels import read_image

COLUMNS = ('kNN', 'linear', 'MaxBoxAccV2', 'pointing')
LONG = 'swav_sca_r18_materials_without_warmup_and_partners'


def make_scores(**kwargs):
    """Values per seed, moved by 10 from one metric to the next."""
    return {
        name: {
            seed: {m: v + 10 * i for i, m in enumerate(COLUMNS)}
            for seed, v in enumerate(values)
        }
        for name, values in kwargs.items()
    }


@pytest.fixture
def scores():
    return make_scores(
        swav=[40.0, 44.0], sca=[41.0, 47.0], **{LONG: [20.5, 60.5]}
    )


def test_markdown_table(scores):
    rows = [
        [cell.strip() for cell in line.strip('|').split('|')]
        for line in ablation_markdown(scores, 'swav').splitlines()
    ]
    assert rows[0] == ['config', *COLUMNS, *(f'Δ {c}' for c in COLUMNS)]
    assert len(rows[1]) == len(rows[0])
    # Standard errors 2 and 3; the quantile is 12.706.
    assert rows[2][:3] == ['swav', '42.0 ± 25.4', '52.0 ± 25.4']
    assert rows[2][5:] == ['control'] * 4
    assert rows[3][:2] == ['sca', '44.0 ± 38.1']
    assert rows[3][5:] == ['+2.0 ± 12.7'] * 4
    assert rows[4][5] == '-1.5 ± 228.7'


def test_table_fits_79_columns(scores):
    console = Console(file=io.StringIO(), width=79)
    console.print(ablation_table(scores, 'swav'))
    text = console.file.getvalue()
    assert '…' not in text
    # One for the scores, one for the differences.
    assert all(text.count(column) == 2 for column in COLUMNS)
    assert text.count('-1.5 ± 228.7') == 4
    assert '42.0 ± 25.4' in text and '+2.0 ± 12.7' in text


def test_report_of_one_config_and_one_seed(tmp_path):
    write_ablation_report(tmp_path, make_scores(swav=[1]), 'swav', {})
    report = (tmp_path / 'ablation.md').read_text()
    assert '| swav | 1.0 | 11.0 | 21.0 | 31.0 | control |' in report
    assert read_image(tmp_path / 'ablation.png').size > 0


def test_report_says_how_it_was_made(scores, tmp_path):
    commands = dict(swav=['python tools/train.py a.py'], sca=['b', 'c'])
    file = write_ablation_report(tmp_path, scores, 'swav', commands)
    text = file.read_text()
    assert 'Seeds: 0, 1. Control: swav.' in text
    assert ablation_markdown(scores, 'swav') in text
    assert 't-interval of the mean over seeds' in text
    assert 'Two seeds give wide intervals' in text
    assert 'sca:\n\n```bash\nb\nc\n```' in text
    assert '![](ablation.png)' in text
    assert {p.name for p in tmp_path.iterdir()} == {
        'ablation.md',
        'ablation.csv',
        'ablation.png',
    }
