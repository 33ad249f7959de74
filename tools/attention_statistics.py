"""Statistics of what SCA sees: python tools/attention_statistics.py CONFIG
CHECKPOINT, see --help."""

from mmsca.apis.attention_statistics import attention_statistics
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(attention_statistics)
