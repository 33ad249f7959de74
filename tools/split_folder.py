"""Write down the splits of a folder: python tools/split_folder.py ROOT, see
--help."""

from mmsca.apis.split_folder import split_folder
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(split_folder)
