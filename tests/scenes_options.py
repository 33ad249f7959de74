"""Options that let a config read a data set of the tests."""

from pathlib import Path

from mmsca.comparison.project import moved_options
from mmsca.datasets.archives import NAMES


def data_root_options(file, data_root: Path) -> tuple[str, ...]:
    """`key=value` for --cfg-options."""
    return tuple(
        option
        for name in ('material_scenes', 'folder', *NAMES)
        for option in moved_options(Path(file), Path('data', name), data_root)
    )
