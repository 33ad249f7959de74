"""Imports point one way, as CONTRIBUTING draws them."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = [*ROOT.glob('mmsca/**/*.py'), *ROOT.glob('tools/*.py')]


def module_of(file):
    parts = file.relative_to(ROOT).with_suffix('').parts
    return '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


MODULES = {module_of(file): file for file in FILES}


def imported(nodes):
    """Modules of this project that statements import."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for alias in node.names:
                inner = f'{node.module}.{alias.name}'
                yield inner if inner in MODULES else node.module


def room_of(module):
    parts = module.split('.')
    return parts[0] if parts[0] == 'tools' or len(parts) == 1 else parts[1]


def drawn_levels():
    """Rooms from the top to the ground."""
    text = (ROOT / 'CONTRIBUTING.md').read_text()
    (drawing,) = re.findall(r'^ +tools\b.*(?:\n +.+)*', text, re.MULTILINE)
    return [set(re.findall(r'\w+', rooms)) for rooms in drawing.split('>')]


def test_no_arrow_points_up_or_to_the_side():
    level = {
        room: -depth
        for depth, rooms in enumerate(drawn_levels())
        for room in rooms
    }
    rooms = {room_of(module) for module in MODULES} - {'mmsca', 'version'}
    assert rooms == set(level)
    against = [
        f'{module} imports {other}'
        for module, file in MODULES.items()
        for other in imported(ast.walk(ast.parse(file.read_text())))
        if room_of(module) in level
        and room_of(other) in level
        and room_of(module) != room_of(other)
        and level[room_of(module)] <= level[room_of(other)]
    ]
    assert not against


def test_no_circle_of_modules():
    graph = {
        module: set(imported(ast.parse(file.read_text()).body))
        for module, file in MODULES.items()
    }
    TopologicalSorter(graph).prepare()
