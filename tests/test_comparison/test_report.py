"""Records, and what is made of them."""

import json
import re
from urllib.parse import unquote

import pytest

from mmsca.comparison.project import project_root
from mmsca.comparison.record import make_record, read_records, uses_bf16
from mmsca.comparison.report import Row
from mmsca.comparison.run import runs_of
from mmsca.engine.optimizers.bf16_optim_wrapper import has_fast_bf16


def values(comparison, column):
    """Name of a run -> what its record has in a column."""
    files = comparison.records.glob('*.json')
    records = [json.loads(file.read_text()) for file in files]
    return {
        f'{r["backbone"]}{r["seed"]}': r['scores'][column] for r in records
    }


def test_report(compare, fields, tmp_path):
    result = compare(fields | dict(note='Beware.'))
    assert result.file == tmp_path / 'work/report.md'
    report = result.file.read_text()
    knn = values(result, 'kNN')
    mean = (knn['sca0'] + knn['sca1']) / 2
    assert f'| SCA | 2 | {mean:.1f} ± ' in report
    difference = mean - (knn['untrained0'] + knn['untrained1']) / 2
    assert f'| SCA − untrained | 2 | {difference:+.1f} ± ' in report
    lines = result.file.with_suffix('.csv').read_text().splitlines()
    assert f'sca,1,kNN,{knn["sca1"]}' in lines and len(lines) == 9
    page = (tmp_path / 'work/report.html').read_text()
    # Everything is in it.
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    links = set(re.findall(r'href="#([^"]*)"', page))
    assert len(links) == 4
    for text in ('Beware.', f'{difference:+.1f}', '--k 20'):
        assert text in page
    for link in links:
        assert f'id="{unquote(link)}"' in page


def test_record_names_no_place_of_this_machine(compare, fields, tmp_path):
    result = compare(fields, names=['sca'], seeds=[1])
    (file,) = result.records.iterdir()
    text = file.read_text()
    for path in (tmp_path / 'work', tmp_path / 'cifar10', project_root()):
        assert str(path) not in text
    record = json.loads(text)
    assert (record['backbone'], record['seed']) == ('sca', 1)
    assert record['config'] == 'configs/sca/swav_sca_r18_cifar10.py'
    stages = ['pretrain', 'knn', 'linear', 'linear_test']
    for part in ('settings', 'seconds', 'commands'):
        assert list(record[part]) == stages
    assert '--work-dir work_dirs/noise/sca-' in record['commands']['pretrain']
    assert 'data_root=data/cifar10' in record['commands']['pretrain']
    assert record['machine']['bf16'] == has_fast_bf16('cpu')


@pytest.fixture
def changed(fields):
    """The same table with another linear classifier."""
    evaluations = fields['evaluations']
    linear = evaluations['linear'] | dict(options=['train_cfg.max_epochs=7'])
    return fields | dict(evaluations=evaluations | dict(linear=linear))


def test_records_of_other_settings_stay_and_are_marked(
    compare, fields, changed
):
    compare(fields, names=['untrained'])
    before = compare(fields, names=['sca'])
    result = compare(changed, names=['sca'])
    report = result.file.read_text()
    assert '| untrained (control)† | 2 |' in report
    assert '| SCA | 2 |' in report and '| SCA† | 2 |' in report
    assert "other settings than today's (linear), at commit" in (
        report.replace('\n', ' ')
    )
    # What was evaluated in another way is not compared.
    assert '| SCA† − untrained† | 2 |' in report
    assert '| SCA − untrained' not in report
    assert len(list(before.records.iterdir())) == 6
    again = compare(fields, report_only=True)
    assert '| SCA − untrained | 2 |' in again.file.read_text()


def test_published_records_are_done_again_if_asked(
    compare, fields, changed, tmp_path
):
    published = dict(records=str(tmp_path / 'docs'))
    assert compare(fields | published).file == tmp_path / 'docs/noise.md'
    result = compare(changed | published)
    assert 'noise: 4 of 4 runs have their record.' in result.text
    assert '| SCA† | 2 |' in result.file.read_text()
    # A person who knows that nothing has changed says so.
    result.accept()
    assert '| SCA | 2 |' in compare(changed | published).file.read_text()
    assert '| SCA† | 2 |' in compare(fields | published).file.read_text()
    again = compare(fields | published, again=True)
    assert 'noise: 0 of 4 runs have their record.' in again.text


def test_quick_part_beside_published_records(compare, fields, tmp_path):
    fields |= dict(
        records=str(tmp_path / 'docs'),
        small=dict(backbones=['untrained'], seeds=[1]),
    )
    whole = compare(fields)
    low, high = sorted(
        v for k, v in values(whole, 'kNN').items() if k.startswith('untrained')
    )
    before = whole.file.read_text()
    result = compare(fields, small=True)
    assert result.file == tmp_path / 'work/report.md'
    here = f'{values(result, "kNN")["untrained1"]:.1f}'
    report = result.file.read_text()
    assert f'| untrained (control), seed 1 | {here} |' in report
    assert f'| its published record | {here} |' in report
    assert f'| all 2 published seeds | {low:.1f} to {high:.1f} |' in report
    assert whole.file.read_text() == before


def test_baselines_are_rows(compare, fields):
    baselines = {'whole image': {'linear': 'accuracy/top1'}}
    fields['evaluations']['linear_test']['baselines'] = baselines
    report = compare(fields).file.read_text()
    assert re.search(r'\| whole image \|  \|  \| [\d.]+ \|', report)


def test_names_that_begin_alike(compare, fields):
    backbones = fields['backbones']
    backbones['sca-b'] = dict(title='b')
    fields['backbones'] = backbones
    result = compare(fields, seeds=[0])
    table = result.table
    for run in runs_of(table, result.work_dir):
        if run.seed == 0:
            (record,) = read_records(result.records, run)
            assert record == make_record(run)


def test_precision_follows_the_options(fields, tmp_path):
    from mmsca.comparison.fields import make_table

    fields['backbones']['fp32'] = fields['backbones']['sca'] | dict(
        title='fp32', options=['optim_wrapper.type=OptimWrapper']
    )
    runs = runs_of(make_table('noise', fields), tmp_path)
    found = {run.backbone.name: uses_bf16(run) for run in runs}
    fast = has_fast_bf16('cpu')
    assert found == dict(untrained=False, sca=fast, fp32=False)


def test_rows_that_compare():
    today = Row('a', 'a', [], dict(pretrain='1', knn='2'))
    timm = Row('b', 'b', [], dict(pretrain='1', knn='3'))
    old = Row('a', 'a', ['knn'], dict(pretrain='1', knn='4'))
    assert today.comparable(timm)
    assert not old.comparable(today) and old.comparable(old)
