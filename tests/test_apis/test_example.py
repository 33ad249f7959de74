from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / 'examples/first_steps.py'
FEW = [
    *('--num-val', '20', '--num-test', '20', '--num-detection-train', '4'),
    *('--num-detection-val', '4', '--num-detection-test', '4'),
]


def test_first_steps(tmp_path, monkeypatch, capsys):
    """Whole, on a few images."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('MPLBACKEND', 'agg')
    code = EXAMPLE.read_text()
    for line, less in {
        'SCENES = 600': 'SCENES = 64',  # a batch
        'EPOCHS = 5': 'EPOCHS = 1',
        'str(SCENES)])': 'str(SCENES), *FEW])',
    }.items():
        assert line in code
        code = code.replace(line, less)
    exec(compile(code, str(EXAMPLE), 'exec'), {'FEW': FEW})
    printed = capsys.readouterr().out
    assert '20 images, 128 features each' in printed
    assert '%, box [' in printed
    for name in ('class_map.png', 'attention.png'):
        assert (tmp_path / 'work_dirs' / name).is_file()
