import argparse

import pytest

from mmsca.utils.options import (
    Options,
    parse_options,
    parse_value,
    write_option,
)


@pytest.mark.parametrize(
    'text, value',
    [
        ('5', 5),
        ('1e-3', 0.001),
        ('True', True),
        ('false', False),
        ('None', None),
        ('a b', 'a b'),
        (' a ', 'a'),
        ('"a, b"', 'a, b'),
        ("'5'", '5'),
        ('data (1)/x', 'data (1)/x'),
        ('(a)/(b)', '(a)/(b)'),
        ("it's", "it's"),
        ('1,2', [1, 2]),
        ('[]', []),
        ('(1,)', (1,)),
        ('[a, b]', ['a', 'b']),
        ('[(1, 2), [a, "b, c"], None]', [(1, 2), ['a', 'b, c'], None]),
        ('"a","b"', ['a', 'b']),
        ('a=b', 'a=b'),
    ],
)
def test_values(text, value):
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)


@pytest.mark.parametrize('text', ['a,(b', "it's, b", '{a: 1}', 'dict(a=1)'])
def test_refuses(text):
    with pytest.raises(ValueError, match='not closed|one by one'):
        parse_value(text)


@pytest.mark.parametrize('value', ['a', 'a b', 'a, b', '5', 'None', '"a"'])
def test_what_is_written_is_read(value):
    assert parse_options([write_option('key', value)]) == {'key': value}


def test_command_line(capsys):
    parser = argparse.ArgumentParser()
    parser.add_argument('--cfg-options', nargs='+', action=Options)
    args = parser.parse_args(['--cfg-options', 'a.b=x y', 'c=1,2'])
    assert args.cfg_options == {'a.b': 'x y', 'c': [1, 2]}
    with pytest.raises(SystemExit):
        parser.parse_args(['--cfg-options', 'a=x', 'y'])
    assert "'y' is not of the form KEY=VALUE" in capsys.readouterr().err
