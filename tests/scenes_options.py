"""Options that let a config read the scenes of the tests."""

from pathlib import Path

from mmsca.comparison.project import moved_options


def data_root_options(file, data_root: Path) -> tuple[str, ...]:
    """`key=value` for --cfg-options."""
    return moved_options(Path(file), Path('data/material_scenes'), data_root)
