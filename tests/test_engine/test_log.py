import logging
import re

from mmengine.logging import print_log
from small_runs import train_small


def test_a_training_prints_little_and_logs_all(
    material_scenes, tmp_path, capsys
):
    train_small(
        *('sca/swav_r18_materials', material_scenes, tmp_path),
        'default_hooks.logger.interval=10',
    )
    printed = capsys.readouterr().out
    lines = re.findall(r'^[\d/]+ [\d:]+ - mmengine - (.*)$', printed, re.M)
    assert len(lines) == len(printed.splitlines()) < 15
    first = next(i for i, x in enumerate(lines) if 'INFO - device: ' in x)
    expected = [
        r'device: cpu, .*, \d+ cores, (fp32|bf16)',
        f"images: 40 in '{material_scenes}'",
        'batch: 8; 0 processes load them',
        'epochs: 1, each of 5 steps',
        'config: sca/swav_r18_materials',
        rf'log, with all settings: ({tmp_path}/.*\.log)',
    ]
    for line, pattern in zip(lines[first:], expected, strict=False):
        assert re.fullmatch(f'INFO - {pattern}', line)
    log = re.fullmatch(f'INFO - {expected[-1]}', lines[first + 5])[1]
    steps = [x for x in lines if 'Epoch(train)' in x]
    assert [re.search(r'\[(\d)/5\]', x)[1] for x in steps] == ['1', '5']
    for name in ('eta', 'loss', 'images/s', 'memory'):
        assert all(f'{name}: ' in step for step in steps)
    with open(log) as file:
        text = file.read()
    for details in ('System environment:', 'Config:', 'Hooks will be exec'):
        assert details in text and details not in printed
    for line in lines:
        assert line in text


def test_what_is_for_debugging_is_not_printed(capsys):
    """As mmpretrain and mmdet have it on their import."""
    print_log('missing', level=logging.DEBUG)
    print_log('shown')
    assert capsys.readouterr().out == 'shown\n'
