"""Linear SVMs on VOC2007: python tools/voc_svm.py CONFIG CKPT VOC2007, see
--help."""

from mmsca.apis.voc_svm import voc_svm
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(voc_svm)
