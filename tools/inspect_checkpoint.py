"""What a checkpoint holds: python tools/inspect_checkpoint.py FILE, see
--help."""

from mmsca.apis.inspect import inspect
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(inspect)
