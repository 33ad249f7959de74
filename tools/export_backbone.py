"""Export a backbone: python tools/export_backbone.py SOURCE TARGET --to
LIBRARY, see --help."""

from mmsca.apis.export import export
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(export)
