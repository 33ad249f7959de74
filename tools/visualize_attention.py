"""Draw what SCA sees: python tools/visualize_attention.py CONFIG CHECKPOINT
IMAGES..., see --help."""

from mmsca.apis.visualize_attention import visualize_attention
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(visualize_attention)
