"""The command line: mmsca COMMAND ..., or python -m mmsca COMMAND ..."""

import sys
from importlib import import_module

from mmsca.utils.config_fields import nearest
from mmsca.utils.errors import InputError, run_tool
from mmsca.version import __version__

# Command -> what it does. `voc-svm` is the function `voc_svm` of
# mmsca.apis.voc_svm. Nothing is imported before a command is chosen, so that
# --help is there at once.
COMMANDS = {
    'train': 'pretrain, probe or fine-tune',
    'test': 'evaluate a checkpoint',
    'knn': 'score a backbone by nearest neighbours',
    'voc-svm': 'linear SVMs on VOC2007',
    'compare': 'tables of backbones over seeds',
    'demo': 'all of it on a CPU, ends in one report',
    'inspect': 'what a checkpoint holds',
    'extract': 'features of a folder',
    'export': 'a backbone for another library',
    'convert': "from and to SwAV's own weights",
    'visualize-attention': 'draw what SCA sees',
    'attention-statistics': 'how much of the masks lies on objects',
    'browse-views': 'draw the views that a model is trained on',
    'make-material-scenes': 'write the data set that comes with mmsca',
    'prepare-data': 'unpack and split a data set that you downloaded',
    'split-folder': 'write down the splits of a folder',
    'configs': 'list the configs by name',
    'copy-config': 'copy one, to edit it',
}
# Functions whose module has another name.
MODULES = dict(
    demo='compare', extract='extract_features', copy_config='configs'
)


def usage() -> str:
    """What --help prints."""
    width = max(map(len, COMMANDS))
    lines = (f'  {name:<{width}}  {text}' for name, text in COMMANDS.items())
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
    """Call the function of a command."""
    if name not in COMMANDS:
        raise InputError(
            f"There is no command '{name}'.{nearest(name, COMMANDS)} "
            '`mmsca --help` lists them.'
        )
    function = name.replace('-', '_')
    module = MODULES.get(function, function)
    getattr(import_module(f'mmsca.apis.{module}'), function)()


if __name__ == '__main__':
    main()
