"""What README and docs name is there, and their commands can be parsed."""

import argparse
import re
import runpy
import shlex
import sys
from pathlib import Path
from string import Template

import pytest

from mmsca.__main__ import main
from mmsca.utils.config_names import find_config

ROOT = Path(__file__).parents[1]
TEXTS = [
    ROOT / 'README.md',
    ROOT / 'CONTRIBUTING.md',
    ROOT / 'benchmarks/README.md',
    *sorted((ROOT / 'docs').glob('*.md')),
    *sorted((ROOT / 'configs').glob('*/README.md')),
]
LINK = re.compile(r'\]\(([^)\s]+)\)')
FENCE = re.compile(r'^```.*?^```', re.M | re.S)
# A block that is fenced or indented, and code within a text.
BLOCK = re.compile(r'^```\w*\n(.*?)^```|((?:^ {4,}[^`\n]*\n)+)', re.M | re.S)
INLINE = re.compile(r'`([^`]+)`')
COMMAND = re.compile(
    r'(?:(?:python|bash) (?=tools/|-m benchmarks)|^ *(?=mmsca [a-z-]+ ))(.*)'
)
OURS = re.compile(
    r'(?:configs|sca|classification|localization|detection|comparisons)/[^=]+'
)


def name_of(path):
    return str(path.relative_to(ROOT))


def anchors_of(text):
    """Those that headings get, as on the pages of a code host."""
    headings = re.findall(r'^#+ (.+)$', FENCE.sub('', text), re.M)
    plain = (re.sub(r'[^\w\- ]', '', h.lower()) for h in headings)
    return {heading.replace(' ', '-') for heading in plain}


@pytest.mark.parametrize('path', TEXTS, ids=name_of)
def test_links_lead_somewhere(path):
    for link in LINK.findall(path.read_text()):
        if '://' in link:
            continue
        file, _, anchor = link.partition('#')
        target = (path.parent / file).resolve() if file else path
        assert target.is_relative_to(ROOT) and target.exists(), link
        if anchor:
            assert anchor in anchors_of(target.read_text()), link


def commands_in(text):
    """Words of each command of ours, with its variables put in."""
    blocks = [''.join(block) for block in BLOCK.findall(text)]
    inline = [' '.join(c.split()) for c in INLINE.findall(FENCE.sub('', text))]
    for block in [*blocks, *inline]:
        variables = {}
        for line in block.replace('\\\n', ' ').splitlines():
            if assigned := re.fullmatch(r' *([A-Z]+)=(\S+) *', line):
                variables[assigned[1]] = assigned[2]
            if command := COMMAND.search(line):
                command = Template(command[1]).safe_substitute(variables)
                yield shlex.split(command, comments=True)


class Parsed(BaseException):
    """Thrown once arguments are parsed, before the tool does anything."""


def parse(words, monkeypatch):
    """Give a tool its words, and end it when it has taken them."""
    parse_known = argparse.ArgumentParser.parse_known_args

    def parse_args(parser, args=None, namespace=None):
        _, unknown = parse_known(parser, args, namespace)
        assert not unknown, unknown
        raise Parsed

    monkeypatch.setattr(argparse.ArgumentParser, 'parse_args', parse_args)
    monkeypatch.setattr(sys, 'argv', words)
    with pytest.raises(Parsed):
        if words[0] == '-m':
            runpy.run_module(words[1], run_name='__main__')
        elif words[0] == 'mmsca':
            main()
        else:
            runpy.run_path(str(ROOT / words[0]), run_name='__main__')


@pytest.mark.parametrize('path', TEXTS, ids=name_of)
def test_commands_are_understood(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    for words in commands_in(path.read_text()):
        for word in words:
            if OURS.fullmatch(word):
                assert find_config(word).is_file(), words
        if words[0].endswith('.sh'):  # files, number of ranks, the rest
            assert (ROOT / words[0]).is_file(), words
            tool = words[0].replace('dist_', '').replace('.sh', '.py')
            words = [tool, *(w for w in words[1:] if not w.isdigit())]
        print(*words)  # seen where one fails
        parse(words, monkeypatch)


def test_texts_have_commands():
    texts = '\n'.join(path.read_text() for path in TEXTS)
    assert len(list(commands_in(texts))) > 40
