"""List the configs that come with mmsca, and copy one."""

import argparse
import ast
from pathlib import Path

from mmsca.utils.config_names import config_names, configs_folder, find_config
from mmsca.utils.errors import InputError
from mmsca.utils.places import check_new_file


def configs(argv: list[str] | None = None) -> None:
    """Print the names of the configs, each with its first line."""
    parser = argparse.ArgumentParser(
        description='List the configs that come with mmsca, by the names '
        'that commands take.'
    )
    parser.add_argument(
        'words',
        nargs='*',
        help='list only names that hold all of these, such as sca folder',
    )
    words = parser.parse_args(argv).words
    names = [n for n in config_names() if all(w in n for w in words)]
    if not names:
        raise InputError(
            f'No config has {" and ".join(words)} in its name. `mmsca '
            'configs` lists all.'
        )
    width = max(map(len, names))
    for name in names:
        text = (configs_folder() / f'{name}.py').read_text('utf-8')
        summary = (ast.get_docstring(ast.parse(text)) or '').split('\n')[0]
        print(f'{name:<{width}}  {summary}')


def copy_config(argv: list[str] | None = None) -> Path:
    """Copy a config that comes with mmsca, to be edited.

    Returns:
        Path: The new file. What it inherits stays where it is.
    """
    parser = argparse.ArgumentParser(
        description='Copy a config that comes with mmsca. The copy inherits '
        'the same configs, and is yours to edit.'
    )
    parser.add_argument('name', help='one that `mmsca configs` lists')
    parser.add_argument(
        'folder', nargs='?', default='.', help='where to (default: here)'
    )
    args = parser.parse_args(argv)
    source = find_config(args.name).resolve()
    if not source.is_relative_to(configs_folder()):
        raise InputError(
            f"'{args.name}' is a file of yours. Expected a name that `mmsca "
            'configs` lists.'
        )
    target = Path(args.folder, source.name)
    check_new_file(target, 'The copy')
    target.write_text(with_package_bases(source), 'utf-8')
    print(target)
    return target


def with_package_bases(source: Path) -> str:
    """Text of one of our configs, with bases such as `mmsca::sca/swav_r50.py`.

    The file has them relative to its folder.
    """
    text = source.read_text('utf-8')
    lines = text.splitlines(keepends=True)
    for statement in ast.parse(text).body:
        if (
            not isinstance(statement, ast.Assign)
            or getattr(statement.targets[0], 'id', None) != '_base_'
        ):
            continue
        # From the end, so that the places of those before stay true.
        for node in reversed(list(ast.walk(statement.value))):
            if not isinstance(node, ast.Constant) or '::' in node.value:
                continue
            base = (source.parent / node.value).resolve()
            name = base.relative_to(configs_folder()).as_posix()
            line = lines[node.lineno - 1]
            start, end = node.col_offset, node.end_col_offset
            lines[node.lineno - 1] = (
                f"{line[:start]}'mmsca::{name}'{line[end:]}"
            )
    return ''.join(lines)
