"""The command line: mmsca COMMAND ..., or python -m mmsca COMMAND ..."""

import sys
from importlib import import_module

from mmsca.utils.config_fields import nearest
from mmsca.utils.errors import InputError, run_tool
from mmsca.version import __version__

# Command -> module below mmsca.apis, its function, and what it does. Nothing
# is imported before a command is chosen, so that --help is there at once.
COMMANDS = {
    'train': ('train', 'train', 'pretrain, probe or fine-tune'),
    'test': ('test', 'test', 'evaluate a checkpoint'),
    'knn': ('knn', 'knn', 'score a backbone by nearest neighbours'),
    'voc-svm': ('voc_svm', 'voc_svm', 'linear SVMs on VOC2007'),
    'compare': ('compare', 'compare', 'tables of backbones over seeds'),
    'demo': ('compare', 'demo', 'all of it on a CPU, ends in one report'),
    'inspect': ('inspect', 'inspect', 'what a checkpoint holds'),
    'extract': ('extract_features', 'extract', 'features of a folder'),
    'export': ('export', 'export', 'a backbone for another library'),
    'convert': ('convert', 'convert', "from and to SwAV's own weights"),
    'visualize-attention': (
        'visualize_attention',
        'visualize_attention',
        'draw what SCA sees',
    ),
    'attention-statistics': (
        'attention_statistics',
        'attention_statistics',
        'how much of the masks lies on objects',
    ),
    'browse-views': (
        'browse_views',
        'browse_views',
        'draw the views that a model is trained on',
    ),
    'make-material-scenes': (
        'make_material_scenes',
        'make_material_scenes',
        'write the data set that comes with mmsca',
    ),
    'prepare-data': (
        'prepare_data',
        'prepare_data',
        'unpack and split a data set that you downloaded',
    ),
    'split-folder': (
        'split_folder',
        'split_folder',
        'write down the splits of a folder',
    ),
    'configs': ('configs', 'configs', 'list the configs by name'),
    'copy-config': ('configs', 'copy_config', 'copy one, to edit it'),
}


def usage() -> str:
    """What --help prints."""
    width = max(map(len, COMMANDS))
    lines = (f'  {n:<{width}}  {text}' for n, (*_, text) in COMMANDS.items())
    return '\n'.join(
        [
            'usage: mmsca COMMAND ...',
            '',
            *lines,
            '',
            'CONFIG is a file, or a name that `mmsca configs` lists.',
            '`mmsca COMMAND --help` explains a command.',
        ]
    )


def main() -> None:
    """Do what the arguments of this process say."""
    name, *arguments = sys.argv[1:] or ['--help']
    if name in ('-h', '--help'):
        print(usage())
    elif name == '--version':
        print(__version__)
    else:
        # As the tools are called, for their usage and for logs.
        sys.argv = [f'mmsca {name}', *arguments]
        run_tool(lambda: run(name))


def run(name: str) -> None:
    """Call the function of a command.

    Raises:
        InputError: If there is no such command.
    """
    if name not in COMMANDS:
        raise InputError(
            f"There is no command '{name}'.{nearest(name, COMMANDS)} "
            '`mmsca --help` lists them.'
        )
    module, function, _ = COMMANDS[name]
    getattr(import_module(f'mmsca.apis.{module}'), function)()


if __name__ == '__main__':
    main()
