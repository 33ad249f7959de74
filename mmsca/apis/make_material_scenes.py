"""Write MaterialScenes: the whole of tools/make_material_scenes.py."""

import argparse
from pathlib import Path

from mmsca.datasets.material_scenes.settings import CLUTTER, Settings
from mmsca.datasets.material_scenes.writer import write_material_scenes
from mmsca.utils.places import check_folder

DEFAULTS = Settings()


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Write MaterialScenes, the data set that comes with '
        'mmsca, to disk.',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        'root',
        nargs='?',
        default='data/material_scenes',
        help='folder of the data set',
    )
    for name, text in dict(
        num_train='single-object train scenes',
        num_val='single-object val scenes',
        num_test='single-object test scenes',
        num_detection_train='multi-object train scenes',
        num_detection_val='multi-object val scenes',
        num_detection_test='multi-object test scenes',
        seed='seed of every scene',
        size='side of single-object scenes in pixels',
        detection_size='side of multi-object scenes in pixels',
    ).items():
        parser.add_argument(
            '--' + name.replace('_', '-'),
            type=int,
            default=getattr(DEFAULTS, name),
            help=text,
        )
    parser.add_argument(
        '--clutter',
        choices=list(CLUTTER),
        default=DEFAULTS.clutter,
        help='contrast of the backgrounds',
    )
    parser.add_argument(
        '--object-size',
        nargs=2,
        type=float,
        default=DEFAULTS.object_size,
        metavar=('LOW', 'HIGH'),
        help='range of the longer side of the object of a single-object '
        'scene, as a fraction of the side of the scene',
    )
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='replace a MaterialScenes folder',
    )
    return parser.parse_args(argv)


def make_material_scenes(argv: list[str] | None = None) -> None:
    options = vars(parse_args(argv))
    root, overwrite = options.pop('root'), options.pop('overwrite')
    check_folder(Path(root).parent, 'The folder of ROOT')
    options['object_size'] = tuple(options['object_size'])
    written = write_material_scenes(root, Settings(**options), overwrite)
    if written:
        print(f'MaterialScenes written to {root}')
    else:
        print(f'{root} already holds this data set, nothing to do')
